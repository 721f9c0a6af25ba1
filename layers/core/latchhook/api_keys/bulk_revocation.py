"""Revoke many keys in one request, by filter or by id. A dry run only lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.finding import ANY_KEY, Search
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.pages import Page, Position

MAX_EXAMINED = 1_000
"""Keys that one request reads. The caller continues with the cursor."""

MAX_IDS = 1_000

Outcome = Literal["revoked", "would_be_revoked", "already_revoked", "not_matching", "not_found"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on keys. A key must meet every condition that is not None.

    An empty filter selects every key that is not revoked.
    """

    ids: Sequence[UUID] | None = None
    search: Search = ANY_KEY
    profile_id: UUID | None = None
    created_before: datetime | None = None

    def finds(self, key: ApiKey, now: datetime) -> bool:
        """Return whether the filter selects the key."""
        return (
            self.search.finds(key, now)
            and self.profile_id in (None, key.profile_id)
            and (self.created_before is None or key.created_at < self.created_before)
        )


@dataclass(frozen=True, slots=True)
class Revocation:
    """The result for one key."""

    key_id: UUID
    outcome: Outcome
    key: ApiKey | None
    """None if the account has no key with this id."""


class LiveKeys(Protocol):
    """Reads and revokes keys."""

    def live_page(self, account_id: str, *, limit: int, after: Position | None) -> Page[ApiKey]:
        """Return a page of the account's keys that are not revoked."""

    def read(self, account_id: str, key_ids: Sequence[UUID]) -> Sequence[ApiKey]:
        """Return the account's keys among these ids, strongly consistent."""

    def revoke_all(self, account_id: str, entries: Sequence[tuple[ApiKey, AuditEntry]]) -> None:
        """Revoke these keys, each in one transaction with its audit entry."""


@dataclass(frozen=True, slots=True)
class BulkRevoker:
    """Revokes the keys that a filter selects."""

    store: LiveKeys
    rng: Random

    def run(
        self, chosen: Filter, *, dry_run: bool, after: Position | None, origin: Origin
    ) -> tuple[Sequence[Revocation], Position | None]:
        """Revoke the selected keys. Return their results, and the position of the next page or None.

        With ids, each id has a result, in the order of the request.
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
    """Return the result for an id whose key this request does not revoke."""
    if key is None:
        return Revocation(key_id, "not_found", None)
    return Revocation(key_id, "already_revoked" if key.stored_status == "revoked" else "not_matching", key)
