"""Who did what, to what, from where: the record that stands in one transaction with each change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID, uuid5

from latchhook.identity.caller import Caller

REFUSED = "request.refused"
"""The action of an attempt that was refused to a known caller."""

_REFUSALS = UUID("0b2c5a0e-6f43-4c0c-9d0e-5a7d3f1e8b62")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change came from: who asked, from which address, in which request, and when."""

    caller: Caller
    source_ip: str
    """Empty where nobody called: sweeps and scanners."""
    request_id: str
    """Empty where there was no request."""
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, one reading of a secret or one refused attempt, in an account. It never holds a secret."""

    id: UUID
    account_id: str
    action: str
    """What was done, as `thing.verb`: `api_key.created`, `webhook.secret_read`."""
    target_id: str
    origin: Origin
    details: Mapping[str, Any] = field(default_factory=dict)
    """What else a reader needs to know: small, JSON, and no secret."""


def new_entry(
    origin: Origin, action: str, target_id: UUID | str, *, rng: Random, details: Mapping[str, Any] | None = None
) -> AuditEntry:
    """An entry for something done in the account that the caller acts for."""
    entry_id = UUID(int=rng.getrandbits(128), version=4)
    return AuditEntry(entry_id, origin.caller.account_id, action, str(target_id), origin, details or {})


def refused_entry(origin: Origin, *, route: str, code: str) -> AuditEntry:
    """An entry for an attempt that was refused, in the account that the caller acts for; that is its target, too.

    One caller's attempts at one route, refused for one reason, are one entry a minute, dated at its beginning: the same
    id, and so the same item, however often somebody tries.
    """
    by = origin.caller
    minute = origin.at.replace(second=0, microsecond=0)
    name = "\n".join([by.account_id, by.kind, by.actor_id, route, code, minute.isoformat()])
    return AuditEntry(
        uuid5(_REFUSALS, name),
        by.account_id,
        REFUSED,
        by.account_id,
        replace(origin, at=minute),
        {"route": route, "code": code},
    )
