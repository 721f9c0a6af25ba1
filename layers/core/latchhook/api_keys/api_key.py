"""An API key as everyone but its holder sees it: settings, state and counts, never the secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Status = Literal["active", "revoked", "expired", "disabled"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. Times are aware and in UTC; `expires_at` is the first moment at which the key is refused."""

    id: UUID
    account_id: str
    user_id: str
    """Who created it: a user's id, or the id of the key that did."""
    name: str
    description: str | None
    prefix: str
    key_prefix: str
    scopes: tuple[str, ...]
    stored_status: Status
    """What the store says; the sweep writes `expired` some minutes late, `status_at` does not wait for it."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    daily_requests: Mapping[str, int]
    """Accepted requests by UTC day, `YYYYMMDD`."""
    metadata: Mapping[str, Any]

    def status_at(self, now: datetime) -> Status:
        """The status at `now`: an active key is expired from the very second of `expires_at`."""
        if self.stored_status == "active" and self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return self.stored_status

    def request_count_at(self, now: datetime) -> int:
        """Accepted requests in the billing period that holds `now`, a calendar month in UTC (contracts.md)."""
        month = now.strftime("%Y%m")
        return sum(count for day, count in self.daily_requests.items() if day.startswith(month))
