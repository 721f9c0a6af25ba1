"""Records of requests with an `Idempotency-Key`, in the table Settings, written in the transaction of the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.idempotency_records import KEPT, AlreadyCompletedError, CompletedRequest, IdempotencyKey
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.database import ConditionFailedError, Database

_THING = "REQUEST#"
_ABSENT = "attribute_not_exists(sk) OR #ttl <= :now"


def idempotency_puts(
    table: str,
    request: IdempotencyKey | None,
    entry: AuditEntry,
    previous_until: datetime | None = None,
    target_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """The write of the request's record, for the transaction that does what `entry` says; none without a request.

    `target_id` is the id of the created object, if it differs from the target of `entry`. The condition fails if the
    last 24 hours have a record with this name. TTL deletes records late, so the condition also compares the time.
    """
    if request is None:
        return []
    done = CompletedRequest(request.fingerprint, target_id or UUID(entry.target_id), previous_until)
    put = {
        "TableName": table,
        "Item": _item(entry.account_id, request, done, entry.origin.at),
        "ConditionExpression": _ABSENT,
        **_at(entry.origin.at),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return [{"Put": put}]


class CompletedRequestsTable:
    """Records of requests with an `Idempotency-Key`, in the table Settings."""

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table

    def find(self, account_id: str, request: IdempotencyKey, *, now: datetime) -> CompletedRequest | None:
        """Read the record of the last 24 hours with the request's name, strongly consistent."""
        item = self._database.get(self._table, _key(account_id, request))
        return None if item is None or item["ttl"] <= to_millis(now) // 1000 else _done(item)

    def add(self, account_id: str, request: IdempotencyKey, done: CompletedRequest, *, now: datetime) -> None:
        """Store a record outside a transaction. Raises `AlreadyCompletedError` if an equal request was faster."""
        try:
            item = _item(account_id, request, done, now)
            self._database.put(self._table, item, condition=_ABSENT, **_at(now))
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise


def raise_if_done(failed: ConditionFailedError) -> None:
    """Raise `AlreadyCompletedError` if the first failed condition is the condition of `idempotency_puts`."""
    if failed.item is not None and failed.item.get("sk", "").startswith(_THING):
        raise AlreadyCompletedError(_done(failed.item)) from None


def _at(now: datetime) -> dict[str, Any]:
    """The names and values of the condition `_ABSENT`."""
    return {
        "ExpressionAttributeNames": {"#ttl": "ttl"},
        "ExpressionAttributeValues": to_item({":now": to_millis(now) // 1000}),
    }


def _item(account_id: str, request: IdempotencyKey, done: CompletedRequest, now: datetime) -> Item:
    until = done.previous_until
    values = {
        "fingerprint": done.fingerprint,
        "targetId": str(done.target_id),
        "previousUntil": None if until is None else to_millis(until),
        "imported": [f"{key_id} {outcome}" for key_id, outcome in done.imported] or None,
        "ttl": to_millis(now + KEPT) // 1000,
    }
    return {**_key(account_id, request), **to_item(values)}


def _key(account_id: str, request: IdempotencyKey) -> Item:
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": _THING + request.name})


def _done(item: Mapping[str, Any]) -> CompletedRequest:
    until = item.get("previousUntil")
    return CompletedRequest(
        item["fingerprint"],
        UUID(item["targetId"]),
        None if until is None else from_millis(until),
        _imported(item.get("imported", ())),
    )


def _imported(texts: Sequence[str]) -> tuple[tuple[UUID, Literal["created", "exists"]], ...]:
    results = [text.split(" ") for text in texts]
    return tuple((UUID(key_id), "created" if outcome == "created" else "exists") for key_id, outcome in results)
