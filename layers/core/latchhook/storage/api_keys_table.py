"""The table ApiKeys: a key is one item, under the id that stands inside the key.

Primary key `id` / `record`, where `record` is `KEY`. Keys-only indexes, so that none is written when a use is counted:
`byAccount` (`accountId`, `createdAt`), `liveByAccount` (`liveAccountId`, `createdAt`; the attribute goes when the key
is revoked) and `byExpiry` (`expiryShard`, `expiresAt`; only active keys that expire have it).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError, ApiKeyRevokedError
from latchhook.api_keys.key_format import display_prefix, leading_characters
from latchhook.api_keys.verification import Question, Refusal
from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.permissions.scopes import alternatives
from latchhook.storage.attributes import Item, to_attribute, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import BATCH_GET_LIMIT, ConditionFailedError, Database

_RECORD = "KEY"
_DAY = "u"
"""Daily counters are attributes `uYYYYMMDD`: one `ADD` counts a use for the day and for the billing period."""

_GOOD_NOW = (
    "(secretHash = :hash OR (previousHash = :hash AND previousUntil > :now)) AND #status = :active"
    " AND (attribute_not_exists(expiresAt) OR expiresAt > :now)"
)


class ApiKeysTable:
    """Every access to API keys. `text_prefix` is the deployment's `ApiKeyPrefix`, kept with each key made under it."""

    shards: Sequence[str] = tuple("0123456789abcdef")
    """`byExpiry` is spread over sixteen partitions by the first digit of the id."""

    def __init__(self, database: Database, *, table: str, text_prefix: str, audit: AuditItems) -> None:
        self._database = database
        self._table = table
        self._text_prefix = text_prefix
        self._audit = audit

    def add(self, key: ApiKey, key_hash: bytes, entry: AuditEntry) -> None:
        """Stores a new key with its audit entry: one transaction."""
        item = to_item(
            {
                **_primary_key(key.id),
                "accountId": key.account_id,
                "liveAccountId": key.account_id,
                "userId": key.user_id,
                "name": key.name,
                "description": key.description,
                "textPrefix": self._text_prefix,
                "secretHash": key_hash,
                "scopes": key.scopes,
                "status": key.stored_status,
                "createdAt": to_millis(key.created_at),
                "updatedAt": to_millis(key.updated_at),
                "expiresAt": None if key.expires_at is None else to_millis(key.expires_at),
                "expiryShard": None if key.expires_at is None else str(key.id)[0],
                "metadata": json.dumps(dict(key.metadata), ensure_ascii=False) if key.metadata else None,
            }
        )
        put = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(id)"}
        self._database.transact({"Put": put}, self._audit.put(entry))

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        """The whole verification: one conditional write that counts the use, or tells why not."""
        condition, values = _holds_scopes(question.required_scopes)
        try:
            item = self._database.update(
                self._table,
                to_item(_primary_key(question.key_id)),
                UpdateExpression="SET lastUsedAt = :now ADD #day :one",
                ConditionExpression=_GOOD_NOW + condition,
                ExpressionAttributeNames={"#status": "status", "#day": f"{_DAY}{question.now:%Y%m%d}"},
                ExpressionAttributeValues={
                    ":hash": {"B": question.key_hash},
                    ":now": to_attribute(to_millis(question.now)),
                    ":active": {"S": "active"},
                    ":one": {"N": "1"},
                    **values,
                },
            )
        except ConditionFailedError as failed:
            return None if failed.item is None else _refusal(failed.item, question.key_hash)
        return _to_key(item)

    def presented(self, question: Question) -> Refusal | None:
        """What a verification by reading finds, strongly consistent; nothing is counted."""
        item = self._database.get(self._table, to_item(_primary_key(question.key_id)))
        return None if item is None else _refusal(item, question.key_hash)

    def add_uses(self, key_id: UUID, *, day: str, uses: int) -> None:
        """Counts uses that were accepted earlier, on the UTC day `YYYYMMDD`."""
        try:
            self._database.update(
                self._table,
                to_item(_primary_key(key_id)),
                UpdateExpression="ADD #day :uses",
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeNames={"#day": f"{_DAY}{day}"},
                ExpressionAttributeValues=to_item({":uses": uses}),
            )
        except ConditionFailedError:
            return

    def get(self, account_id: str, key_id: UUID) -> ApiKey:
        """One key of the account; raises `ApiKeyNotFoundError`."""
        item = self._database.get(self._table, to_item(_primary_key(key_id)))
        if item is None or item["accountId"] != account_id:
            raise ApiKeyNotFoundError
        return _to_key(item)

    def of_all_accounts(self, key_ids: Iterable[UUID]) -> Mapping[UUID, ApiKey]:
        """Those of the named keys that there are, by id, strongly consistent; whose they are is the caller's to see."""
        return {key.id: key for key in self._read(sorted({str(key_id) for key_id in key_ids}))}

    def page(self, account_id: str, *, limit: int, after: Position | None) -> Page[ApiKey]:
        """The account's keys, newest first: one query of the index and one batch read, whatever the account holds."""
        ids = self._ids("byAccount", "accountId", account_id, limit=limit + 1, after=after)
        keys = self._read(ids[:limit])
        more = len(ids) > limit
        return Page(tuple(keys), (str(to_millis(keys[-1].created_at)), str(keys[-1].id)) if more else None)

    def newest_live(self, account_id: str, *, limit: int) -> tuple[ApiKey, ...]:
        """At most `limit` of the account's keys that are not revoked, newest first."""
        ids = self._ids("liveByAccount", "liveAccountId", account_id, limit=limit, after=None)
        return tuple(key for key in self._read(ids) if key.stored_status != "revoked")

    def revoke(self, account_id: str, key_id: UUID, *, now: datetime, entry: AuditEntry) -> None:
        """Revokes a key at once and for good; a key that is revoked already stays as it is.

        Raises `ApiKeyNotFoundError`.
        """
        try:
            self._change(
                account_id,
                key_id,
                "SET #status = :revoked, revokedAt = :now, updatedAt = :now REMOVE liveAccountId, expiryShard",
                {":now": to_millis(now)},
                entry,
            )
        except ApiKeyRevokedError:
            return

    def replace_secret(
        self, key: ApiKey, *, key_hash: bytes, previous_until: datetime, now: datetime, entry: AuditEntry
    ) -> ApiKey:
        """Makes `key_hash` the secret; the one before it holds until `previous_until`, any older one ends now.

        Raises `ApiKeyNotFoundError` or `ApiKeyRevokedError`.
        """
        self._change(
            key.account_id,
            key.id,
            "SET previousHash = secretHash, previousUntil = :until, secretHash = :hash, updatedAt = :now",
            {":until": to_millis(previous_until), ":hash": key_hash, ":now": to_millis(now)},
            entry,
        )
        return replace(key, updated_at=now)

    def expired(
        self, shard: str, *, now: datetime, limit: int, after: tuple[UUID, datetime] | None = None
    ) -> Sequence[tuple[UUID, datetime]]:
        """Ids and expiry of at most `limit` keys of a shard that are due to be marked, the longest due first."""
        arguments: dict[str, Any] = {}
        if after is not None:
            place = {**_primary_key(after[0]), "expiryShard": shard, "expiresAt": to_millis(after[1])}
            arguments["ExclusiveStartKey"] = to_item(place)
        answer = self._database.query(
            TableName=self._table,
            IndexName="byExpiry",
            KeyConditionExpression="expiryShard = :shard AND expiresAt <= :now",
            ExpressionAttributeValues=to_item({":shard": shard, ":now": to_millis(now)}),
            Limit=limit,
            **arguments,
        )
        return [(UUID(item["id"]["S"]), from_millis(int(item["expiresAt"]["N"]))) for item in answer["Items"]]

    def mark_expired(self, key_id: UUID, *, expires_at: datetime, now: datetime) -> bool:
        """Writes `expired` on a key that still is active with that expiry; False if it has changed meanwhile."""
        try:
            self._database.update(
                self._table,
                to_item(_primary_key(key_id)),
                UpdateExpression="SET #status = :expired, updatedAt = :now REMOVE expiryShard",
                ConditionExpression="#status = :active AND expiresAt = :expiresAt AND expiresAt <= :now",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item(
                    {
                        ":expired": "expired",
                        ":active": "active",
                        ":expiresAt": to_millis(expires_at),
                        ":now": to_millis(now),
                    }
                ),
            )
        except ConditionFailedError:
            return False
        return True

    def _change(
        self, account_id: str, key_id: UUID, expression: str, values: Mapping[str, Any], entry: AuditEntry
    ) -> None:
        update = {
            "TableName": self._table,
            "Key": to_item(_primary_key(key_id)),
            "UpdateExpression": expression,
            "ConditionExpression": "accountId = :account AND #status <> :revoked",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": to_item({":account": account_id, ":revoked": "revoked", **values}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._database.transact({"Update": update}, self._audit.put(entry))
        except ConditionFailedError as failed:
            if failed.item is None or failed.item["accountId"] != account_id:
                raise ApiKeyNotFoundError from None
            raise ApiKeyRevokedError from None

    def _ids(self, index: str, attribute: str, account_id: str, *, limit: int, after: Position | None) -> list[str]:
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": f"{attribute} = :account",
            "ExpressionAttributeValues": {":account": {"S": account_id}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            arguments["ExclusiveStartKey"] = to_item({attribute: account_id, **_place(after), "record": _RECORD})
        return [item["id"]["S"] for item in self._database.query(**arguments)["Items"]]

    def _read(self, ids: Sequence[str]) -> list[ApiKey]:
        keys: dict[str, ApiKey] = {}
        for start in range(0, len(ids), BATCH_GET_LIMIT):
            wanted = [to_item(_primary_key(key_id)) for key_id in ids[start : start + BATCH_GET_LIMIT]]
            for item in self._database.batch_get({self._table: wanted}):
                keys[item["id"]] = _to_key(item)
        return [keys[key_id] for key_id in ids if key_id in keys]


def _primary_key(key_id: UUID | str) -> dict[str, str]:
    return {"id": str(key_id), "record": _RECORD}


def _place(after: Position) -> dict[str, Any]:
    try:
        millis, key_id = after
        return {"createdAt": to_millis(from_millis(int(millis))), "id": str(UUID(key_id))}
    except (ValueError, OverflowError):
        raise InvalidPositionError from None


def _holds_scopes(required: Sequence[str]) -> tuple[str, Item]:
    """The condition that the key holds every required scope, by name or by wildcard, and its values."""
    conditions: list[str] = []
    values: Item = {}
    for at, scope in enumerate(required):
        names = []
        for level, alternative in enumerate(alternatives(scope)):
            name = f":s{at}_{level}"
            values[name] = {"S": alternative}
            names.append(f"contains(scopes, {name})")
        conditions.append(f" AND ({' OR '.join(names)})")
    return "".join(conditions), values


def _refusal(item: Mapping[str, Any], key_hash: bytes) -> Refusal:
    until = item.get("previousUntil")
    if item["secretHash"] == key_hash:
        return Refusal(_to_key(item), "current", None)
    if item.get("previousHash") == key_hash and until is not None:
        return Refusal(_to_key(item), "previous", from_millis(until))
    return Refusal(_to_key(item), "unknown", None)


def _to_key(item: Mapping[str, Any]) -> ApiKey:
    key_id = UUID(item["id"])
    return ApiKey(
        id=key_id,
        account_id=item["accountId"],
        user_id=item["userId"],
        name=item["name"],
        description=item.get("description"),
        prefix=display_prefix(item["textPrefix"], key_id),
        key_prefix=leading_characters(item["textPrefix"], key_id),
        scopes=tuple(item["scopes"]),
        stored_status=item["status"],
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        expires_at=_moment(item, "expiresAt"),
        last_used_at=_moment(item, "lastUsedAt"),
        revoked_at=_moment(item, "revokedAt"),
        daily_requests=dict(_daily(item)),
        metadata=json.loads(item["metadata"]) if "metadata" in item else {},
    )


def _moment(item: Mapping[str, Any], name: str) -> datetime | None:
    return from_millis(item[name]) if name in item else None


def _daily(item: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in item.items():
        if name[0] == _DAY and name[1:].isdecimal():
            yield name[1:], value
