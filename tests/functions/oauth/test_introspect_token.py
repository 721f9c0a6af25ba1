"""Introspection of tokens by their client (RFC 7662)."""

from tests.functions.callers import admin, made_member
from tests.functions.calls import call
from tests.functions.oauth.apps import USER, connected, credentials, form, made_client

INACTIVE = {"active": False}


def test_valid_access_token_is_described() -> None:
    made = connected(resource="https://mcp.example.com")
    found = form("introspect_token", {"token": made.access, **credentials(made.client)})
    assert found.status == 200
    assert {name: found.body[name] for name in ("active", "scope", "client_id", "sub", "aud", "token_type")} == {
        "active": True,
        "scope": "orders:read",
        "client_id": made.client["id"],
        "sub": USER,
        "aud": "https://mcp.example.com",
        "token_type": "Bearer",
    }
    assert found.body["exp"] - found.body["iat"] in (3599, 3600, 3601)


def test_valid_refresh_token_is_active_until_the_grant_ends() -> None:
    made = connected()
    fields = {"token": made.refresh, **credentials(made.client)}
    assert form("introspect_token", fields).body["active"] is True
    made_member("other", role="admin")
    assert call("delete_member", admin(user_id="other"), path={"userId": USER}).status == 204
    access = {"token": made.access, **credentials(made.client)}
    assert form("introspect_token", access).body == INACTIVE


def test_other_texts_and_tokens_of_other_clients_are_inactive() -> None:
    made, other = connected(), made_client(name="Other")
    assert form("introspect_token", {"token": "x", **credentials(made.client)}).body == INACTIVE
    for token in (made.access, made.refresh):
        assert form("introspect_token", {"token": token, **credentials(other)}).body == INACTIVE
    assert form("introspect_token", {"token": made.access, "client_id": made.client["id"]}).status == 401
