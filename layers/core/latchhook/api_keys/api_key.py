"""An API key without its secret: settings, state and counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from latchhook.api_keys.billing import CALENDAR_MONTH, BillingDay
from latchhook.api_keys.limits import Credits
from latchhook.rates import RateLimit, RateStanding

Status = Literal["active", "revoked", "expired", "disabled"]

MAX_RESOURCE_LENGTH = 2_048
"""Characters of the URL of an API for which an OAuth token is."""

CredentialKind = Literal["api_key", "oauth_token"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. Times are aware and in UTC; `expires_at` is the first moment at which the key is refused."""

    id: UUID
    account_id: str
    user_id: str
    """The user who created it. If a key created it, that key's user."""
    name: str
    description: str | None
    prefix: str
    key_prefix: str
    scopes: tuple[str, ...]
    stored_status: Status
    """The status in the table. The scheduled job writes `expired` some minutes late. `status_at` is exact."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    rotated_at: datetime | None = None
    """The time of the last rotation."""
    other_owner_id: str | None = None
    """The user who owns the key, if it is not the creator."""
    follows_owner: bool = False
    """Whether the rights of the key are limited to the current rights of its owner, a member of the account."""
    profile_id: UUID | None = None
    rate_limit: RateLimit | None = None
    rate_full_at_micros: int = 0
    """The theoretical arrival time of the rate limit. See `RateStanding`."""
    removed_rate_step_micros: int | None = None
    """The step of a rate limit that was removed. Its uses still count if the key gets another limit."""
    credits: Credits | None = None
    ip_allow_list: tuple[str, ...] = ()
    daily_requests: Mapping[str, int] = field(default_factory=dict)
    """Accepted uses by UTC day, `YYYYMMDD`. Contains at least the current month and the current billing period."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    limit_notified: bool = False
    """Whether `api_key.limit_reached` is recorded for the current credits, or is not needed."""
    version: int = 0
    """Number of changes by callers and scheduled jobs. Uses do not change it."""
    client_id: UUID | None = None
    """The OAuth client, if this is an OAuth grant. The secret is then an access token, and `id` is the grant's id."""
    resource: str | None = None
    """The API for which the tokens of the grant are (RFC 8707). None for every API."""

    @property
    def kind(self) -> CredentialKind:
        """Whether the secret is an API key or an OAuth access token."""
        return "api_key" if self.client_id is None else "oauth_token"

    def is_for(self, audience: str | None) -> bool:
        """Return whether the API `audience` may accept the credential. None does not name an API."""
        if audience is None or self.resource is None:
            return True
        return self.resource in (audience.rstrip("/"), audience.rstrip("/") + "/")

    @property
    def owner_user_id(self) -> str:
        """The user who owns the key."""
        return self.user_id if self.other_owner_id is None else self.other_owner_id

    @property
    def followed_user_id(self) -> str | None:
        """The owner that the key follows. None for a key that follows no owner."""
        return self.owner_user_id if self.follows_owner else None

    def status_at(self, now: datetime) -> Status:
        """The status at `now`. An active key is expired from `expires_at` on."""
        if self.stored_status == "active" and self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return self.stored_status

    def request_count_at(self, now: datetime, billing: BillingDay = CALENDAR_MONTH) -> int:
        """Accepted uses in the billing period of `now`."""
        first, end = f"{billing.start(now):%Y%m%d}", f"{billing.end(now):%Y%m%d}"
        return sum(count for day, count in self.daily_requests.items() if first <= day < end)

    def has_unreported_limit(self, now: datetime) -> bool:
        """Return whether the last credit is spent and `api_key.limit_reached` is not recorded."""
        return self.credits is not None and not self.credits.remaining(now) and not self.limit_notified

    @property
    def rate(self) -> RateStanding | None:
        """The state of the key's rate limit. None without a rate limit."""
        return None if self.rate_limit is None else RateStanding(self.rate_limit, self.rate_full_at_micros)
