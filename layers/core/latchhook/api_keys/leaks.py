"""Exposed keys: find the key of a text that was found in public, and take the action that its account chose."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID, uuid5

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.api_keys.ports import PresentedKeys, ReplaceableKeys, RevocableKeys
from latchhook.api_keys.verification import KeyQuery, Refusal
from latchhook.audit import AuditEntry, Origin
from latchhook.identity import caller
from latchhook.optimistic_locking import retry_on_conflict

Action = Literal["tell", "disable", "revoke"]

DEFAULT_ACTION: Action = "disable"
"""The action for an account that has not chosen one. An exposed key must stop working, and disabling can be undone."""

EXPOSED = "api_key.exposed"
MAX_URL_LENGTH = 2_000
MAX_SOURCE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Leak:
    """A text that may be a key, and its location as the reporter describes it: printable, of any length."""

    text: str = field(repr=False)
    url: str = field(repr=False)
    source: str
    """The kind of location: `content`, `commit`, `issue_comment`, ..."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """The reporter as the audit log names it, with address, request and time."""

    name: str
    source_ip: str
    request_id: str
    at: datetime


class KeyChanges(ReplaceableKeys, RevocableKeys, Protocol):
    """Changes and revokes keys."""


class LeakRecords(Protocol):
    """The accounts' chosen actions, and the exposures that are already reported to them."""

    def standing(self, account_id: str, exposure_id: UUID) -> tuple[Action | None, bool]:
        """Return the account's chosen action or None, and whether this exposure is already reported to it."""

    def tell(self, entry: AuditEntry) -> None:
        """Write the audit entry and mark its exposure as reported. Repeating it has no effect."""

    def remember(self, entry: AuditEntry) -> None:
        """Mark the exposure as reported. Its audit entry is already written."""


@dataclass(frozen=True, slots=True)
class LeakedKeys:
    """Handles reports of exposed keys. One secret at one URL is one exposure, however often it is reported."""

    reads: PresentedKeys
    changes: KeyChanges
    records: LeakRecords
    prefix: str
    rng: Random

    def deal_with(self, leak: Leak, reporter: Reporter) -> bool:
        """Take the account's chosen action if the text is a usable key. Return whether it is or was a key.

        Raises `DependencyUnavailableError`. The call can be repeated after any failure.
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
            # The account may have enabled the key again since the report. Its decision stays.
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
        # After a crash here, a repeated report writes the entry twice with one id, and publishes one event.
        self.records.remember(entry)

    def _entry(self, key: ApiKey, key_hash: bytes, leak: Leak, reporter: Reporter) -> AuditEntry:
        """Create the audit entry. Its id is computed from the secret and the URL."""
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
        """Replace possible key texts in a reporter's text, because it is stored and sent to webhooks."""
        return re.sub(f"{re.escape(self.prefix)}[0-9A-Za-z]{{{key_format.BODY_LENGTH}}}", "[key]", text)


def _is_exposed(look_up: Refusal, now: datetime) -> bool:
    """Return whether the secret works, or would work if its disabled key were enabled."""
    if look_up.key.status_at(now) not in ("active", "disabled"):
        return False
    ends_at = look_up.previous_ends_at
    return look_up.secret == "current" or (ends_at is not None and ends_at > now)  # noqa: S105
