"""Changes of OAuth clients, and when they apply to tokens."""

from typing import Any

import pytest

from tests.functions.callers import admin, holder, made_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.oauth.apps import connected, made_client, own_token, refresh, verified


def change(client_id: str, **changes: Any) -> Any:
    """Patch a client."""
    return call("update_oauth_client", admin(), object_id=client_id, body=changes)


def test_patch_changes_only_its_fields() -> None:
    made = made_client(policyUri="https://app.example.com/privacy")
    changed = change(made["id"], name="Stock app", policyUri=None)
    assert changed.status == 200
    assert (changed.body["name"], changed.body["policyUri"], changed.body["scopes"]) == (
        "Stock app", None, made["scopes"],
    )  # fmt: skip
    assert call("get_oauth_client", admin(), object_id=made["id"]).body == changed.body


def test_patch_without_a_change_writes_nothing(cloud: Cloud) -> None:
    made = made_client()
    before = cloud.items("SettingsTable")
    assert change(made["id"], name=made["name"]).body["updatedAt"] == made["updatedAt"]
    assert cloud.items("SettingsTable") == before


def test_narrower_scopes_apply_to_the_next_use_of_a_token() -> None:
    made = connected(scope="orders:read orders:write")
    assert verified(made.access, "orders:write")["code"] == "VALID"
    change(made.client["id"], scopes=["orders:read"])
    assert verified(made.access, "orders:write")["code"] == "INSUFFICIENT_SCOPE"
    assert verified(made.access, "orders:read")["scopes"] == ["orders:read"]


def test_wider_scopes_do_not_widen_an_earlier_consent() -> None:
    made = connected()
    change(made.client["id"], scopes=["orders:*"])
    assert verified(made.access, "orders:write")["code"] == "INSUFFICIENT_SCOPE"


def test_disabled_client_gets_no_tokens_and_its_tokens_are_refused() -> None:
    made = connected()
    change(made.client["id"], status="disabled")
    assert verified(made.access)["code"] == "DISABLED"
    assert call("list_api_keys", made.caller).status == 401
    assert refresh(made.client, made.refresh).body["error"] == "invalid_client"
    change(made.client["id"], status="active")
    assert verified(made.access)["code"] == "VALID"


def test_own_tokens_of_a_client_follow_its_scopes_and_grant_types() -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    token = own_token(machine)
    change(machine["id"], scopes=["orders:read"])
    assert verified(token, "orders:write")["code"] == "INSUFFICIENT_SCOPE"
    change(machine["id"], grantTypes=["authorization_code"], redirectUris=["https://app.example.com/"])
    assert verified(token)["code"] == "DISABLED"
    change(machine["id"], grantTypes=["client_credentials"])
    assert verified(token)["code"] == "NOT_FOUND"
    assert verified(own_token(machine))["code"] == "VALID"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"type": "public"}, "/type"),
        ({"scopes": None}, "/scopes"),
        ({"status": None}, "/status"),
        ({"redirectUris": None}, ""),
        ({"redirectUris": ["https://app.example.com/#x"]}, "/redirectUris/0"),
        ({"grantTypes": ["refresh_token"]}, ""),
    ],
)
def test_invalid_changes_are_refused_with_their_pointer(changes: dict[str, Any], pointer: str) -> None:
    response = change(made_client()["id"], **changes)
    assert (response.status, response.pointers) == (422, [pointer])


def test_caller_needs_the_new_scopes_only() -> None:
    made = made_client()
    key = holder(made_key("oauth-clients:write", "inventory:read")["key"])
    kept = call("update_oauth_client", key, object_id=made["id"], body={"name": "n"})
    assert kept.status == 200
    scopes = [*made["scopes"], "inventory:read"]
    assert call("update_oauth_client", key, object_id=made["id"], body={"scopes": scopes}).status == 200
    scopes = [*scopes, "inventory:write"]
    refused = call("update_oauth_client", key, object_id=made["id"], body={"scopes": scopes})
    assert (refused.status, refused.pointers) == (403, ["/scopes/4"])
