"""Who did what, to what, from where: the record that stands in one transaction with each change."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from latchhook.identity.caller import Caller


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change came from: who asked, from which address, in which request, and when."""

    caller: Caller
    source_ip: str
    request_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, or one reading of a secret, in an account. It never holds a secret."""

    id: UUID
    account_id: str
    action: str
    """What was done, as `thing.verb`: `api_key.created`, `webhook.secret_read`."""
    target_id: str
    origin: Origin


def new_entry(origin: Origin, action: str, target_id: UUID, *, rng: Random) -> AuditEntry:
    """An entry for something done in the account that the caller acts for."""
    entry_id = UUID(int=rng.getrandbits(128), version=4)
    return AuditEntry(entry_id, origin.caller.account_id, action, str(target_id), origin)
