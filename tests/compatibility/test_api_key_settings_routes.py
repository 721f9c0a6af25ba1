"""The product with Settings → Integrations, which uses the /api-keys routes: properties, management and roles."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.stack import RunningStack
from tests.compatibility.conftest import Deploy
from tests.journeys.product import Caller, admin, holder, new_account, operator, verdict

INVENTORY_SYNC = {
    "name": "Inventory Sync - Production",
    "description": "The warehouse's nightly run",
    "scopes": ["inventory:read", "inventory:write"],
    "expiresAt": "2125-06-30T22:00:00Z",
}
OTHER_ROLES = ["team_member", "viewer", "accountant", "Business_Admin", ""]


@pytest.fixture(scope="module")
def product(deploy: Deploy) -> RunningStack:
    """Deploy the product without a grace period, and with a billing day for each business."""
    return deploy("key-settings", ApiKeyPrefix="rb_", RotationGraceSeconds="0", BillingPeriod="account-day")


@pytest.fixture
def business_id() -> str:
    """Return the id of an unused business account."""
    return new_account()


@pytest.fixture
def settings(product: RunningStack, business_id: str) -> Caller:
    """Return the session of the business's admin in Settings → Integrations."""
    return admin(product, business_id)


def signed_in(
    stack: RunningStack, own_account_id: str, role: str, *client_account_ids: str, acting_for: str = ""
) -> Caller:
    """Return a user's session for the own account, or for the account that X-Account-Id names."""
    token = stack.tokens.account_token(own_account_id, role=role, client_account_ids=client_account_ids)
    chosen = {"X-Account-Id": acting_for} if acting_for else {}
    return Caller(stack.base_url, {"Authorization": f"Bearer {token}", **chosen})


def created(settings: Caller, **changes: Any) -> dict[str, Any]:
    response: dict[str, Any] = settings.call("POST", "/api-keys", {**INVENTORY_SYNC, **changes}, status=201)
    return response


def shown(settings: Caller, key: dict[str, Any]) -> dict[str, Any]:
    """Return the key from the list."""
    return next(one for one in settings.call("GET", "/api-keys")["data"] if one["id"] == key["id"])


def soon() -> str:
    """Return a time so near that a test can wait for it."""
    return (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- Creating an API Key ----


def test_key_is_created_with_name_description_scopes_and_expiry(settings: Caller) -> None:
    key = created(settings)
    assert {name: key[name] for name in INVENTORY_SYNC} == INVENTORY_SYNC
    assert key["status"] == "active"


def test_description_and_expiry_are_optional(settings: Caller) -> None:
    key = settings.call("POST", "/api-keys", {"name": "Short", "scopes": ["orders:read"]}, status=201)
    assert (key["description"], key["expiresAt"]) == (None, None)
    assert settings.send_request("POST", "/api-keys", {"scopes": ["orders:read"]}).status_code == 422


def test_secret_is_shown_once(settings: Caller) -> None:
    key = created(settings)
    secret = key["key"].removeprefix(key["keyPrefix"])
    for path in ("/api-keys", f"/api-keys/{key['id']}"):
        response = settings.send_request("GET", path)
        assert response.status_code == 200
        assert secret not in response.text


# ---- Key Properties ----


def test_scopes_limit_the_endpoints_of_a_key(product: RunningStack, settings: Caller) -> None:
    reader = created(settings, scopes=["webhooks:read"])
    assert holder(product, reader["key"]).send_request("GET", "/webhooks").status_code == 200
    assert holder(product, reader["key"]).send_request("GET", "/api-keys").status_code == 403
    assert verdict(product, created(settings)["key"], "orders:read") == "INSUFFICIENT_SCOPE"


def test_status_is_active_revoked_or_expired(product: RunningStack, settings: Caller) -> None:
    active, revoked, expired = created(settings), created(settings), created(settings, expiresAt=soon())
    settings.call("DELETE", f"/api-keys/{revoked['id']}", status=204)
    ends = datetime.fromisoformat(expired["expiresAt"])
    time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds()))
    assert [shown(settings, key)["status"] for key in (active, revoked, expired)] == ["active", "revoked", "expired"]
    assert [verdict(product, key["key"]) for key in (active, revoked, expired)] == ["VALID", "REVOKED", "EXPIRED"]


def test_last_used_at_is_the_time_of_the_last_use(product: RunningStack, settings: Caller) -> None:
    key = created(settings)
    assert shown(settings, key)["lastUsedAt"] is None
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert verdict(product, key["key"]) == "VALID"
    assert before < datetime.fromisoformat(shown(settings, key)["lastUsedAt"]) < datetime.now(UTC)


def test_request_count_is_the_number_of_uses_this_month(product: RunningStack, settings: Caller) -> None:
    key = created(settings)
    assert shown(settings, key)["requestCount"] == 0
    for _ in range(3):
        assert verdict(product, key["key"]) == "VALID"
    assert verdict(product, key["key"], "orders:read") == "INSUFFICIENT_SCOPE"  # a refused verification is not a use
    assert shown(settings, key)["requestCount"] == 3


# ---- Managing Keys: Viewing Keys ----


def test_list_shows_every_key_with_its_properties(settings: Caller) -> None:
    made = [created(settings, name=name) for name in ("Warehouse", "Shop", "Till")]
    settings.call("DELETE", f"/api-keys/{made[2]['id']}", status=204)
    keys = settings.call("GET", "/api-keys")["data"]
    assert [key["name"] for key in keys] == ["Till", "Shop", "Warehouse"]
    for key in keys:
        assert set(key) >= {"name", "description", "scopes", "lastUsedAt", "requestCount", "status", "expiresAt"}
        assert "key" not in key


# ---- Revoking a Key ----


def test_revoked_key_is_refused(product: RunningStack, settings: Caller) -> None:
    key = created(settings, scopes=["webhooks:read"])
    caller = holder(product, key["key"])
    assert caller.send_request("GET", "/webhooks").status_code == 200
    settings.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert caller.send_request("GET", "/webhooks").status_code == 401


def test_revoked_key_cannot_be_restored(product: RunningStack, settings: Caller) -> None:
    key = created(settings)
    path = f"/api-keys/{key['id']}"
    settings.call("DELETE", path, status=204)
    assert settings.send_request("POST", f"{path}/rotate").status_code == 409
    assert settings.send_request("PUT", path, INVENTORY_SYNC).status_code == 409
    assert settings.send_request("PATCH", path, {"status": "active"}).status_code == 409
    assert shown(settings, key)["status"] == "revoked"
    assert verdict(product, key["key"]) == "REVOKED"


def test_new_key_works_after_revocation_of_the_old_one(product: RunningStack, settings: Caller) -> None:
    old = created(settings)
    settings.call("DELETE", f"/api-keys/{old['id']}", status=204)
    new = created(settings)
    assert new["id"] != old["id"]
    assert verdict(product, new["key"], *INVENTORY_SYNC["scopes"]) == "VALID"


# ---- Rotating a Key ----


def test_rotation_creates_a_new_secret_and_keeps_the_settings(product: RunningStack, settings: Caller) -> None:
    key = created(settings)
    rotated = settings.call("POST", f"/api-keys/{key['id']}/rotate")
    assert rotated["key"] != key["key"]
    assert rotated["id"] == key["id"]
    assert {name: rotated[name] for name in INVENTORY_SYNC} == INVENTORY_SYNC
    assert verdict(product, rotated["key"], *INVENTORY_SYNC["scopes"]) == "VALID"


def test_old_secret_ends_immediately_after_rotation(product: RunningStack, settings: Caller) -> None:
    key = created(settings, scopes=["webhooks:read"])
    assert holder(product, key["key"]).send_request("GET", "/webhooks").status_code == 200
    rotated = settings.call("POST", f"/api-keys/{key['id']}/rotate")
    assert holder(product, key["key"]).send_request("GET", "/webhooks").status_code == 401
    assert holder(product, rotated["key"]).send_request("GET", "/webhooks").status_code == 200
    assert rotated["previousKeyExpiresAt"] == rotated["updatedAt"]


# ---- Best Practices ----


def test_keys_of_separate_integrations_are_independent(product: RunningStack, settings: Caller) -> None:
    shop, till = created(settings, name="Shop"), created(settings, name="Till")
    settings.call("DELETE", f"/api-keys/{shop['id']}", status=204)
    assert (verdict(product, shop["key"]), verdict(product, till["key"])) == ("REVOKED", "VALID")
    assert (shown(settings, shop)["requestCount"], shown(settings, till)["requestCount"]) == (0, 1)


def test_usage_is_counted_by_day(product: RunningStack, settings: Caller) -> None:
    key = created(settings)
    for required in ("inventory:read", "inventory:write", "orders:read"):
        verdict(product, key["key"], required)
    usage = settings.call("GET", f"/api-keys/{key['id']}/usage?days=7")
    assert (len(usage["data"]), usage["requests"]) == (7, 2)
    assert sum(day["requests"] for day in usage["data"][-2:]) == 2  # the test may run over midnight
    assert sum(day["refused"].get("INSUFFICIENT_SCOPE", 0) for day in usage["data"][-2:]) == 1


def test_unused_keys_can_be_found_and_revoked(product: RunningStack, settings: Caller) -> None:
    used, unused = created(settings, name="Shop"), created(settings, name="Till")
    assert verdict(product, used["key"]) == "VALID"
    for key in settings.call("GET", "/api-keys?status=active")["data"]:
        if key["lastUsedAt"] is None:
            settings.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert [key["id"] for key in settings.call("GET", "/api-keys?status=active")["data"]] == [used["id"]]
    assert [key["id"] for key in settings.call("GET", "/api-keys?status=revoked")["data"]] == [unused["id"]]


# ---- Who Can Manage Keys ----


def test_business_admin_manages_all_integrations(settings: Caller) -> None:
    key = created(settings)
    settings.call("GET", f"/api-keys/{key['id']}")
    settings.call("POST", f"/api-keys/{key['id']}/rotate")
    settings.call("DELETE", f"/api-keys/{key['id']}", status=204)
    webhook = settings.call("POST", "/webhooks", {"url": "http://127.0.0.1:1/hook"}, status=201)
    assert [one["id"] for one in settings.call("GET", "/webhooks")["data"]] == [webhook["id"]]
    settings.call("DELETE", f"/webhooks/{webhook['id']}", status=204)


def test_business_admin_cannot_manage_another_business(product: RunningStack, business_id: str) -> None:
    elsewhere = signed_in(product, new_account(), "business_admin", business_id, acting_for=business_id)
    assert elsewhere.send_request("GET", "/api-keys").status_code == 403
    assert elsewhere.send_request("POST", "/api-keys", INVENTORY_SYNC).status_code == 403


def test_advisor_manages_integrations_of_clients(product: RunningStack, settings: Caller, business_id: str) -> None:
    advisor = signed_in(product, new_account(), "advisor", business_id, acting_for=business_id)
    key = created(advisor)
    assert key["accountId"] == business_id
    assert shown(settings, key) == shown(advisor, key)
    rotated = advisor.call("POST", f"/api-keys/{key['id']}/rotate")
    advisor.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert verdict(product, rotated["key"]) == "REVOKED"
    webhook = advisor.call("POST", "/webhooks", {"url": "http://127.0.0.1:1/hook"}, status=201)
    assert [one["id"] for one in settings.call("GET", "/webhooks")["data"]] == [webhook["id"]]


def test_advisor_has_no_access_to_other_businesses(product: RunningStack, settings: Caller, business_id: str) -> None:
    key = created(settings)
    own_id, client_id = new_account(), new_account()
    refused = signed_in(product, own_id, "advisor", client_id, acting_for=business_id)
    assert refused.send_request("GET", "/api-keys").status_code == 403
    assert refused.send_request("POST", "/api-keys", INVENTORY_SYNC).status_code == 403
    assert refused.send_request("DELETE", f"/api-keys/{key['id']}").status_code == 403
    for permitted in (client_id, ""):
        caller = signed_in(product, own_id, "advisor", client_id, acting_for=permitted)
        assert caller.call("GET", "/api-keys")["data"] == []
        assert caller.send_request("DELETE", f"/api-keys/{key['id']}").status_code == 404
    assert verdict(product, key["key"]) == "VALID"


@pytest.mark.parametrize("role", OTHER_ROLES)
def test_other_roles_cannot_create_or_view_keys(
    product: RunningStack, settings: Caller, business_id: str, role: str
) -> None:
    key = created(settings)
    member = signed_in(product, business_id, role, business_id)
    responses = [
        member.send_request("POST", "/api-keys", INVENTORY_SYNC),
        member.send_request("GET", "/api-keys"),
        member.send_request("GET", f"/api-keys/{key['id']}"),
        member.send_request("GET", f"/api-keys/{key['id']}/usage"),
        member.send_request("PUT", f"/api-keys/{key['id']}", INVENTORY_SYNC),
        member.send_request("PATCH", f"/api-keys/{key['id']}", {"name": "Mine"}),
        member.send_request("POST", f"/api-keys/{key['id']}/rotate"),
        member.send_request("DELETE", f"/api-keys/{key['id']}"),
    ]
    assert [response.status_code for response in responses] == [403] * len(responses)
    assert all(key["keyPrefix"] not in response.text for response in responses)
    assert [one["id"] for one in settings.call("GET", "/api-keys")["data"]] == [key["id"]]
    assert verdict(product, key["key"]) == "VALID"


def test_requests_are_counted_from_the_billing_day_of_the_business(
    product: RunningStack, settings: Caller, business_id: str
) -> None:
    made = settings.call("POST", "/api-keys", INVENTORY_SYNC, status=201)
    path = f"/accounts/{business_id}/billing-period"
    changed = operator(product).call("PUT", path, {"day": 31})
    assert operator(product).call("GET", path) == changed
    assert datetime.now(UTC) - datetime.fromisoformat(changed["startsAt"]) < timedelta(days=1, hours=1)
    assert verdict(product, made["key"], "inventory:read") == "VALID"
    assert settings.call("GET", f"/api-keys/{made['id']}")["requestCount"] == 1
    assert settings.send_request("PUT", path, {"day": 1}).status_code == 403
    (event,) = settings.call("GET", "/audit-events?action=billing_day.updated")["data"]
    assert event["details"] == {"day": 31, "previousDay": 1}
