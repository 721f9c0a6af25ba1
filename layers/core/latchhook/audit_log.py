"""The audit log as it is read: entries as they are kept, and which of them a reader wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry as the log has it."""

    id: UUID
    account_id: str
    action: str
    target_id: str
    actor_kind: str
    actor_id: str
    source_ip: str
    """Empty where nobody called."""
    request_id: str
    """Empty where there was no request."""
    occurred_at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries a reader wants: those that meet all that is given."""

    action: str | None = None
    """An action, or the beginning of some and `.*`: `api_key.*`."""
    actor_id: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    """The first moment, to the millisecond."""
    until: datetime | None = None
    """The first moment that is not wanted any more."""
