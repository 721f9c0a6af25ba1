"""The table ApiKeys: create, list, change, rotate and revoke keys. api_key_items.py describes the item.

Indexes: `byAccount` (`accountId`, `createdAt`; also the attributes of a search), `liveByAccount` (`liveAccountId`,
`createdAt`; a revocation removes the attribute), `byDue` (`shard`, `dueAt`; only active keys with an expiry) and
`byUse` (`shard`, `usedSince`; only used keys). Counting a use writes none of the indexes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    KeyChangedError,
    TooManyKeysError,
    UnknownProfileError,
)
from latchhook.api_keys.finding import Search
from latchhook.api_keys.key_format import display_prefix, leading_characters
from latchhook.audit import AuditEntry
from latchhook.dependency_errors import ConflictRetriesExhaustedError
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import Page, Position
from latchhook.storage.account_items import fewer, some_more
from latchhook.storage.api_key_items import (
    RECORD,
    is_grant,
    new_item,
    primary_key,
    to_key,
)
from latchhook.storage.api_key_writes import key_change, key_put, revocation, secret_change
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import BATCH_GET_LIMIT, ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done
from latchhook.storage.key_index_items import ListedKey, listed_key, place_of, position_of
from latchhook.storage.profile_items import counted

MAX_EXAMINED = 2_000
"""Index entries that one search request reads. The next request continues with the cursor."""

MAX_READ = 500
"""Keys that one search request reads, if the index does not contain every compared field."""

MOST_KEYS = 10_000
"""The default limit of an account's keys that are not revoked."""

_COUNTER = "keys"
_SEARCHED_AT_ONCE = 500
_REVOKED_AT_ONCE = 30
"""Keys in one transaction of at most 100 writes: key, audit entry and sometimes profile for each, and one counter."""
_ADDED_AT_ONCE = 30


class ApiKeysTable:
    """Reads and writes API keys, without their uses. `text_prefix` is the deployment's `ApiKeyPrefix`.

    An account has at most `most_keys` keys that are not revoked. The transactions that add and revoke keys also change
    the counter in the account's item of counters (account_items.py).
    """

    def __init__(
        self, database: Database, *, table: str, text_prefix: str, audit: AuditItems, most_keys: int = MOST_KEYS
    ) -> None:
        self._database = database
        self._table = table
        self._text_prefix = text_prefix
        self._audit = audit
        self.most_keys = most_keys

    def add(
        self, key: ApiKey, key_hash: bytes, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        """Store a new key and its audit entry in one transaction.

        Raises `AlreadyCompletedError`, `TooManyKeysError` and `UnknownProfileError`.
        """
        writes = [{"Put": self._put(key, key_hash)}, self._audit.put(entry)]
        # Before the counter, so that a repeated request gets its result even if the account is full now.
        writes += idempotency_puts(self._audit.table, idempotency_key, entry)
        count_at = len(writes)
        writes += [self._more_keys(key.account_id, 1), *self._counted(key, 1)]
        try:
            self._database.transact(*writes)
        except ConditionFailedError as failed:
            raise_if_done(failed)
            if failed.position == 0:
                raise
            raise (TooManyKeysError if failed.position == count_at else UnknownProfileError) from None

    def add_all(self, account_id: str, new: Sequence[tuple[ApiKey, bytes, AuditEntry]]) -> Sequence[bool]:
        """Store keys, many per transaction. The result is False for an id that exists in any account.

        Raises `UnknownProfileError` and `TooManyKeysError`. Earlier transactions stay done.
        """
        added: list[bool] = []
        for start in range(0, len(new), _ADDED_AT_ONCE):
            some = new[start : start + _ADDED_AT_ONCE]
            ours = self._add_new(account_id, some)
            added += [key.id in ours for key, _, _ in some]
        return added

    def get(self, account_id: str, key_id: UUID) -> ApiKey:
        """Read one key of the account, strongly consistent. Raises `ApiKeyNotFoundError`."""
        item = self._database.get(self._table, primary_key(key_id))
        if item is None or item["accountId"] != account_id or is_grant(item):
            raise ApiKeyNotFoundError
        return to_key(item)

    def read(self, account_id: str, key_ids: Sequence[UUID]) -> Sequence[ApiKey]:
        """Return the account's keys among these ids, strongly consistent, in the order of the ids."""
        return [key for key in self._read([str(key_id) for key_id in key_ids]) if key.account_id == account_id]

    def of_all_accounts(self, key_ids: Iterable[UUID]) -> Mapping[UUID, ApiKey]:
        """Return the keys with these ids in all accounts, strongly consistent. The caller must check the account."""
        return {key.id: key for key in self._read(sorted({str(key_id) for key_id in key_ids}))}

    def page(
        self, account_id: str, *, limit: int, after: Position | None, search: Search, now: datetime
    ) -> Page[ApiKey]:
        """Return a page of the account's keys, newest first, with one query of the index and batch reads.

        A search reads at most `MAX_EXAMINED` index entries and `MAX_READ` keys. Its page may be short or empty without
        being the last page.
        """
        if not search:
            found = self._query("byAccount", "accountId", account_id, limit=limit + 1, after=after)
            more = len(found) > limit
            keys = self._read([item["id"] for item in found[:limit]])
            return Page(tuple(keys), position_of(found[limit - 1]) if more else None)
        if search.needs_keys:
            return self._searched_in_keys(account_id, limit, after, search, now)
        entries, end = self._searched(account_id, limit, after, search, now)
        keys = self._read([str(entry.id) for entry in entries])
        return Page(tuple(key for key in keys if search.finds(key, now)), end)

    def newest_live(self, account_id: str, *, limit: int) -> tuple[ApiKey, ...]:
        """Return at most `limit` of the account's keys that are not revoked, newest first."""
        return self.live_page(account_id, limit=limit, after=None).items

    def live_page(self, account_id: str, *, limit: int, after: Position | None) -> Page[ApiKey]:
        """Return a page of the account's keys that are not revoked, newest first."""
        found = self._query("liveByAccount", "liveAccountId", account_id, limit=limit + 1, after=after)
        keys = self._read([item["id"] for item in found[:limit]])
        live = tuple(key for key in keys if key.stored_status != "revoked")
        return Page(live, position_of(found[limit - 1]) if len(found) > limit else None)

    def replace(self, before: ApiKey, after: ApiKey, entry: AuditEntry) -> None:
        """Replace a key's settings, in one transaction with the audit entry. The attributes that uses change are kept.

        Raises `KeyChangedError` if the stored key differs from `before`, and `UnknownProfileError`.
        """
        writes = [{"Update": key_change(self._table, before, after)}, self._audit.put(entry)]
        if after.profile_id != before.profile_id:
            writes += [*self._counted(after, 1), *self._counted(before, -1)]
        try:
            self._database.transact(*writes)
        except ConditionFailedError as failed:
            raise (KeyChangedError if failed.position == 0 else UnknownProfileError) from None

    def replace_secret(
        self,
        key: ApiKey,
        *,
        key_hash: bytes,
        previous_until: datetime,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
        kept_hash: bytes | None = None,
    ) -> ApiKey:
        """Make `key_hash` the current secret. One other secret works until `previous_until`. Older secrets end now.

        The other secret is the current one, or `kept_hash`, which must be the hash of a working secret.

        Raises `KeyChangedError` if the stored key differs from `key`, and `AlreadyCompletedError`.
        """
        update = secret_change(self._table, key, key_hash, previous_until, entry.origin.at, kept_hash)
        idempotency_records = idempotency_puts(self._audit.table, idempotency_key, entry, previous_until)
        try:
            self._database.transact({"Update": update}, self._audit.put(entry), *idempotency_records)
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise KeyChangedError from None
        return replace(
            key,
            updated_at=entry.origin.at,
            rotated_at=entry.origin.at,
            version=key.version + 1,
            prefix=display_prefix(self._text_prefix, key.id),
            key_prefix=leading_characters(self._text_prefix, key.id),
        )

    def revoke(self, account_id: str, key_id: UUID, entry: AuditEntry) -> None:
        """Revoke a key. A revoked key is not changed.

        A key with a profile needs a second transaction, which also decreases the profile's count of keys. Raises
        `ApiKeyNotFoundError`.
        """
        profile_id: str | None = None
        gone: str | None = None
        while True:
            writes = [revocation(self._table, account_id, key_id, profile_id, entry), self._audit.put(entry)]
            writes.append(fewer(self._audit.table, account_id, _COUNTER, 1))
            if profile_id is not None and profile_id != gone:
                writes.append(counted(self._audit.table, account_id, UUID(profile_id), -1))
            try:
                return self._database.transact(*writes)
            except ConditionFailedError as failed:
                if failed.position:
                    # A profile in use cannot be deleted. If it is missing nevertheless, its keys can still be revoked.
                    gone = profile_id
                    continue
                if failed.item is None or failed.item.get("accountId") != account_id or is_grant(failed.item):
                    raise ApiKeyNotFoundError from None
                if failed.item["status"] == "revoked":
                    return None
                if failed.item.get("profileId") == profile_id:
                    raise ApiKeyRevokedError from None
                profile_id = failed.item.get("profileId")

    def revoke_all(self, account_id: str, entries: Sequence[tuple[ApiKey, AuditEntry]]) -> None:
        """Revoke keys, many per transaction. After a conflict, revoke the keys of the transaction one by one.

        A key with too many conflicts does not stop the others: `ConflictRetriesExhaustedError` is raised at the end.
        """
        contended: ConflictRetriesExhaustedError | None = None
        for start in range(0, len(entries), _REVOKED_AT_ONCE):
            some = entries[start : start + _REVOKED_AT_ONCE]
            try:
                self._revoke_together(account_id, some)
            except (ConditionFailedError, ConflictRetriesExhaustedError):
                contended = self._revoke_each(account_id, some) or contended
        if contended is not None:
            raise contended

    def _revoke_each(
        self, account_id: str, entries: Sequence[tuple[ApiKey, AuditEntry]]
    ) -> ConflictRetriesExhaustedError | None:
        contended = None
        for key, entry in entries:
            try:
                self.revoke(account_id, key.id, entry)
            except ConflictRetriesExhaustedError as error:
                contended = error
        return contended

    def _revoke_together(self, account_id: str, entries: Sequence[tuple[ApiKey, AuditEntry]]) -> None:
        writes: list[dict[str, Any]] = []
        profiles: dict[UUID, int] = {}
        for key, entry in entries:
            profile_id = None if key.profile_id is None else str(key.profile_id)
            writes += [revocation(self._table, account_id, key.id, profile_id, entry), self._audit.put(entry)]
            if key.profile_id is not None:
                profiles[key.profile_id] = profiles.get(key.profile_id, 0) - 1
        writes.append(fewer(self._audit.table, account_id, _COUNTER, len(entries)))
        writes += [counted(self._audit.table, account_id, one, change) for one, change in profiles.items()]
        self._database.transact(*writes)

    def _put(self, key: ApiKey, key_hash: bytes) -> dict[str, Any]:
        return key_put(self._table, new_item(key, key_hash, self._text_prefix))

    def _add_new(self, account_id: str, new: Sequence[tuple[ApiKey, bytes, AuditEntry]]) -> set[UUID]:
        """Store the keys that do not exist yet. Return their ids."""
        while new:
            try:
                self._add_together(account_id, new)
                break
            except ConditionFailedError as failed:
                # Each key is two writes. The counter of keys and the counts of the profiles follow.
                there = {at // 2 for at in failed.positions if at < 2 * len(new)}
                if not there:
                    is_full = failed.position == 2 * len(new)
                    raise (TooManyKeysError if is_full else UnknownProfileError) from None
                new = [one for at, one in enumerate(new) if at not in there]
        return {key.id for key, _, _ in new}

    def _add_together(self, account_id: str, new: Sequence[tuple[ApiKey, bytes, AuditEntry]]) -> None:
        writes: list[dict[str, Any]] = []
        profiles: dict[UUID, int] = {}
        for key, key_hash, entry in new:
            writes += [
                {"Put": self._put(key, key_hash)},
                self._audit.put(entry),
            ]
            if key.profile_id is not None:
                profiles[key.profile_id] = profiles.get(key.profile_id, 0) + 1
        writes.append(self._more_keys(account_id, len(new)))
        writes += [counted(self._audit.table, account_id, one, change) for one, change in profiles.items()]
        self._database.transact(*writes)

    def _more_keys(self, account_id: str, count: int) -> dict[str, Any]:
        return some_more(self._audit.table, account_id, _COUNTER, count, limit=self.most_keys)

    def _counted(self, key: ApiKey, change: int) -> list[dict[str, Any]]:
        if key.profile_id is None:
            return []
        return [counted(self._audit.table, key.account_id, key.profile_id, change)]

    def _searched(
        self, account_id: str, limit: int, after: Position | None, search: Search, now: datetime
    ) -> tuple[list[ListedKey], Position | None]:
        found: list[ListedKey] = []
        for _ in range(0, MAX_EXAMINED, _SEARCHED_AT_ONCE):
            items = self._query("byAccount", "accountId", account_id, limit=_SEARCHED_AT_ONCE, after=after)
            for item in items:
                entry = listed_key(item, self._text_prefix)
                if search.may_find(entry, now):
                    if len(found) == limit:
                        return found, found[-1].position
                    found.append(entry)
            if len(items) < _SEARCHED_AT_ONCE:
                return found, None
            after = position_of(items[-1])
        return found, after

    def _searched_in_keys(
        self, account_id: str, limit: int, after: Position | None, search: Search, now: datetime
    ) -> Page[ApiKey]:
        """Return a page of a search that compares fields outside the index: it reads the keys that may match."""
        found: list[ApiKey] = []
        entries, end = self._searched(account_id, MAX_READ, after, search, now)
        for start in range(0, len(entries), BATCH_GET_LIMIT):
            some = entries[start : start + BATCH_GET_LIMIT]
            keys = {key.id: key for key in self._read([str(entry.id) for entry in some])}
            for entry in some:
                key = keys.get(entry.id)
                if key is None or not search.finds(key, now):
                    continue
                found.append(key)
                if len(found) == limit:
                    return Page(tuple(found), end if entry is entries[-1] else entry.position)
        return Page(tuple(found), end)

    def _query(
        self, index: str, attribute: str, account_id: str, *, limit: int, after: Position | None
    ) -> list[dict[str, Any]]:
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": f"{attribute} = :account",
            "ExpressionAttributeValues": {":account": {"S": account_id}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            arguments["ExclusiveStartKey"] = to_item({attribute: account_id, **place_of(after), "record": RECORD})
        return [from_item(item) for item in self._database.query(**arguments)["Items"]]

    def _read(self, ids: Sequence[str]) -> list[ApiKey]:
        keys: dict[str, ApiKey] = {}
        for start in range(0, len(ids), BATCH_GET_LIMIT):
            wanted = [primary_key(key_id) for key_id in ids[start : start + BATCH_GET_LIMIT]]
            for item in self._database.batch_get({self._table: wanted}):
                if not is_grant(item):
                    keys[item["id"]] = to_key(item)
        return [keys[key_id] for key_id in ids if key_id in keys]
