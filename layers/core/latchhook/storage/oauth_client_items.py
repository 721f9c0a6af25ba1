"""Items of OAuth clients in the table Settings: `OAUTHCLIENT#<id>` / `CLIENT`.

The item `ACCOUNT#<account>` / `OAUTHCLIENT#<id>` has only its key. It lists the client in its account.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.oauth.client import ClientSecrets, ClientSettings, OAuthClient
from latchhook.storage.attributes import Item, to_item

LISTED = "OAUTHCLIENT#"


def client_key(client_id: UUID) -> Item:
    """The primary key of a client."""
    return to_item({"pk": f"{LISTED}{client_id}", "sk": "CLIENT"})


def listed_key(account_id: str, client_id: UUID) -> Item:
    """The primary key of the item that lists a client in its account."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"{LISTED}{client_id}"})


def client_attributes(client: OAuthClient) -> dict[str, Any]:
    """The attributes that a change replaces. None for a missing attribute."""
    chosen = client.settings
    return {
        "name": chosen.name,
        "redirectUris": list(chosen.redirect_uris),
        "grantTypes": list(chosen.grant_types),
        "scopes": list(chosen.scopes),
        "logoUri": chosen.logo_uri,
        "clientUri": chosen.client_uri,
        "policyUri": chosen.policy_uri,
        "accessSeconds": chosen.access_token_seconds,
        "refreshSeconds": chosen.refresh_token_seconds,
        "status": chosen.status,
        "keySet": chosen.key_set,
        "updatedAt": to_millis(client.updated_at),
        "version": client.version,
    }


def new_client_item(client: OAuthClient, secret_hash: bytes | None) -> Item:
    """The item of a new client."""
    fixed = {
        "accountId": client.account_id,
        "type": client.type,
        "createdAt": to_millis(client.created_at),
        "secretHash": secret_hash,
    }
    return {**client_key(client.id), **to_item({**client_attributes(client), **fixed})}


def to_client(item: Mapping[str, Any]) -> OAuthClient:
    """Convert an item to a client."""
    return OAuthClient(
        id=UUID(item["pk"].removeprefix(LISTED)),
        account_id=item["accountId"],
        type=item["type"],
        settings=ClientSettings(
            name=item["name"],
            redirect_uris=tuple(item["redirectUris"]),
            grant_types=tuple(item["grantTypes"]),
            scopes=tuple(item["scopes"]),
            logo_uri=item.get("logoUri"),
            client_uri=item.get("clientUri"),
            policy_uri=item.get("policyUri"),
            access_token_seconds=item["accessSeconds"],
            refresh_token_seconds=item["refreshSeconds"],
            status=item["status"],
            key_set=item.get("keySet"),
        ),
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        secret_rotated_at=from_millis(item["secretRotatedAt"]) if "secretRotatedAt" in item else None,
        version=item["version"],
    )


def to_secrets(item: Mapping[str, Any]) -> ClientSecrets | None:
    """Convert an item to the hashes of the client's secrets. None for a public client."""
    if "secretHash" not in item:
        return None
    until = item.get("previousUntil")
    return ClientSecrets(item["secretHash"], item.get("previousHash"), None if until is None else from_millis(until))
