"""Document 002, "API Keys" of Rebased: what Settings → Integrations shows and does, and for whom."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.stack import RunningStack
from tests.compatibility.conftest import Deploy
from tests.journeys.product import Caller, admin, holder, new_account, verdict

INVENTORY_SYNC = {
    "name": "Inventory Sync - Production",
    "description": "The warehouse's nightly run",
    "scopes": ["inventory:read", "inventory:write"],
    "expiresAt": "2125-06-30T22:00:00Z",
}
OTHER_ROLES = ["team_member", "viewer", "accountant", "Business_Admin", ""]


@pytest.fixture(scope="module")
def rebased(deploy: Deploy) -> RunningStack:
    """A deployment as Rebased describes its own: a rotated key ends at once."""
    return deploy("rebased", ApiKeyPrefix="rb_", RotationGraceSeconds="0")


@pytest.fixture
def business_id() -> str:
    """A business that nobody has used before."""
    return new_account()


@pytest.fixture
def settings(rebased: RunningStack, business_id: str) -> Caller:
    """Settings → Integrations, as the business's admin uses it."""
    return admin(rebased, business_id)


def signed_in(
    stack: RunningStack, own_account_id: str, role: str, *client_account_ids: str, acting_for: str = ""
) -> Caller:
    """Somebody's session, in the own account or in the one that X-Account-Id names."""
    token = stack.tokens.account_token(own_account_id, role=role, client_account_ids=client_account_ids)
    chosen = {"X-Account-Id": acting_for} if acting_for else {}
    return Caller(stack.base_url, {"Authorization": f"Bearer {token}", **chosen})


def created(settings: Caller, **changes: Any) -> dict[str, Any]:
    response: dict[str, Any] = settings.call("POST", "/api-keys", {**INVENTORY_SYNC, **changes}, status=201)
    return response


def shown(settings: Caller, key: dict[str, Any]) -> dict[str, Any]:
    """The key as the list has it."""
    return next(one for one in settings.call("GET", "/api-keys")["data"] if one["id"] == key["id"])


def soon() -> str:
    """A moment so near that a test can wait for it."""
    return (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- Creating an API Key ----


def test_a_key_is_created_from_name_description_scopes_and_expiry_date(settings: Caller) -> None:
    key = created(settings)
    assert {name: key[name] for name in INVENTORY_SYNC} == INVENTORY_SYNC
    assert key["status"] == "active"


def test_description_and_expiry_are_optional(settings: Caller) -> None:
    key = settings.call("POST", "/api-keys", {"name": "Short", "scopes": ["orders:read"]}, status=201)
    assert (key["description"], key["expiresAt"]) == (None, None)
    assert settings.use_request("POST", "/api-keys", {"scopes": ["orders:read"]}).status_code == 422


def test_your_api_key_secret_will_be_displayed_once(settings: Caller) -> None:
    key = created(settings)
    secret = key["key"].removeprefix(key["keyPrefix"])
    for path in ("/api-keys", f"/api-keys/{key['id']}"):
        response = settings.use_request("GET", path)
        assert response.status_code == 200
        assert secret not in response.text


# ---- Key Properties ----


def test_scopes_are_which_api_endpoints_the_key_can_access(rebased: RunningStack, settings: Caller) -> None:
    reader = created(settings, scopes=["webhooks:read"])
    assert holder(rebased, reader["key"]).use_request("GET", "/webhooks").status_code == 200
    assert holder(rebased, reader["key"]).use_request("GET", "/api-keys").status_code == 403
    assert verdict(rebased, created(settings)["key"], "orders:read") == "INSUFFICIENT_SCOPE"


def test_status_is_active_revoked_or_expired(rebased: RunningStack, settings: Caller) -> None:
    active, revoked, expired = created(settings), created(settings), created(settings, expiresAt=soon())
    settings.call("DELETE", f"/api-keys/{revoked['id']}", status=204)
    ends = datetime.fromisoformat(expired["expiresAt"])
    time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds()))
    assert [shown(settings, key)["status"] for key in (active, revoked, expired)] == ["active", "revoked", "expired"]
    assert [verdict(rebased, key["key"]) for key in (active, revoked, expired)] == ["VALID", "REVOKED", "EXPIRED"]


def test_last_used_is_when_the_key_was_last_used(rebased: RunningStack, settings: Caller) -> None:
    key = created(settings)
    assert shown(settings, key)["lastUsedAt"] is None
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert verdict(rebased, key["key"]) == "VALID"
    assert before < datetime.fromisoformat(shown(settings, key)["lastUsedAt"]) < datetime.now(UTC)


def test_request_count_is_the_number_of_requests_this_billing_period(rebased: RunningStack, settings: Caller) -> None:
    key = created(settings)
    assert shown(settings, key)["requestCount"] == 0
    for _ in range(3):
        assert verdict(rebased, key["key"]) == "VALID"
    assert verdict(rebased, key["key"], "orders:read") == "INSUFFICIENT_SCOPE"  # refused: no request of the key's
    assert shown(settings, key)["requestCount"] == 3


# ---- Managing Keys: Viewing Keys ----


def test_all_your_api_keys_are_seen_with_what_the_document_lists(settings: Caller) -> None:
    made = [created(settings, name=name) for name in ("Warehouse", "Shop", "Till")]
    settings.call("DELETE", f"/api-keys/{made[2]['id']}", status=204)
    keys = settings.call("GET", "/api-keys")["data"]
    assert [key["name"] for key in keys] == ["Till", "Shop", "Warehouse"]
    for key in keys:
        assert set(key) >= {"name", "description", "scopes", "lastUsedAt", "requestCount", "status", "expiresAt"}
        assert "key" not in key


# ---- Revoking a Key ----


def test_a_revoked_key_is_refused(rebased: RunningStack, settings: Caller) -> None:
    key = created(settings, scopes=["webhooks:read"])
    caller = holder(rebased, key["key"])
    assert caller.use_request("GET", "/webhooks").status_code == 200
    settings.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert caller.use_request("GET", "/webhooks").status_code == 401


def test_revoked_keys_cannot_be_restored(rebased: RunningStack, settings: Caller) -> None:
    key = created(settings)
    path = f"/api-keys/{key['id']}"
    settings.call("DELETE", path, status=204)
    assert settings.use_request("POST", f"{path}/rotate").status_code == 409
    assert settings.use_request("PUT", path, INVENTORY_SYNC).status_code == 409
    assert settings.use_request("PATCH", path, {"status": "active"}).status_code == 409
    assert shown(settings, key)["status"] == "revoked"
    assert verdict(rebased, key["key"]) == "REVOKED"


def test_create_a_new_key_if_needed(rebased: RunningStack, settings: Caller) -> None:
    old = created(settings)
    settings.call("DELETE", f"/api-keys/{old['id']}", status=204)
    new = created(settings)
    assert new["id"] != old["id"]
    assert verdict(rebased, new["key"], *INVENTORY_SYNC["scopes"]) == "VALID"


# ---- Rotating a Key ----


def test_rotating_generates_a_new_secret_while_keeping_the_same_settings(
    rebased: RunningStack, settings: Caller
) -> None:
    key = created(settings)
    rotated = settings.call("POST", f"/api-keys/{key['id']}/rotate")
    assert rotated["key"] != key["key"]
    assert rotated["id"] == key["id"]
    assert {name: rotated[name] for name in INVENTORY_SYNC} == INVENTORY_SYNC
    assert verdict(rebased, rotated["key"], *INVENTORY_SYNC["scopes"]) == "VALID"


def test_the_old_key_is_immediately_invalidated(rebased: RunningStack, settings: Caller) -> None:
    key = created(settings, scopes=["webhooks:read"])
    assert holder(rebased, key["key"]).use_request("GET", "/webhooks").status_code == 200
    rotated = settings.call("POST", f"/api-keys/{key['id']}/rotate")
    assert holder(rebased, key["key"]).use_request("GET", "/webhooks").status_code == 401
    assert holder(rebased, rotated["key"]).use_request("GET", "/webhooks").status_code == 200
    assert rotated["previousKeyExpiresAt"] == rotated["updatedAt"]


# ---- Best Practices ----


def test_separate_keys_for_each_integration_are_independent(rebased: RunningStack, settings: Caller) -> None:
    shop, till = created(settings, name="Shop"), created(settings, name="Till")
    settings.call("DELETE", f"/api-keys/{shop['id']}", status=204)
    assert (verdict(rebased, shop["key"]), verdict(rebased, till["key"])) == ("REVOKED", "VALID")
    assert (shown(settings, shop)["requestCount"], shown(settings, till)["requestCount"]) == (0, 1)


def test_monitor_usage_in_the_usage_dashboard(rebased: RunningStack, settings: Caller) -> None:
    key = created(settings)
    for required in ("inventory:read", "inventory:write", "orders:read"):
        verdict(rebased, key["key"], required)
    usage = settings.call("GET", f"/api-keys/{key['id']}/usage?days=7")
    assert (len(usage["data"]), usage["requests"]) == (7, 2)
    assert sum(day["requests"] for day in usage["data"][-2:]) == 2  # midnight may pass meanwhile
    assert sum(day["refused"].get("INSUFFICIENT_SCOPE", 0) for day in usage["data"][-2:]) == 1


def test_review_unused_keys_and_revoke_them(rebased: RunningStack, settings: Caller) -> None:
    used, unused = created(settings, name="Shop"), created(settings, name="Till")
    assert verdict(rebased, used["key"]) == "VALID"
    for key in settings.call("GET", "/api-keys?status=active")["data"]:
        if key["lastUsedAt"] is None:
            settings.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert [key["id"] for key in settings.call("GET", "/api-keys?status=active")["data"]] == [used["id"]]
    assert [key["id"] for key in settings.call("GET", "/api-keys?status=revoked")["data"]] == [unused["id"]]


# ---- Who Can Manage Keys ----


def test_business_admins_have_full_access_to_all_integrations(settings: Caller) -> None:
    key = created(settings)
    settings.call("GET", f"/api-keys/{key['id']}")
    settings.call("POST", f"/api-keys/{key['id']}/rotate")
    settings.call("DELETE", f"/api-keys/{key['id']}", status=204)
    webhook = settings.call("POST", "/webhooks", {"url": "http://127.0.0.1:1/rebased"}, status=201)
    assert [one["id"] for one in settings.call("GET", "/webhooks")["data"]] == [webhook["id"]]
    settings.call("DELETE", f"/webhooks/{webhook['id']}", status=204)


def test_business_admins_do_not_manage_another_business(rebased: RunningStack, business_id: str) -> None:
    elsewhere = signed_in(rebased, new_account(), "business_admin", business_id, acting_for=business_id)
    assert elsewhere.use_request("GET", "/api-keys").status_code == 403
    assert elsewhere.use_request("POST", "/api-keys", INVENTORY_SYNC).status_code == 403


def test_advisors_can_manage_integrations_for_client_businesses_they_have_access_to(
    rebased: RunningStack, settings: Caller, business_id: str
) -> None:
    advisor = signed_in(rebased, new_account(), "advisor", business_id, acting_for=business_id)
    key = created(advisor)
    assert key["accountId"] == business_id
    assert shown(settings, key) == shown(advisor, key)
    rotated = advisor.call("POST", f"/api-keys/{key['id']}/rotate")
    advisor.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert verdict(rebased, rotated["key"]) == "REVOKED"
    webhook = advisor.call("POST", "/webhooks", {"url": "http://127.0.0.1:1/rebased"}, status=201)
    assert [one["id"] for one in settings.call("GET", "/webhooks")["data"]] == [webhook["id"]]


def test_advisors_have_no_access_to_other_businesses(rebased: RunningStack, settings: Caller, business_id: str) -> None:
    key = created(settings)
    own_id, client_id = new_account(), new_account()
    refused = signed_in(rebased, own_id, "advisor", client_id, acting_for=business_id)
    assert refused.use_request("GET", "/api-keys").status_code == 403
    assert refused.use_request("POST", "/api-keys", INVENTORY_SYNC).status_code == 403
    assert refused.use_request("DELETE", f"/api-keys/{key['id']}").status_code == 403
    for permitted in (client_id, ""):
        caller = signed_in(rebased, own_id, "advisor", client_id, acting_for=permitted)
        assert caller.call("GET", "/api-keys")["data"] == []
        assert caller.use_request("DELETE", f"/api-keys/{key['id']}").status_code == 404
    assert verdict(rebased, key["key"]) == "VALID"


@pytest.mark.parametrize("role", OTHER_ROLES)
def test_team_members_with_other_roles_cannot_create_or_view_api_keys(
    rebased: RunningStack, settings: Caller, business_id: str, role: str
) -> None:
    key = created(settings)
    member = signed_in(rebased, business_id, role, business_id)
    responses = [
        member.use_request("POST", "/api-keys", INVENTORY_SYNC),
        member.use_request("GET", "/api-keys"),
        member.use_request("GET", f"/api-keys/{key['id']}"),
        member.use_request("GET", f"/api-keys/{key['id']}/usage"),
        member.use_request("PUT", f"/api-keys/{key['id']}", INVENTORY_SYNC),
        member.use_request("PATCH", f"/api-keys/{key['id']}", {"name": "Mine"}),
        member.use_request("POST", f"/api-keys/{key['id']}/rotate"),
        member.use_request("DELETE", f"/api-keys/{key['id']}"),
    ]
    assert [response.status_code for response in responses] == [403] * len(responses)
    assert all(key["keyPrefix"] not in response.text for response in responses)
    assert [one["id"] for one in settings.call("GET", "/api-keys")["data"]] == [key["id"]]
    assert verdict(rebased, key["key"]) == "VALID"
