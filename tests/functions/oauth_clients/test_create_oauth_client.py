"""Creation of OAuth clients: the settings, the secret, the rights and the limits."""

from typing import Any

import pytest

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.oauth.apps import REDIRECT_URI, SCOPES, Signer, made_client

JWKS = Signer().jwks
BODY = {"name": "Warehouse app", "redirectUris": [REDIRECT_URI], "scopes": SCOPES}


def test_client_has_its_settings_and_a_secret_once(cloud: Cloud) -> None:
    created = call("create_oauth_client", admin(), body={**BODY, "clientUri": "https://app.example.com"})
    assert created.status == 201
    assert created.headers["location"] == f"oauth-clients/{created.body['id']}"
    secret = created.body["secret"]
    assert secret.startswith("lhcs_")
    assert {name: created.body[name] for name in ("type", "grantTypes", "status", "clientUri", "accountId")} == {
        "type": "confidential",
        "grantTypes": ["authorization_code", "refresh_token"],
        "status": "active",
        "clientUri": "https://app.example.com",
        "accountId": ACCOUNT,
    }
    assert (created.body["accessTokenSeconds"], created.body["refreshTokenSeconds"]) == (3600, 2_592_000)
    got = call("get_oauth_client", admin(), object_id=created.body["id"])
    assert got.body == {name: value for name, value in created.body.items() if name != "secret"}
    assert secret not in str(cloud.items("SettingsTable"))


def test_public_client_has_no_secret() -> None:
    assert made_client(type="public")["secret"] is None


def test_repeated_creation_makes_one_client_and_returns_no_secret(cloud: Cloud) -> None:
    first, second = [
        call("create_oauth_client", admin(), body=BODY, headers={"idempotency-key": "a"}) for _ in range(2)
    ]
    assert (second.status, second.headers["idempotency-replayed"]) == (201, "true")
    assert second.body == {**first.body, "secret": None}
    assert len([item for item in cloud.items("SettingsTable") if item["pk"].startswith("OAUTHCLIENT#")]) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "n" * 101}, "/name"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["orders"]}, "/scopes/0"),
        ({"scopes": ["nothing:read"]}, "/scopes/0"),
        ({"scopes": ["orders:read", "events:write"]}, "/scopes/1"),
        ({"scopes": ["account-members:read"]}, "/scopes/0"),
        ({"redirectUris": ["http://app.example.com/"]}, "/redirectUris/0"),
        ({"redirectUris": [f"https://a{at}.example.com/" for at in range(11)]}, "/redirectUris"),
        ({"redirectUris": []}, ""),
        ({"grantTypes": []}, "/grantTypes"),
        ({"grantTypes": ["password"]}, "/grantTypes/0"),
        ({"grantTypes": ["implicit"]}, "/grantTypes/0"),
        ({"grantTypes": ["refresh_token"]}, ""),
        ({"type": "public", "grantTypes": ["client_credentials"]}, ""),
        ({"type": "secret"}, "/type"),
        ({"logoUri": "http://app.example.com/logo.svg"}, "/logoUri"),
        ({"clientUri": "javascript:alert(1)"}, "/clientUri"),
        ({"policyUri": "https://user@app.example.com/"}, "/policyUri"),
        ({"accessTokenSeconds": 299}, "/accessTokenSeconds"),
        ({"accessTokenSeconds": 86_401}, "/accessTokenSeconds"),
        ({"refreshTokenSeconds": 3_599}, "/refreshTokenSeconds"),
        ({"refreshTokenSeconds": 31_536_001}, "/refreshTokenSeconds"),
        ({"status": "active"}, "/status"),
        ({"jwks": {}}, "/jwks"),
        ({"jwks": {"keys": []}}, "/jwks"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "/jwks"),
        ({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}}, "/jwks"),
        ({"jwks": {"keys": [{**JWKS["keys"][0], "d": "AA"}]}}, "/jwks"),
        ({"jwks": {"keys": JWKS["keys"] * 6}}, "/jwks"),
        ({"jwks": {"keys": [{**JWKS["keys"][0], "use": "a" * 4096}]}}, "/jwks"),
        ({"jwks": JWKS, "type": "public"}, ""),
    ],
)
def test_invalid_settings_are_refused_with_their_pointer(changes: dict[str, Any], pointer: str) -> None:
    response = call("create_oauth_client", admin(), body={**BODY, **changes})
    assert (response.status, response.pointers) == (422, [pointer])


def test_settings_at_their_limits_are_accepted() -> None:
    made = made_client(
        name="n" * 100,
        redirectUris=[f"https://a{at}.example.com/" for at in range(10)],
        accessTokenSeconds=300,
        refreshTokenSeconds=31_536_000,
    )
    assert len(made["redirectUris"]) == 10


def test_public_keys_are_stored_replaced_and_removed() -> None:
    made = made_client(jwks=JWKS)
    assert made["jwks"] == JWKS
    other = Signer("key-2").jwks
    for jwks in (other, None):
        changed = call("update_oauth_client", admin(), object_id=made["id"], body={"jwks": jwks})
        assert (changed.status, changed.body["jwks"]) == (200, jwks)


def test_caller_cannot_give_scopes_that_it_lacks() -> None:
    key = holder(made_key("oauth-clients:write", "orders:read")["key"])
    assert call("create_oauth_client", key, body={**BODY, "scopes": ["orders:read"]}).status == 201
    refused = call("create_oauth_client", key, body={**BODY, "scopes": ["orders:read", "orders:write"]})
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/scopes/1"])


def test_account_has_at_most_a_hundred_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latchhook.storage.oauth_clients_table.MAX_CLIENTS_PER_ACCOUNT", 2)
    first, _ = made_client(), made_client()
    full = call("create_oauth_client", admin(), body=BODY)
    assert (full.status, full.code) == (409, "too_many_oauth_clients")
    made_client(OTHER_ACCOUNT)
    assert call("delete_oauth_client", admin(), object_id=first["id"]).status == 204
    made_client()
