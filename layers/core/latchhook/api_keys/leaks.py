"""Keys that were found where everybody can read them: whose they are, and what their account wants done about it."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID, uuid5

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.api_keys.verification import KeyQuery, Refusal
from latchhook.audit import AuditEntry, Origin
from latchhook.identity import caller
from latchhook.optimistic_locking import retry_on_conflict

Action = Literal["tell", "disable", "revoke"]

DEFAULT_ACTION: Action = "disable"
"""What is done for an account that has not chosen: a leaked key must stop, and disabling can be undone."""

EXPOSED = "api_key.exposed"
MAX_URL_LENGTH = 2_000
MAX_SOURCE_LENGTH = 100

"""How often a key is read again that others change at the same moment."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A text that may be a key, and where it was found, in the reporter's words: printable, of any length."""

    text: str = field(repr=False)
    url: str = field(repr=False)
    source: str
    """What kind of place that is: `content`, `commit`, `issue_comment`, ..."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, as the audit log names it, from where, in which request, and when."""

    name: str
    source_ip: str
    request_id: str
    at: datetime


class KeyReads(Protocol):
    """Where the secrets of keys are."""

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """The key as it stands and which of its secrets was presented; None where no such key exists."""


class KeyChanges(Protocol):
    """Where keys are changed; each change stands in one transaction with its audit entry."""

    def replace(self, before: ApiKey, after: ApiKey, entry: AuditEntry) -> None:
        """Stores a key's new settings; raises `KeyChangedError` if it is not as `before` any more."""

    def revoke(self, account_id: str, key_id: UUID, entry: AuditEntry) -> None:
        """Revokes the key, once."""


class LeakRecords(Protocol):
    """What accounts want done about leaked keys, and which leaks they have been told of."""

    def standing(self, account_id: str, exposure_id: UUID) -> tuple[Action | None, bool]:
        """What the account has chosen, None if nothing, and whether it has been told of this exposure."""

    def tell(self, entry: AuditEntry) -> None:
        """Records the entry together with the fact that the account has been told of it; once."""

    def remember(self, entry: AuditEntry) -> None:
        """Records that the account has been told of it by an entry that stands in its audit log already."""


@dataclass(frozen=True, slots=True)
class LeakedKeys:
    """Deals with leaks. One secret at one address is one exposure, however often and by whomever it is reported."""

    reads: KeyReads
    changes: KeyChanges
    records: LeakRecords
    prefix: str
    rng: Random

    def deal_with(self, leak: Leak, reporter: Reporter) -> bool:
        """Whether the text is a key of ours, or was; one that could be used is stopped, or not, as its account wants.

        Raises `DependencyUnavailableError`; whatever stopped it, it can be done again.
        """
        try:
            key_id = key_format.parse_key_text(self.prefix, leak.text)
        except MalformedKeyError:
            return False
        query = KeyQuery(key_id, key_format.hash_key_text(leak.text), reporter.at)

        def stop() -> bool:
            look_up = self.reads.look_up(query)
            if look_up is None or look_up.secret == "unknown":  # noqa: S105
                return False
            if _is_exposed(look_up, reporter.at):
                self._expose(look_up.key, self._entry(look_up.key, query.key_hash, leak, reporter))
            return True

        return retry_on_conflict(stop, rng=self.rng)

    def _expose(self, key: ApiKey, entry: AuditEntry) -> None:
        chosen, is_told = self.records.standing(key.account_id, entry.id)
        if is_told:
            # Also of a key that the account has enabled again since: it has decided.
            return
        action = chosen or DEFAULT_ACTION
        entry = replace(entry, details={"exposure": {**entry.details["exposure"], "action": action}})
        if action == "revoke":
            self.changes.revoke(key.account_id, key.id, entry)
        elif action == "disable" and key.stored_status == "active":
            disabled = replace(key, stored_status="disabled", updated_at=entry.origin.at, version=key.version + 1)
            self.changes.replace(key, disabled, entry)
        else:
            self.records.tell(entry)
            return
        # A crash right here, and the same report again: then the entry stands there twice under one id, and the event
        # that comes of it is one.
        self.records.remember(entry)

    def _entry(self, key: ApiKey, key_hash: bytes, leak: Leak, reporter: Reporter) -> AuditEntry:
        """What the audit log says of it; its id is made of the secret and the address."""
        url = self._without_keys(leak.url)[:MAX_URL_LENGTH]
        source = self._without_keys(leak.source)[:MAX_SOURCE_LENGTH]
        return AuditEntry(
            id=uuid5(key.id, f"{key_hash.hex()} {url}"),
            account_id=key.account_id,
            action=EXPOSED,
            target_id=str(key.id),
            origin=Origin(
                caller.system(key.account_id, reporter.name), reporter.source_ip, reporter.request_id, reporter.at
            ),
            details={"exposure": {"url": url, "source": source}},
        )

    def _without_keys(self, text: str) -> str:
        """A text from outside without what can be a key: it is kept, and goes to webhooks."""
        return re.sub(f"{re.escape(self.prefix)}[0-9A-Za-z]{{{key_format.BODY_LENGTH}}}", "[key]", text)


def _is_exposed(look_up: Refusal, now: datetime) -> bool:
    """Whether the secret opens something, or would if its key were enabled again."""
    if look_up.key.status_at(now) not in ("active", "disabled"):
        return False
    ends_at = look_up.previous_ends_at
    return look_up.secret == "current" or (ends_at is not None and ends_at > now)  # noqa: S105
