"""Items of OAuth grants in the table ApiKeys. Verification reads and writes them like items of API keys.

The map `tokens` contains the ends of the access tokens, by `token_name` of their hashes. The creation time is
`grantedAt`, so that the indexes of API keys do not contain grants. The item `ACCOUNT#<account>` /
`GRANT#<user> <id>` in the table Settings lists the grant of a user.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.api_keys.key_format import ACCESS_TOKEN_PREFIX
from latchhook.clock import from_millis, to_millis
from latchhook.oauth.client import OAuthClient
from latchhook.oauth.grant import Grant, Refresh
from latchhook.storage.api_key_items import moment, primary_key, shard
from latchhook.storage.attributes import Item, to_item

LISTED = "GRANT#"

KEPT_SECONDS = 86_400
"""An ended grant stays for this time, so that its tokens are reported as expired."""


def listed_prefix(user_id: str) -> str:
    """The start of the sort keys of a user's grants. No user id contains a space."""
    return f"{LISTED}{user_id} "


def listed_key(account_id: str, user_id: str, grant_id: UUID) -> Item:
    """The primary key of the item that lists a grant."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"{listed_prefix(user_id)}{grant_id}"})


def listed_item(grant: Grant) -> Item:
    """The item that lists a grant of a user."""
    ends_at = grant.lasts_until or grant.created_at
    values = {"clientId": str(grant.client_id), "ttl": to_millis(ends_at) // 1000}
    return {**listed_key(grant.account_id, grant.user_id or "", grant.id), **to_item(values)}


def new_grant_item(grant: Grant) -> Item:
    """The item of a new grant of a user. Its rights follow the user."""
    ends_at = grant.lasts_until or grant.created_at
    values = {
        **_shared(grant.id, grant.account_id, grant.client_id),
        "name": grant.client_name,
        "userId": grant.user_id,
        "followedUserId": grant.user_id,
        "scopes": list(grant.scopes),
        "status": grant.status,
        "redirectUri": grant.redirect_uri,
        "audience": grant.resource,
        "grantedAt": to_millis(grant.created_at),
        "updatedAt": to_millis(grant.created_at),
        "expiresAt": None if grant.expires_at is None else to_millis(grant.expires_at),
        "lastsUntil": to_millis(ends_at),
        "codeHash": grant.code_hash,
        "codeChallenge": grant.code_challenge,
        "version": grant.version,
        "tokens": {},
        "ttl": to_millis(ends_at) // 1000 + KEPT_SECONDS,
    }
    return {**primary_key(grant.id), **to_item(values)}


def own_grant_item(client: OAuthClient) -> Item:
    """The item of a client's own grant, which has the id, the name and the scopes of the client."""
    values = {
        **_shared(client.id, client.account_id, client.id),
        **own_grant_attributes(client),
        "userId": "",
        "grantedAt": to_millis(client.created_at),
        "version": 0,
        "tokens": {},
    }
    return {**primary_key(client.id), **to_item(values)}


def own_grant_attributes(client: OAuthClient) -> dict[str, Any]:
    """The attributes of a client's own grant that change with the client."""
    is_allowed = client.is_active and client.allows("client_credentials")
    return {
        "name": client.settings.name,
        "scopes": list(client.settings.scopes),
        "status": "active" if is_allowed else "disabled",
        "updatedAt": to_millis(client.updated_at),
    }


def to_grant(item: Mapping[str, Any]) -> Grant:
    """Convert an item to a grant."""
    return Grant(
        id=UUID(item["id"]),
        account_id=item["accountId"],
        client_id=UUID(item["clientId"]),
        client_name=item["name"],
        user_id=item["userId"] or None,
        scopes=tuple(item["scopes"]),
        redirect_uri=item.get("redirectUri", ""),
        resource=item.get("audience"),
        status="active" if item["status"] == "active" else "revoked",
        created_at=from_millis(item["grantedAt"]),
        expires_at=moment(item, "expiresAt"),
        lasts_until=moment(item, "lastsUntil"),
        last_used_at=moment(item, "lastUsedAt"),
        code_hash=item.get("codeHash"),
        used_code_hash=item.get("usedCodeHash"),
        code_challenge=item.get("codeChallenge", ""),
        refresh=_refresh(item) if "refreshHash" in item else None,
        tokens={name: from_millis(ends_at) for name, ends_at in item["tokens"].items()},
        version=item["version"],
    )


def refresh_attributes(refresh: Refresh) -> dict[str, Any]:
    """The attributes of a refresh token's state."""
    return {
        "refreshHash": refresh.current,
        "previousRefreshHash": refresh.previous,
        "usedRefreshHashes": list(refresh.used) or None,
        "refreshNonce": refresh.nonce or None,
        "refreshedAt": None if refresh.rotated_at is None else to_millis(refresh.rotated_at),
    }


def _shared(grant_id: UUID, account_id: str, client_id: UUID) -> dict[str, Any]:
    return {
        "accountId": account_id,
        "clientId": str(client_id),
        "shard": shard(grant_id),
        "textPrefix": ACCESS_TOKEN_PREFIX,
    }


def _refresh(item: Mapping[str, Any]) -> Refresh:
    return Refresh(
        item["refreshHash"],
        item.get("previousRefreshHash"),
        tuple(item.get("usedRefreshHashes", ())),
        item.get("refreshNonce", b""),
        moment(item, "refreshedAt"),
    )
