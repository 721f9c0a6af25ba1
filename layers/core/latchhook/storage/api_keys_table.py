"""The table ApiKeys: create, list, change, rotate and revoke keys. api_key_items.py describes the item.

Indexes: `byAccount` (`accountId`, `createdAt`; also the attributes of a search), `liveByAccount` (`liveAccountId`,
`createdAt`; a revocation removes the attribute), `byDue` (`shard`, `dueAt`; only active keys with an expiry) and
`byUse` (`shard`, `usedSince`; only used keys). Counting a use writes none of the indexes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey, Status
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
from latchhook.clock import from_millis, to_millis
from latchhook.dependency_errors import ConflictRetriesExhaustedError
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.account_items import fewer, some_more
from latchhook.storage.api_key_items import (
    RECORD,
    due_attributes,
    moment,
    new_item,
    primary_key,
    settings_attributes,
    starting_attributes,
    to_key,
)
from latchhook.storage.attributes import from_item, to_attribute, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import BATCH_GET_LIMIT, ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done
from latchhook.storage.profile_items import counted

MAX_EXAMINED = 2_000
"""Index entries that one search request reads. The next request continues with the cursor."""

MOST_KEYS = 10_000
"""The default limit of an account's keys that are not revoked."""

_COUNTER = "keys"
_SEARCHED_AT_ONCE = 500
_REVOKED_AT_ONCE = 30
"""Keys in one transaction of at most 100 writes: key, audit entry and sometimes profile for each, and one counter."""
_ADDED_AT_ONCE = 30


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key as the index `byAccount` contains it."""

    id: UUID
    name: str
    prefix: str
    stored_status: Status
    expires_at: datetime | None
    position: Position

    def status_at(self, now: datetime) -> Status:
        over = self.expires_at is not None and self.expires_at <= now
        return "expired" if self.stored_status == "active" and over else self.stored_status


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
        if item is None or item["accountId"] != account_id:
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

        A search reads at most `MAX_EXAMINED` index entries. Its page may be short or empty without being the last page.
        """
        if not search:
            found = self._query("byAccount", "accountId", account_id, limit=limit + 1, after=after)
            more = len(found) > limit
            keys = self._read([item["id"] for item in found[:limit]])
            return Page(tuple(keys), _position(found[limit - 1]) if more else None)
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
        return Page(live, _position(found[limit - 1]) if len(found) > limit else None)

    def replace(self, before: ApiKey, after: ApiKey, entry: AuditEntry) -> None:
        """Replace a key's settings, in one transaction with the audit entry. The attributes that uses change are kept.

        Raises `KeyChangedError` if the stored key differs from `before`, and `UnknownProfileError`.
        """
        was, new = settings_attributes(before), settings_attributes(after)
        changes = {name: value for name, value in new.items() if value != was[name]}
        if after.credits != before.credits:
            changes |= _changed_credits(before, after)
        if (after.expires_at, after.stored_status) != (before.expires_at, before.stored_status):
            changes |= due_attributes(after)
        writes = [{"Update": self._changes(before, after, changes)}, self._audit.put(entry)]
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
        now = entry.origin.at
        kept = "secretHash" if kept_hash is None else ":kept"
        update = {
            "TableName": self._table,
            "Key": primary_key(key.id),
            "UpdateExpression": (
                f"SET previousHash = {kept}, previousUntil = :until, secretHash = :hash, updatedAt = :now,"
                " version = version + :one REMOVE shownPrefix"
            ),
            "ConditionExpression": "accountId = :account AND version = :version",
            "ExpressionAttributeValues": to_item(
                {
                    ":account": key.account_id,
                    ":version": key.version,
                    ":until": to_millis(previous_until),
                    ":hash": key_hash,
                    ":kept": kept_hash,
                    ":now": to_millis(now),
                    ":one": 1,
                }
            ),
        }
        idempotency_records = idempotency_puts(self._audit.table, idempotency_key, entry, previous_until)
        try:
            self._database.transact({"Update": update}, self._audit.put(entry), *idempotency_records)
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise KeyChangedError from None
        return replace(
            key,
            updated_at=now,
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
            writes = [self._revocation(account_id, key_id, profile_id, entry), self._audit.put(entry)]
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
                if failed.item is None or failed.item.get("accountId") != account_id:
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
            writes += [self._revocation(account_id, key.id, profile_id, entry), self._audit.put(entry)]
            if key.profile_id is not None:
                profiles[key.profile_id] = profiles.get(key.profile_id, 0) - 1
        writes.append(fewer(self._audit.table, account_id, _COUNTER, len(entries)))
        writes += [counted(self._audit.table, account_id, one, change) for one, change in profiles.items()]
        self._database.transact(*writes)

    def _revocation(self, account_id: str, key_id: UUID, profile_id: str | None, entry: AuditEntry) -> dict[str, Any]:
        same = "attribute_not_exists(profileId)" if profile_id is None else "profileId = :profile"
        return {
            "Update": {
                "TableName": self._table,
                "Key": primary_key(key_id),
                "UpdateExpression": (
                    "SET #status = :revoked, revokedAt = :now, updatedAt = :now, version = version + :one"
                    " REMOVE liveAccountId, dueAt"
                ),
                "ConditionExpression": f"accountId = :account AND #status <> :revoked AND {same}",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": to_item(
                    {
                        ":account": account_id,
                        ":revoked": "revoked",
                        ":now": to_millis(entry.origin.at),
                        ":one": 1,
                        ":profile": profile_id,
                    }
                ),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _put(self, key: ApiKey, key_hash: bytes) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": new_item(key, key_hash, self._text_prefix),
            "ConditionExpression": "attribute_not_exists(id)",
        }

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
            writes += [{"Put": self._put(key, key_hash)}, self._audit.put(entry)]
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

    def _changes(self, before: ApiKey, after: ApiKey, changes: Mapping[str, dict[str, Any] | None]) -> dict[str, Any]:
        names = {f"#{name}": name for name in changes}
        # If a use has written the refill since the read, the change must not repeat the refill.
        refill_at = None if before.credits is None else before.credits.refill_at
        no_refill = "" if "creditsLeft" not in changes or refill_at is None else " AND refillAt = :refillSeen"
        kept = {name: value for name, value in changes.items() if value is not None}
        sets = ["version = version + :one", *(f"#{name} = :{name}" for name in kept)]
        moved = _moved_rate(before, after)
        if moved:
            sets += ["tat = if_not_exists(tat, :zero) + :moved", "readyAt = if_not_exists(tat, :zero) + :readyMoved"]
        gone = [f"#{name}" for name, value in changes.items() if value is None]
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": primary_key(before.id),
            "UpdateExpression": f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(gone)}" if gone else ""),
            "ConditionExpression": f"accountId = :account AND version = :before{no_refill}",
            "ExpressionAttributeValues": {
                **{f":{name}": value for name, value in kept.items()},
                **to_item({":account": before.account_id, ":before": before.version, ":one": 1, **moved}),
            },
        }
        if no_refill and refill_at is not None:
            update["ExpressionAttributeValues"][":refillSeen"] = to_attribute(to_millis(refill_at))
        if names:
            update["ExpressionAttributeNames"] = names
        return update

    def _searched(
        self, account_id: str, limit: int, after: Position | None, search: Search, now: datetime
    ) -> tuple[list[_Entry], Position | None]:
        found: list[_Entry] = []
        for _ in range(0, MAX_EXAMINED, _SEARCHED_AT_ONCE):
            items = self._query("byAccount", "accountId", account_id, limit=_SEARCHED_AT_ONCE, after=after)
            for item in items:
                entry = self._entry(item)
                if search.finds(entry, now):
                    if len(found) == limit:
                        return found, found[-1].position
                    found.append(entry)
            if len(items) < _SEARCHED_AT_ONCE:
                return found, None
            after = _position(items[-1])
        return found, after

    def _entry(self, item: Mapping[str, Any]) -> _Entry:
        key_id = UUID(item["id"])
        prefix = item["shownPrefix"] if "shownPrefix" in item else display_prefix(self._text_prefix, key_id)
        expires_at = moment(item, "expiresAt")
        return _Entry(key_id, item["name"], prefix, item["status"], expires_at, _position(item))

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
            arguments["ExclusiveStartKey"] = to_item({attribute: account_id, **_place(after), "record": RECORD})
        return [from_item(item) for item in self._database.query(**arguments)["Items"]]

    def _read(self, ids: Sequence[str]) -> list[ApiKey]:
        keys: dict[str, ApiKey] = {}
        for start in range(0, len(ids), BATCH_GET_LIMIT):
            wanted = [primary_key(key_id) for key_id in ids[start : start + BATCH_GET_LIMIT]]
            for item in self._database.batch_get({self._table: wanted}):
                keys[item["id"]] = to_key(item)
        return [keys[key_id] for key_id in ids if key_id in keys]


def _moved_rate(before: ApiKey, after: ApiKey) -> dict[str, int]:
    """Return the differences by which a change of the rate limit moves its state.

    The update adds the differences instead of setting values, so that uses since the read of `before` still count.
    """
    limit = after.rate_limit
    if limit is None or limit == before.rate_limit:
        return {}
    moved = after.rate_full_at_micros - before.rate_full_at_micros
    return {":moved": moved, ":readyMoved": moved - limit.tolerance_micros, ":zero": 0}


def _changed_credits(before: ApiKey, after: ApiKey) -> dict[str, dict[str, Any] | None]:
    """Return only the changed attributes of the credits, because uses may spend credits at the same time."""
    was, new = starting_attributes(before), starting_attributes(after)
    names = ("creditsLimited", "creditsLeft", "refillAt")
    changes = {name: new[name] for name in names if new[name] != was[name]}
    return {**changes, "limitTold": new["limitTold"]} if "creditsLeft" in changes else changes


def _position(item: Mapping[str, Any]) -> Position:
    return str(item["createdAt"]), item["id"]


def _place(after: Position) -> dict[str, Any]:
    try:
        millis, key_id = after
        return {"createdAt": to_millis(from_millis(int(millis))), "id": str(UUID(key_id))}
    except (ValueError, OverflowError):
        raise InvalidPositionError from None
