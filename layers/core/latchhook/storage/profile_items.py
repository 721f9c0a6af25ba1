"""The counts of keys and of members that use a permission profile, attributes of the profile's item.

The transactions that assign a profile to a key or a member, or remove it, also change the count.
"""

from typing import Any, Literal
from uuid import UUID

from latchhook.storage.attributes import Item, to_item


def profile_key(account_id: str, profile_id: UUID) -> Item:
    """A profile's primary key in the table Settings."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"PROFILE#{profile_id}"})


def counted(
    table: str, account_id: str, profile_id: UUID, change: int, *, users: Literal["keys", "members"] = "keys"
) -> dict[str, Any]:
    """Build the write that adds `change` to one of the profile's counts. Its condition fails if the profile is missing.

    The write changes neither the profile's rules nor its version.
    """
    return {
        "Update": {
            "TableName": table,
            "Key": profile_key(account_id, profile_id),
            "UpdateExpression": "ADD #users :change",
            "ConditionExpression": "attribute_exists(sk)",
            "ExpressionAttributeNames": {"#users": users},
            "ExpressionAttributeValues": to_item({":change": change}),
        }
    }
