"""How a permission profile's keys are counted: on its own item, in the transactions that give and take it."""

from typing import Any
from uuid import UUID

from latchhook.storage.attributes import Item, to_item


def profile_key(account_id: str, profile_id: UUID) -> Item:
    """A profile's primary key in the table Settings."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"PROFILE#{profile_id}"})


def counted(table: str, account_id: str, profile_id: UUID, change: int) -> dict[str, Any]:
    """Adds `change` to the profile's keys, as one write of a transaction; its condition fails if there is no such one.

    It does not touch what the profile says, nor its version.
    """
    return {
        "Update": {
            "TableName": table,
            "Key": profile_key(account_id, profile_id),
            "UpdateExpression": "ADD #keys :change",
            "ConditionExpression": "attribute_exists(sk)",
            "ExpressionAttributeNames": {"#keys": "keys"},
            "ExpressionAttributeValues": to_item({":change": change}),
        }
    }
