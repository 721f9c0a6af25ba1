"""Revoking many keys at once: those that a filter finds, or those that are named; or only saying which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.finding import Search
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.pages import Page, Position

MAX_EXAMINED = 1_000
"""Keys that one request looks at; a longer account is gone through by cursor."""

MAX_IDS = 1_000

Outcome = Literal["revoked", "would_be_revoked", "already_revoked", "not_matching", "not_found"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which keys: what is not None must hold, all of it. Without anything it is every key that is not revoked."""

    ids: Sequence[UUID] | None = None
    status: Status | None = None
    search: str | None = None
    profile_id: UUID | None = None
    scope: str | None = None
    """A scope or wildcard that the key was given, by that very name."""
    user_id: str | None = None
    created_before: datetime | None = None
    unused_since: datetime | None = None
    """Neither used nor made at or after that moment."""

    def finds(self, key: ApiKey, now: datetime) -> bool:
        """Whether it finds a key."""
        return (
            Search(self.status, self.search).finds(key, now)
            and self.profile_id in (None, key.profile_id)
            and (self.scope is None or self.scope in key.scopes)
            and self.user_id in (None, key.user_id)
            and (self.created_before is None or key.created_at < self.created_before)
            and (self.unused_since is None or (key.last_used_at or key.created_at) < self.unused_since)
        )


@dataclass(frozen=True, slots=True)
class Revocation:
    """What became of one key."""

    key_id: UUID
    outcome: Outcome
    key: ApiKey | None
    """None if there is no such key."""


class LiveKeys(Protocol):
    """Where keys are kept."""

    def live_page(self, account_id: str, *, limit: int, after: Position | None) -> Page[ApiKey]:
        """A page of the account's keys that are not revoked."""

    def read(self, account_id: str, key_ids: Sequence[UUID]) -> Sequence[ApiKey]:
        """Those of the named keys that are the account's, strongly consistent."""

    def revoke_all(self, account_id: str, entries: Sequence[tuple[ApiKey, AuditEntry]]) -> None:
        """Revokes these keys, each in one transaction with its entry."""


@dataclass(frozen=True, slots=True)
class BulkRevoker:
    """Revokes what a filter finds."""

    store: LiveKeys
    rng: Random

    def run(
        self, chosen: Filter, *, dry_run: bool, after: Position | None, origin: Origin
    ) -> tuple[Sequence[Revocation], Position | None]:
        """What became of the keys that were found, and where to go on; all is done when that is None.

        Keys that are named by id each have a result, in the order of the request.
        """
        account_id = origin.caller.account_id
        if chosen.ids is not None:
            page = Page(tuple(self.store.read(account_id, tuple(dict.fromkeys(chosen.ids)))), None)
        else:
            page = self.store.live_page(account_id, limit=MAX_EXAMINED, after=after)
        found = [key for key in page.items if key.stored_status != "revoked" and chosen.finds(key, origin.at)]
        if not dry_run:
            self.store.revoke_all(
                account_id, [(key, new_entry(origin, "api_key.revoked", key.id, rng=self.rng)) for key in found]
            )
        outcome: Outcome = "would_be_revoked" if dry_run else "revoked"
        results = {key.id: Revocation(key.id, outcome, key) for key in found}
        if chosen.ids is None:
            return list(results.values()), page.after
        known = {key.id: key for key in page.items}
        return [
            results.get(key_id) or _not_revoked(key_id, known.get(key_id)) for key_id in dict.fromkeys(chosen.ids)
        ], page.after


def _not_revoked(key_id: UUID, key: ApiKey | None) -> Revocation:
    """The result for a named key that this request does not revoke."""
    if key is None:
        return Revocation(key_id, "not_found", None)
    return Revocation(key_id, "already_revoked" if key.stored_status == "revoked" else "not_matching", key)
