"""Portal sessions in the table Settings: `PORTAL#<id>` / `PORTAL`. TTL deletes them after their end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.members.errors import PortalCodeInvalidError, PortalSessionNotFoundError
from latchhook.members.portal_access import StoredPortalSession
from latchhook.members.portal_session import PortalSession, PortalToken
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.memberships import MembershipsTable


class PortalSessionsTable:
    """Stores portal sessions. Each change by the operator and its audit entry are one transaction."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def add(self, session: PortalSession, code_hash: bytes, code_until: datetime, entry: AuditEntry) -> None:
        """Store a new session."""
        item = {**_item(session), **to_item({"codeHash": code_hash, "codeUntil": to_millis(code_until)})}
        put = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(sk)"}
        self._database.transact({"Put": put}, self._audit.put(entry))

    def get(self, session_id: UUID) -> PortalSession:
        """Read one session, strongly consistent. Raises `PortalSessionNotFoundError`."""
        item = self._database.get(self._table, session_key(session_id))
        if item is None:
            raise PortalSessionNotFoundError
        return to_session(item)

    def exchange(self, session_id: UUID, code_hash: bytes, token_hash: bytes, *, now: datetime) -> PortalSession:
        """Replace the code by a token, with one write. A repeated write whose response was lost has the same effect.

        Raises `PortalCodeInvalidError`.
        """
        try:
            item = self._database.update(
                self._table,
                session_key(session_id),
                UpdateExpression="SET tokenHash = :token REMOVE codeHash, codeUntil",
                ConditionExpression="(codeHash = :code AND codeUntil > :now) OR tokenHash = :token",
                ExpressionAttributeValues=to_item({":code": code_hash, ":token": token_hash, ":now": to_millis(now)}),
            )
        except ConditionFailedError:
            raise PortalCodeInvalidError from None
        return to_session(item)

    def delete(self, session: PortalSession, entry: AuditEntry) -> None:
        """Delete a session. Raises `PortalSessionNotFoundError`."""
        delete = {
            "TableName": self._table,
            "Key": session_key(session.id),
            "ConditionExpression": "attribute_exists(sk)",
        }
        try:
            self._database.transact({"Delete": delete}, self._audit.put(entry))
        except ConditionFailedError:
            raise PortalSessionNotFoundError from None


class PortalSessionReader:
    """Reads a session together with what decides about its rights."""

    def __init__(self, memberships: MembershipsTable) -> None:
        self._memberships = memberships

    def read(self, token: PortalToken) -> StoredPortalSession | None:
        """Read a session, its user's membership and their profiles, strongly consistent.

        Costs one call, and a second one if this environment does not know the member's profile yet.
        """
        membership, profile, item = self._memberships.with_item(
            token.account_id, token.user_id, profile_id=token.profile_id, key=session_key(token.session_id)
        )
        if item is None:
            return None
        return StoredPortalSession(to_session(item), item.get("tokenHash"), membership, profile)


def session_key(session_id: UUID) -> Item:
    """The primary key of a session."""
    return to_item({"pk": f"PORTAL#{session_id}", "sk": "PORTAL"})


def _item(session: PortalSession) -> Item:
    values = {
        "accountId": session.account_id,
        "userId": session.user_id,
        "role": session.role,
        "profileId": None if session.profile_id is None else str(session.profile_id),
        "needsMember": session.needs_member,
        "tabs": None if session.tabs is None else list(session.tabs),
        "returnUrl": session.return_url,
        "createdAt": to_millis(session.created_at),
        "expiresAt": to_millis(session.expires_at),
        "ttl": to_millis(session.expires_at) // 1000,
    }
    return {**session_key(session.id), **to_item(values)}


def to_session(item: Mapping[str, Any]) -> PortalSession:
    """Convert an item to a session."""
    return PortalSession(
        id=UUID(item["pk"].removeprefix("PORTAL#")),
        account_id=item["accountId"],
        user_id=item["userId"],
        role=item.get("role"),
        profile_id=UUID(item["profileId"]) if "profileId" in item else None,
        needs_member=item["needsMember"],
        tabs=tuple(item["tabs"]) if "tabs" in item else None,
        return_url=item.get("returnUrl"),
        created_at=from_millis(item["createdAt"]),
        expires_at=from_millis(item["expiresAt"]),
    )
