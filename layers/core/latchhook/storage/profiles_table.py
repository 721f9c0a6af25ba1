"""Permission profiles in the table Settings: `ACCOUNT#<account>` / `PROFILE#<id>`.

The attributes `keys` and `members` are the numbers of keys and members that use the profile. profile_items.py changes
them.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import Page, Position
from latchhook.permissions.errors import (
    ProfileChangedError,
    ProfileInUseError,
    ProfileNotFoundError,
    TooManyProfilesError,
)
from latchhook.permissions.profiles import MAX_PROFILES_PER_ACCOUNT, Profile, Rule
from latchhook.storage.account_items import all_items, one_less, one_more, page_of
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done
from latchhook.storage.profile_items import profile_key

_COUNTER = "profiles"


class ProfilesTable:
    """Reads and writes permission profiles. Each change and its audit entry are one transaction."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def add(self, profile: Profile, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> None:
        """Store a new profile and count it. Raises `TooManyProfilesError` and `AlreadyCompletedError`."""
        # First, so that a repeat of the request for the last permitted profile is recognised.
        records = idempotency_puts(self._table, idempotency_key, entry)
        put = {
            "TableName": self._table,
            "Item": _to_item(profile),
            "ConditionExpression": "attribute_not_exists(sk)",
        }
        count = one_more(self._table, profile.account_id, _COUNTER, limit=MAX_PROFILES_PER_ACCOUNT)
        try:
            self._database.transact(*records, {"Put": put}, count, self._audit.put(entry))
        except ConditionFailedError as failed:
            raise_if_done(failed)
            if failed.position == len(records) + 1:
                raise TooManyProfilesError from None
            raise

    def find(self, account_id: str, profile_id: UUID) -> Profile | None:
        """Read one profile of the account, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, profile_key(account_id, profile_id))
        return None if item is None else to_profile(item)

    def get(self, account_id: str, profile_id: UUID) -> Profile:
        """Read one profile of the account, strongly consistent. Raises `ProfileNotFoundError`."""
        found = self.find(account_id, profile_id)
        if found is None:
            raise ProfileNotFoundError
        return found

    def page(self, account_id: str, *, limit: int, after: Position | None) -> Page[Profile]:
        """Return a page of the account's profiles, newest first. Each page reads all profiles, at most 100."""
        items = all_items(self._database, self._table, account_id, "PROFILE#", limit=MAX_PROFILES_PER_ACCOUNT)
        return page_of((to_profile(item) for item in items), limit=limit, after=after)

    def replace(self, before: Profile, after: Profile, entry: AuditEntry) -> None:
        """Replace name, description and rules of a profile.

        Raises `ProfileChangedError` if the stored profile differs from `before` or was deleted.
        """
        changes = {"name": after.name, "description": after.description, "rules": _rule_maps(after)}
        given = {name: value for name, value in changes.items() if value is not None}
        update = {
            "TableName": self._table,
            "Key": profile_key(before.account_id, before.id),
            "UpdateExpression": "SET "
            + ", ".join(f"#{name} = :{name}" for name in given)
            + ", updatedAt = :now, version = :after"
            + ("" if "description" in given else " REMOVE #description"),
            # If a member gets the profile after the read, the change needs another right. Then it is repeated.
            "ConditionExpression": "version = :before AND "
            + (
                "#members = :members"
                if before.member_count
                else "(attribute_not_exists(#members) OR #members = :members)"
            ),
            "ExpressionAttributeNames": {"#members": "members", **{f"#{name}": name for name in changes}},
            "ExpressionAttributeValues": to_item(
                {
                    **{f":{name}": value for name, value in given.items()},
                    ":now": to_millis(after.updated_at),
                    ":before": before.version,
                    ":after": after.version,
                    ":members": before.member_count,
                }
            ),
        }
        try:
            self._database.transact({"Update": update}, self._audit.put(entry))
        except ConditionFailedError:
            raise ProfileChangedError from None

    def delete(self, account_id: str, profile_id: UUID, entry: AuditEntry) -> None:
        """Delete a profile that no key and no member uses. Raises `ProfileInUseError` or `ProfileNotFoundError`."""
        delete = {
            "TableName": self._table,
            "Key": profile_key(account_id, profile_id),
            "ConditionExpression": "#keys = :none AND (attribute_not_exists(#members) OR #members = :none)",
            "ExpressionAttributeNames": {"#keys": "keys", "#members": "members"},
            "ExpressionAttributeValues": to_item({":none": 0}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        count = one_less(self._table, account_id, _COUNTER)
        try:
            self._database.transact({"Delete": delete}, count, self._audit.put(entry))
        except ConditionFailedError as failed:
            if failed.item is None:
                raise ProfileNotFoundError from None
            raise ProfileInUseError(failed.item["keys"], failed.item.get("members", 0)) from None


def to_profile(item: Mapping[str, Any]) -> Profile:
    """Convert an item to a profile."""
    return Profile(
        id=UUID(item["sk"].removeprefix("PROFILE#")),
        account_id=item["pk"].removeprefix("ACCOUNT#"),
        name=item["name"],
        description=item.get("description"),
        rules=tuple(Rule(rule["effect"], tuple(rule["actions"])) for rule in item["rules"]),
        key_count=item["keys"],
        member_count=item.get("members", 0),
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        version=item["version"],
    )


def _to_item(profile: Profile) -> Item:
    return {
        **profile_key(profile.account_id, profile.id),
        **to_item(
            {
                "name": profile.name,
                "description": profile.description,
                "rules": _rule_maps(profile),
                "keys": profile.key_count,
                "createdAt": to_millis(profile.created_at),
                "updatedAt": to_millis(profile.updated_at),
                "version": profile.version,
            }
        ),
    }


def _rule_maps(profile: Profile) -> list[dict[str, Any]]:
    return [{"effect": rule.effect, "actions": rule.actions} for rule in profile.rules]
