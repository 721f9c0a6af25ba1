"""OAuth grants: their items in the table ApiKeys, and the lists of users' grants in the table Settings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.oauth.client import ClientSecrets, OAuthClient
from latchhook.oauth.errors import GrantChangedError, OAuthGrantNotFoundError
from latchhook.oauth.grant import MAX_GRANTS_PER_USER, Assertion, Grant
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.account_items import all_items, page_of
from latchhook.storage.api_key_items import is_grant, primary_key
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.oauth_client_items import client_key, to_client, to_secrets
from latchhook.storage.oauth_grant_items import (
    KEPT_SECONDS,
    LISTED,
    listed_item,
    listed_key,
    listed_prefix,
    new_grant_item,
    refresh_attributes,
    to_grant,
)


class OAuthGrantsTable:
    """Reads and writes grants. Verification reads and counts the uses of their tokens (key_uses_table.py)."""

    def __init__(self, database: Database, *, keys_table: str, audit: AuditItems) -> None:
        self._database = database
        self._table = keys_table
        self._settings = audit.table
        self._audit = audit

    def add(self, grant: Grant, entry: AuditEntry) -> None:
        """Store a new grant with its code. It is listed as soon as the code is exchanged."""
        item = new_grant_item(grant)
        if grant.expires_at is not None:
            item["ttl"] = {"N": str(to_millis(grant.expires_at) // 1000 + KEPT_SECONDS)}
        put = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(id)"}
        self._database.transact({"Put": put}, self._audit.put(entry))

    def read(
        self, client_id: UUID, grant_id: UUID | None
    ) -> tuple[OAuthClient | None, ClientSecrets | None, Grant | None]:
        """Read a client, its secrets and a grant with one call, strongly consistent."""
        keys = {self._settings: [client_key(client_id)]}
        if grant_id is not None:
            keys[self._table] = [primary_key(grant_id)]
        items = self._database.batch_get(keys)
        client = next((item for item in items if "pk" in item), None)
        grant = next((item for item in items if "id" in item and is_grant(item)), None)
        return (
            None if client is None else to_client(client),
            None if client is None else to_secrets(client),
            None if grant is None else to_grant(grant),
        )

    def exchange(self, before: Grant, after: Grant) -> None:
        """Store the exchange of a code, and list the grant. Raises `GrantChangedError`."""
        update = self._change(
            before,
            {
                "usedCodeHash": after.used_code_hash,
                "expiresAt": None if after.expires_at is None else to_millis(after.expires_at),
                "ttl": None if after.lasts_until is None else to_millis(after.lasts_until) // 1000 + KEPT_SECONDS,
                **({} if after.refresh is None else refresh_attributes(after.refresh)),
                "tokens": _token_map(after),
            },
            removed=("codeHash", "codeChallenge"),
        )
        listed = {"Put": {"TableName": self._settings, "Item": listed_item(after)}}
        try:
            self._database.transact({"Update": update}, listed)
        except ConditionFailedError:
            raise GrantChangedError from None

    def refresh(self, before: Grant, after: Grant) -> None:
        """Store the rotation of a refresh token. Raises `GrantChangedError`."""
        if after.refresh is None:
            raise ValueError("the grant has no refresh token")
        update = self._change(before, {**refresh_attributes(after.refresh), "tokens": _token_map(after)})
        self._update(update)

    def add_token(self, before: Grant, after: Grant) -> None:
        """Store a new access token of a client's own grant. Tokens that others add at the same time are kept.

        Raises `GrantChangedError` if the grant has ended.
        """
        ends = _token_map(after)
        new = [name for name in ends if name not in before.tokens]
        old = [name for name in before.tokens if name not in ends]
        names = {f"#t{at}": name for at, name in enumerate([*new, *old])}
        sets = ", ".join(f"tokens.#t{at} = :t{at}" for at in range(len(new)))
        removes = ", ".join(f"tokens.#t{at}" for at in range(len(new), len(new) + len(old)))
        update = {
            "TableName": self._table,
            "Key": primary_key(before.id),
            "UpdateExpression": f"SET {sets}" + (f" REMOVE {removes}" if removes else ""),
            "ConditionExpression": "#status = :active AND clientId = :client",
            "ExpressionAttributeNames": {**names, "#status": "status"},
            "ExpressionAttributeValues": to_item(
                {
                    **{f":t{at}": ends[name] for at, name in enumerate(new)},
                    ":active": "active",
                    ":client": str(before.client_id),
                }
            ),
        }
        self._update(update)

    def end_token(self, grant: Grant, name: str) -> None:
        """End one access token. A missing token is ignored."""
        update = {
            "TableName": self._table,
            "Key": primary_key(grant.id),
            "UpdateExpression": "REMOVE tokens.#token",
            "ConditionExpression": "clientId = :client",
            "ExpressionAttributeNames": {"#token": name},
            "ExpressionAttributeValues": to_item({":client": str(grant.client_id)}),
        }
        self._update(update)

    def use_assertion(self, assertion: Assertion) -> bool:
        """Store that a client's assertion was used, until it expires. Return False if it was used before."""
        ends = to_millis(assertion.expires_at) // 1000 + 60
        item = to_item({"pk": f"ASSERTION#{assertion.name}", "sk": "ASSERTION", "ttl": ends})
        try:
            self._database.put(self._settings, item, condition="attribute_not_exists(sk)")
        except ConditionFailedError:
            return False
        return True

    def find(self, grant_id: UUID) -> Grant | None:
        """Read a grant of any account, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, primary_key(grant_id))
        return None if item is None or not is_grant(item) else to_grant(item)

    def get(self, account_id: str, grant_id: UUID) -> Grant:
        """Read one grant of a user in the account, strongly consistent. Raises `OAuthGrantNotFoundError`."""
        found = self.find(grant_id)
        if found is None or found.account_id != account_id or found.user_id is None:
            raise OAuthGrantNotFoundError
        return found

    def revoke(self, grant: Grant, entry: AuditEntry) -> None:
        """Revoke a grant. A revoked grant is not changed. Raises `OAuthGrantNotFoundError`."""
        now = to_millis(entry.origin.at)
        update = {
            "TableName": self._table,
            "Key": primary_key(grant.id),
            "UpdateExpression": (
                "SET #status = :revoked, revokedAt = :now, updatedAt = :now, #ttl = :ttl, version = version + :one"
                " REMOVE codeHash"
            ),
            "ConditionExpression": "clientId = :client AND #status <> :revoked",
            "ExpressionAttributeNames": {"#status": "status", "#ttl": "ttl"},
            "ExpressionAttributeValues": to_item(
                {
                    ":client": str(grant.client_id),
                    ":revoked": "revoked",
                    ":now": now,
                    ":ttl": now // 1000 + KEPT_SECONDS,
                    ":one": 1,
                }
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        listed = listed_key(grant.account_id, grant.user_id or "", grant.id)
        try:
            self._database.transact(
                {"Update": update},
                {"Delete": {"TableName": self._settings, "Key": listed}},
                self._audit.put(entry),
            )
        except ConditionFailedError as failed:
            if failed.item is None:
                raise OAuthGrantNotFoundError from None

    def of_user(self, account_id: str, user_id: str, *, now: datetime) -> Sequence[Grant]:
        """Return the user's live grants, newest first, strongly consistent. A user has at most 100."""
        items = all_items(self._database, self._settings, account_id, listed_prefix(user_id), limit=MAX_GRANTS_PER_USER)
        grants = self._live([item["sk"] for item in items], now)
        return sorted(grants, key=lambda grant: (grant.created_at, str(grant.id)), reverse=True)

    def page_of_user(
        self,
        account_id: str,
        user_id: str,
        *,
        client_id: str | None,
        limit: int,
        after: Position | None,
        now: datetime,
    ) -> Page[Grant]:
        """Return a page of the user's live grants, newest first. Each page reads all of them."""
        grants = self.of_user(account_id, user_id, now=now)
        return page_of((each for each in grants if client_id in (None, str(each.client_id))), limit=limit, after=after)

    def page(
        self, account_id: str, *, client_id: str | None, limit: int, after: Position | None, now: datetime
    ) -> Page[Grant]:
        """Return a page of the account's live grants, by user, with one query and one batch read.

        A page can be short without being the last: other clients' grants are left out, and ended grants stay in the
        list until TTL deletes them.
        """
        start = {} if after is None else {"ExclusiveStartKey": _start(account_id, after)}
        response = self._database.query(
            TableName=self._settings,
            KeyConditionExpression="#pk = :pk AND begins_with(sk, :grant)",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": f"ACCOUNT#{account_id}", ":grant": LISTED}),
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        items = [from_item(item) for item in response["Items"]]
        wanted = [item["sk"] for item in items if client_id in (None, item["clientId"])]
        more = "LastEvaluatedKey" in response
        return Page(tuple(self._live(wanted, now)), (items[-1]["sk"].removeprefix(LISTED),) if more else None)

    def _live(self, listed: Sequence[str], now: datetime) -> list[Grant]:
        ids = [sk.rpartition(" ")[2] for sk in listed]
        if not ids:
            return []
        items = self._database.batch_get({self._table: [primary_key(grant_id) for grant_id in ids]})
        grants = {item["id"]: to_grant(item) for item in items}
        return [grants[each] for each in ids if each in grants and grants[each].is_live(now)]

    def _change(self, before: Grant, changes: Mapping[str, Any], *, removed: Sequence[str] = ()) -> dict[str, Any]:
        """Build the change of a grant, on the condition that no other change came first and that it is not revoked."""
        given = {name: value for name, value in changes.items() if value is not None}
        return {
            "TableName": self._table,
            "Key": primary_key(before.id),
            "UpdateExpression": "SET version = version + :one, "
            + ", ".join(f"#{name} = :{name}" for name in given)
            + (f" REMOVE {', '.join(removed)}" if removed else ""),
            "ConditionExpression": "version = :before AND #status = :active",
            "ExpressionAttributeNames": {"#status": "status", **{f"#{name}": name for name in given}},
            "ExpressionAttributeValues": to_item(
                {
                    **{f":{name}": value for name, value in given.items()},
                    ":before": before.version,
                    ":one": 1,
                    ":active": "active",
                }
            ),
        }

    def _update(self, update: Mapping[str, Any]) -> None:
        arguments = {name: value for name, value in update.items() if name not in ("TableName", "Key")}
        try:
            self._database.update(update["TableName"], update["Key"], **arguments)
        except ConditionFailedError:
            raise GrantChangedError from None


def _token_map(grant: Grant) -> dict[str, int]:
    return {name: to_millis(ends_at) for name, ends_at in grant.tokens.items()}


def _start(account_id: str, after: Position) -> dict[str, Any]:
    (place,) = after if len(after) == 1 else ("",)
    user_id, _, grant_id = place.rpartition(" ")
    try:
        return listed_key(account_id, user_id, UUID(grant_id))
    except ValueError:
        raise InvalidPositionError from None
