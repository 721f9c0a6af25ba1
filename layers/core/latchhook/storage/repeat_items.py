"""How a request with an `Idempotency-Key` is remembered: in the settings table, in the transaction of what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.api_keys.repeats import KEPT, Done, Repeatable
from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.storage.attributes import to_item

_THING = "REQUEST#"


def repeat_put(
    table: str, request: Repeatable, entry: AuditEntry, key_id: UUID, previous_until: datetime | None
) -> dict[str, Any]:
    """One write of a transaction; its condition fails if a request of that name was done in the last 24 hours.

    TTL deletes some time after its moment, so the moment is looked at as well.
    """
    now = entry.origin.at
    values = {
        "owner": f"ACCOUNT#{entry.account_id}",
        "thing": _THING + request.name,
        "fingerprint": request.fingerprint,
        "keyId": str(key_id),
        "previousUntil": None if previous_until is None else to_millis(previous_until),
        "ttl": to_millis(now + KEPT) // 1000,
    }
    return {
        "Put": {
            "TableName": table,
            "Item": to_item(values),
            "ConditionExpression": "attribute_not_exists(thing) OR #ttl <= :now",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": to_item({":now": to_millis(now) // 1000}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def done_before(item: Mapping[str, Any]) -> Done | None:
    """What the item of a failed condition says was done before; None if it is no such item."""
    if not item.get("thing", "").startswith(_THING):
        return None
    until = item.get("previousUntil")
    return Done(item["fingerprint"], UUID(item["keyId"]), None if until is None else from_millis(until))
