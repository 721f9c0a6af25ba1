"""Members in the table Settings: `ACCOUNT#<account>` / `MEMBER#<user id>`.

The ids of an advisor's client accounts are a separate item, `CLIENTS#<user id>`, because most requests do not need
them. The account's counters `members` and `admins` change in the same transactions.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.identity.caller import is_user_id
from latchhook.members.errors import (
    LastAdminError,
    MemberChangedError,
    MemberNotFoundError,
    TooManyMembersError,
    UnknownMemberProfileError,
)
from latchhook.members.member import MAX_MEMBERS, Member
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.account_items import adjusted
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.profile_items import counted

_MEMBER = "MEMBER#"


class MembersTable:
    """Reads and writes members. Each change, its counts and its audit entry are one transaction."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def find(self, account_id: str, user_id: str) -> Member | None:
        """Read one member, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, member_key(account_id, user_id))
        return None if item is None else to_member(item)

    def get(self, account_id: str, user_id: str) -> Member:
        """Read one member, strongly consistent. Raises `MemberNotFoundError`."""
        found = self.find(account_id, user_id)
        if found is None:
            raise MemberNotFoundError
        return found

    def client_accounts(self, member: Member) -> frozenset[str]:
        """Read the ids of an advisor's client accounts, strongly consistent. A member without any needs no read."""
        if not member.client_account_count:
            return frozenset()
        item = self._database.get(self._table, clients_key(member.account_id, member.user_id))
        return frozenset(item["ids"].split()) if item else frozenset()

    def page(self, account_id: str, *, limit: int, after: Position | None) -> Page[Member]:
        """Return a page of the account's members in the order of their user ids, with one query.

        Raises `InvalidPositionError`.
        """
        start = {} if after is None else {"ExclusiveStartKey": member_key(account_id, _user_id_in(after))}
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk AND begins_with(sk, :member)",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": f"ACCOUNT#{account_id}", ":member": _MEMBER}),
            ConsistentRead=True,
            Limit=limit + 1,  # one more item shows whether another page exists
            **start,
        )
        found = tuple(to_member(from_item(item)) for item in response["Items"])
        return Page(found[:limit], (found[limit - 1].user_id,) if len(found) > limit else None)

    def add(self, member: Member, clients: frozenset[str], entry: AuditEntry) -> None:
        """Store a new member and count it.

        Raises `TooManyMembersError`, `UnknownMemberProfileError`, and `MemberChangedError` if the member exists.
        """
        count = adjusted(self._table, member.account_id, _counts(None, member), most={"members": MAX_MEMBERS})
        self._write(None, member, clients or None, entry, count=count, refused_count=TooManyMembersError)

    def replace(
        self, before: Member, after: Member, clients: frozenset[str] | None, entry: AuditEntry, *, keeps_an_admin: bool
    ) -> None:
        """Replace `before` with `after`. `clients` are the new client accounts, or None if they stay.

        Raises `MemberChangedError` if the stored member differs from `before`, `UnknownMemberProfileError`, and with
        `keeps_an_admin` `LastAdminError`.
        """
        self._write(before, after, clients, entry, count=self._fewer_admins(before, after, keeps_an_admin))

    def remove(self, member: Member, entry: AuditEntry, *, keeps_an_admin: bool) -> None:
        """Remove a member. Raises `MemberChangedError`, and with `keeps_an_admin` `LastAdminError`."""
        clients = frozenset[str]() if member.client_account_count else None
        self._write(member, None, clients, entry, count=self._fewer_admins(member, None, keeps_an_admin))

    def _fewer_admins(self, before: Member, after: Member | None, keeps_an_admin: bool) -> dict[str, Any] | None:
        """Build the write of the counters, or None if they stay. Its condition keeps one admin."""
        counts = _counts(before, after)
        at_least = {"admins": 1} if keeps_an_admin and counts.get("admins") == -1 else None
        return adjusted(self._table, before.account_id, counts, at_least=at_least) if counts else None

    def _write(
        self,
        before: Member | None,
        after: Member | None,
        clients: frozenset[str] | None,
        entry: AuditEntry,
        *,
        count: dict[str, Any] | None,
        refused_count: type[Exception] = LastAdminError,
    ) -> None:
        key = member_key(entry.account_id, entry.target_id)
        writes = [self._member_write(key, before, after), *self._profile_counts(before, after)]
        if count:
            writes.append(count)
        counted_at = len(writes) - 1 if count else None
        if clients is not None:
            writes.append(self._clients_write(entry.account_id, entry.target_id, clients))
        try:
            self._database.transact(*writes, self._audit.put(entry))
        except ConditionFailedError as failed:
            if failed.position == 0:
                raise MemberChangedError from None
            raise (refused_count if failed.position == counted_at else UnknownMemberProfileError) from None

    def _member_write(self, key: Item, before: Member | None, after: Member | None) -> dict[str, Any]:
        unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(sk)"}
        if before is not None:
            values = {":version": before.version, ":created": to_millis(before.created_at)}
            unchanged = {
                "ConditionExpression": "version = :version AND createdAt = :created",
                "ExpressionAttributeValues": to_item(values),
            }
        if after is not None:
            return {"Put": {"TableName": self._table, "Item": _to_item(after), **unchanged}}
        return {"Delete": {"TableName": self._table, "Key": key, **unchanged}}

    def _profile_counts(self, before: Member | None, after: Member | None) -> list[dict[str, Any]]:
        old, new = (None if each is None else each.profile_id for each in (before, after))
        if old == new:
            return []
        changes = [(old, before, -1), (new, after, 1)]
        return [
            counted(self._table, member.account_id, profile_id, change, users="members")
            for profile_id, member, change in changes
            if profile_id is not None and member is not None
        ]

    def _clients_write(self, account_id: str, user_id: str, clients: frozenset[str]) -> dict[str, Any]:
        key = clients_key(account_id, user_id)
        if clients:
            return {"Put": {"TableName": self._table, "Item": {**key, **to_item({"ids": " ".join(sorted(clients))})}}}
        return {"Delete": {"TableName": self._table, "Key": key}}


def _counts(before: Member | None, after: Member | None) -> dict[str, int]:
    """Return the changes of the counters `members` and `admins`, without zeros."""
    changes = {
        "members": (after is not None) - (before is not None),
        "admins": _is_admin(after) - _is_admin(before),
    }
    return {counter: change for counter, change in changes.items() if change}


def _is_admin(member: Member | None) -> bool:
    return member is not None and member.role == "admin"


def member_key(account_id: str, user_id: str) -> Item:
    """A member's primary key."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"{_MEMBER}{user_id}"})


def clients_key(account_id: str, user_id: str) -> Item:
    """The primary key of an advisor's client accounts."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"CLIENTS#{user_id}"})


def _user_id_in(position: Position) -> str:
    if len(position) != 1 or not is_user_id(position[0]):
        raise InvalidPositionError
    return position[0]


def to_member(item: Mapping[str, Any]) -> Member:
    """Convert an item to a member."""
    return Member(
        account_id=item["pk"].removeprefix("ACCOUNT#"),
        user_id=item["sk"].removeprefix(_MEMBER),
        role=item["role"],
        profile_id=UUID(item["profileId"]) if "profileId" in item else None,
        name=item.get("name"),
        email=item.get("email"),
        client_account_count=item.get("clients", 0),
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        version=item["version"],
    )


def _to_item(member: Member) -> Item:
    return {
        **member_key(member.account_id, member.user_id),
        **to_item(
            {
                "role": member.role,
                "profileId": None if member.profile_id is None else str(member.profile_id),
                "name": member.name,
                "email": member.email,
                "clients": member.client_account_count or None,
                "createdAt": to_millis(member.created_at),
                "updatedAt": to_millis(member.updated_at),
                "version": member.version,
            }
        ),
    }
