"""The table of OAuth clients. Each change, its own grant and its audit entry are one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.idempotency_records import IdempotencyKey
from latchhook.oauth.client import MAX_CLIENTS_PER_ACCOUNT, OAuthClient
from latchhook.oauth.errors import OAuthClientChangedError, OAuthClientNotFoundError, TooManyOAuthClientsError
from latchhook.pages import Page, Position
from latchhook.storage.account_items import all_items, one_less, one_more, page_of
from latchhook.storage.api_key_items import primary_key
from latchhook.storage.attributes import to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done
from latchhook.storage.oauth_client_items import (
    LISTED,
    client_attributes,
    client_key,
    listed_key,
    new_client_item,
    to_client,
)
from latchhook.storage.oauth_grant_items import own_grant_attributes, own_grant_item

_COUNTER = "oauthClients"


class OAuthClientsTable:
    """Reads and writes clients. `keys_table` contains the grants of clients with `client_credentials`."""

    def __init__(self, database: Database, *, audit: AuditItems, keys_table: str) -> None:
        self._database = database
        self._table = audit.table
        self._keys_table = keys_table
        self._audit = audit

    def add(
        self,
        client: OAuthClient,
        secret_hash: bytes | None,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
    ) -> None:
        """Store a new client and count it. Raises `TooManyOAuthClientsError` and `AlreadyCompletedError`."""
        records = idempotency_puts(self._table, idempotency_key, entry)
        count = one_more(self._table, client.account_id, _COUNTER, limit=MAX_CLIENTS_PER_ACCOUNT)
        put = {"TableName": self._table, "Item": new_client_item(client, secret_hash)}
        listed = {"TableName": self._table, "Item": listed_key(client.account_id, client.id)}
        own = [{"Put": {"TableName": self._keys_table, "Item": own_grant_item(client)}}] if _is_own(client) else []
        try:
            self._database.transact(*records, count, {"Put": put}, {"Put": listed}, *own, self._audit.put(entry))
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise TooManyOAuthClientsError from None

    def get(self, account_id: str, client_id: UUID) -> OAuthClient:
        """Read one client of the account, strongly consistent. Raises `OAuthClientNotFoundError`."""
        found = self.find(client_id)
        if found is None or found.account_id != account_id:
            raise OAuthClientNotFoundError
        return found

    def find(self, client_id: UUID) -> OAuthClient | None:
        """Read a client of any account, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, client_key(client_id))
        return None if item is None else to_client(item)

    def named(self, client_ids: Sequence[UUID]) -> Mapping[UUID, OAuthClient]:
        """Read at most 100 clients of any accounts, strongly consistent, by id."""
        keys = [client_key(client_id) for client_id in dict.fromkeys(client_ids)]
        if not keys:
            return {}
        clients = (to_client(item) for item in self._database.batch_get({self._table: keys}))
        return {client.id: client for client in clients}

    def page(self, account_id: str, *, limit: int, after: Position | None) -> Page[OAuthClient]:
        """Return a page of the account's clients, newest first. Each page reads all clients, at most 100."""
        listed = all_items(self._database, self._table, account_id, LISTED, limit=MAX_CLIENTS_PER_ACCOUNT)
        found = self.named([UUID(item["sk"].removeprefix(LISTED)) for item in listed])
        return page_of(found.values(), limit=limit, after=after)

    def replace(self, before: OAuthClient, after: OAuthClient, entry: AuditEntry) -> None:
        """Replace the settings of a client, and of its own grant.

        Raises `OAuthClientChangedError` if the stored client differs from `before` or was deleted.
        """
        update = _changed(self._table, before, client_attributes(after))
        try:
            self._database.transact({"Update": update}, *self._own_grant(before, after), self._audit.put(entry))
        except ConditionFailedError:
            raise OAuthClientChangedError from None

    def replace_secret(
        self,
        before: OAuthClient,
        secret_hash: bytes,
        previous_until: datetime,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
    ) -> OAuthClient:
        """Replace the secret. The previous one is valid until `previous_until`.

        Raises `OAuthClientChangedError` and `AlreadyCompletedError`.
        """
        from dataclasses import replace

        at = entry.origin.at
        after = replace(before, updated_at=at, secret_rotated_at=at, version=before.version + 1)
        update = {
            "TableName": self._table,
            "Key": client_key(before.id),
            "UpdateExpression": (
                "SET previousHash = secretHash, previousUntil = :until, secretHash = :hash, secretRotatedAt = :now,"
                " updatedAt = :now, version = :after"
            ),
            "ConditionExpression": "version = :before",
            "ExpressionAttributeValues": to_item(
                {
                    ":until": to_millis(previous_until),
                    ":hash": secret_hash,
                    ":now": to_millis(at),
                    ":before": before.version,
                    ":after": after.version,
                }
            ),
        }
        records = idempotency_puts(self._table, idempotency_key, entry, previous_until)
        try:
            self._database.transact(*records, {"Update": update}, self._audit.put(entry))
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise OAuthClientChangedError from None
        return after

    def delete(self, account_id: str, client_id: UUID, entry: AuditEntry) -> None:
        """Delete a client and its own grant. Raises `OAuthClientNotFoundError`."""
        delete = {
            "TableName": self._table,
            "Key": client_key(client_id),
            "ConditionExpression": "accountId = :account",
            "ExpressionAttributeValues": to_item({":account": account_id}),
        }
        try:
            self._database.transact(
                {"Delete": delete},
                {"Delete": {"TableName": self._table, "Key": listed_key(account_id, client_id)}},
                {"Delete": {"TableName": self._keys_table, "Key": primary_key(client_id)}},
                one_less(self._table, account_id, _COUNTER),
                self._audit.put(entry),
            )
        except ConditionFailedError:
            raise OAuthClientNotFoundError from None

    def _own_grant(self, before: OAuthClient, after: OAuthClient) -> list[dict[str, Any]]:
        """Build the write of the client's own grant; none for a client that never had one."""
        if not _is_own(before) and not _is_own(after):
            return []
        if not _is_own(before):
            # An earlier grant can exist, from before the client lost the grant type. Its tokens end here.
            return [{"Put": {"TableName": self._keys_table, "Item": own_grant_item(after)}}]
        attributes = own_grant_attributes(after)
        update = {
            "TableName": self._keys_table,
            "Key": primary_key(after.id),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
            "ExpressionAttributeValues": to_item({f":{name}": value for name, value in attributes.items()}),
        }
        return [{"Update": update}]


def _is_own(client: OAuthClient) -> bool:
    return client.allows("client_credentials")


def _changed(table: str, before: OAuthClient, attributes: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in attributes.items() if value is not None}
    gone = [f"#{name}" for name in attributes if name not in given]
    return {
        "TableName": table,
        "Key": client_key(before.id),
        "UpdateExpression": "SET "
        + ", ".join(f"#{name} = :{name}" for name in given)
        + (f" REMOVE {', '.join(gone)}" if gone else ""),
        "ConditionExpression": "#version = :before",
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
        "ExpressionAttributeValues": to_item(
            {**{f":{name}": value for name, value in given.items()}, ":before": before.version}
        ),
    }
