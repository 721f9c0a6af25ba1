"""Records of requests with an `Idempotency-Key`, in the table Settings, written in the transaction of the change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.idempotency_records import KEPT, AlreadyCompletedError, CompletedRequest, IdempotencyKey
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.database import ConditionFailedError, Database

_THING = "REQUEST#"


def idempotency_puts(
    table: str, request: IdempotencyKey | None, entry: AuditEntry, previous_until: datetime | None = None
) -> list[dict[str, Any]]:
    """Build the write that records the request, for the transaction of its change. Return no write for None.

    The condition fails if a request with this name was completed in the last 24 hours. TTL deletes items late, so the
    condition also compares the time.
    """
    if request is None:
        return []
    now = entry.origin.at
    values = {
        "fingerprint": request.fingerprint,
        "targetId": entry.target_id,
        "previousUntil": None if previous_until is None else to_millis(previous_until),
        "ttl": to_millis(now + KEPT) // 1000,
    }
    put = {
        "TableName": table,
        "Item": {**_key(entry.account_id, request), **to_item(values)},
        "ConditionExpression": "attribute_not_exists(sk) OR #ttl <= :now",
        "ExpressionAttributeNames": {"#ttl": "ttl"},
        "ExpressionAttributeValues": to_item({":now": to_millis(now) // 1000}),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return [{"Put": put}]


def raise_if_done(failed: ConditionFailedError) -> None:
    """Raise `AlreadyCompletedError` if the first failed condition is the condition of `idempotency_puts`."""
    if failed.item is not None and failed.item.get("sk", "").startswith(_THING):
        raise AlreadyCompletedError(_done(failed.item)) from None


def raise_if_remembered(
    database: Database, table: str, account_id: str, request: IdempotencyKey, *, now: datetime
) -> None:
    """Raise `AlreadyCompletedError` if a request with this name was completed in the last 24 hours. Needs one read."""
    item = database.get(table, _key(account_id, request))
    if item is not None and item["ttl"] > to_millis(now) // 1000:
        raise AlreadyCompletedError(_done(item))


def _key(account_id: str, request: IdempotencyKey) -> Item:
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": _THING + request.name})


def _done(item: Mapping[str, Any]) -> CompletedRequest:
    until = item.get("previousUntil")
    return CompletedRequest(item["fingerprint"], UUID(item["targetId"]), None if until is None else from_millis(until))
