"""Audit entries. Each change and its audit entry are one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID, uuid5

from latchhook.identity.caller import Caller

REFUSED = "request.refused"
"""The action of a refused request (403) of an authenticated caller."""

_REFUSALS = UUID("0b2c5a0e-6f43-4c0c-9d0e-5a7d3f1e8b62")


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a change: caller, address, request and time."""

    caller: Caller
    source_ip: str
    """Empty for scheduled jobs and scanners."""
    request_id: str
    """Empty if there was no request."""
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, one read of a secret, or one refused request in an account. It never contains a secret."""

    id: UUID
    account_id: str
    action: str
    """The action as `object.verb`: `api_key.created`, `webhook.secret_read`."""
    target_id: str
    origin: Origin
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further information: small, JSON, without secrets."""


def new_entry(
    origin: Origin, action: str, target_id: UUID | str, *, rng: Random, details: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Create an entry for an action in the caller's account."""
    entry_id = UUID(int=rng.getrandbits(128), version=4)
    return AuditEntry(entry_id, origin.caller.account_id, action, str(target_id), origin, details or {})


def refused_entry(origin: Origin, *, route: str, code: str) -> AuditEntry:
    """Create an entry for a refused request in the caller's account. Its target is the account.

    Refusals of one caller on one route for one reason share one entry per minute, dated at the start of the minute.
    They have the same id and therefore the same item.
    """
    by = origin.caller
    minute = origin.at.replace(second=0, microsecond=0)
    name = "\n".join([by.account_id, by.kind, by.actor_id, by.acting_user_id or "", route, code, minute.isoformat()])
    return AuditEntry(
        uuid5(_REFUSALS, name),
        by.account_id,
        REFUSED,
        by.account_id,
        replace(origin, at=minute),
        {"route": route, "code": code},
    )
