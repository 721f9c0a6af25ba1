"""Entries of the audit log as a reader gets them, and the reader's filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One stored entry of the audit log."""

    id: UUID
    account_id: str
    action: str
    target_id: str
    actor_kind: str
    actor_id: str
    source_ip: str
    """Empty for scheduled jobs and scanners."""
    request_id: str
    """Empty if there was no request."""
    occurred_at: datetime
    details: Mapping[str, Any]
    is_operator: bool = False
    """Whether the operator acted for the account."""
    acting_user_id: str | None = None
    """The user that the operator named, if any."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The conditions on entries. An entry must meet every condition that is not None."""

    action: str | None = None
    """An action, or the beginning of actions with `.*`: `api_key.*`."""
    actor_id: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    """The start of the time range, included, in milliseconds."""
    until: datetime | None = None
    """The end of the time range, excluded."""
