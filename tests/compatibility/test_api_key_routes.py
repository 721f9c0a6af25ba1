"""The product with the /api-keys routes: its customers manage API keys with granular scopes below /api/v1."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from local.stack import RunningStack
from tests.compatibility.conftest import Deploy
from tests.journeys.product import Caller, admin, eventually, holder, new_account, verdict

BASE_PATH = "/api/v1"
AVAILABLE_SCOPES = [
    "orders:read",
    "orders:write",
    "products:read",
    "products:write",
    "inventory:read",
    "inventory:write",
    "commissions:read",
    "webhooks:read",
    "webhooks:write",
]
API_KEY_OBJECT = {"id", "name", "keyPrefix", "scopes", "createdAt", "expiresAt", "lastUsedAt"}
"""The fields without `key`, which only the creation returns."""
PRODUCTION_INTEGRATION = {
    "name": "Production Integration",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "expiresAt": "2125-01-20T00:00:00Z",  # far in the future
}
KEY_MANAGEMENT = "api-keys:*"
"""The scope with which a key manages keys. docs/compatibility.md names it."""
ROTATION_GRACE = timedelta(minutes=5)


@pytest.fixture(scope="module")
def product(deploy: Deploy) -> RunningStack:
    """Deploy the product with its prefix, scopes and grace period."""
    return deploy(
        "api-keys",
        base_path=BASE_PATH,
        ApiKeyPrefix="rg_",
        RotationGraceSeconds=str(int(ROTATION_GRACE.total_seconds())),
        Scopes=",".join([*AVAILABLE_SCOPES, KEY_MANAGEMENT]),
    )


@pytest.fixture
def client(product: RunningStack) -> Caller:
    """Return a client that sends X-API-Key and Content-Type with every request, like curl."""
    scopes = [*AVAILABLE_SCOPES, KEY_MANAGEMENT]
    made = admin(product, new_account()).call("POST", "/api-keys", {"name": "Mine", "scopes": scopes}, status=201)
    return Caller(product.base_url, {"X-API-Key": made["key"], "Content-Type": "application/json"})


def created(client: Caller, **settings: Any) -> dict[str, Any]:
    """Create a key with the example settings or others."""
    response: dict[str, Any] = client.call("POST", "/api-keys", {**PRODUCTION_INTEGRATION, **settings}, status=201)
    return response


def soon() -> str:
    """Return a time so near that a test can wait for it."""
    return (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- Endpoints ----


def test_catalogue_offers_documented_scopes_and_key_management(client: Caller) -> None:
    catalogue = {each["name"]: each["description"] for each in client.call("GET", "/scopes", status=200)["data"]}
    assert catalogue.keys() >= {*AVAILABLE_SCOPES, KEY_MANAGEMENT}
    assert all(catalogue.values())


def test_key_with_the_scopes_and_one_more_manages_keys(client: Caller) -> None:
    made = created(client)
    path = f"/api-keys/{made['id']}"
    assert client.call("GET", path, status=200)["scopes"] == PRODUCTION_INTEGRATION["scopes"]
    assert client.call("PUT", path, {**PRODUCTION_INTEGRATION, "name": "Renamed"}, status=200)["name"] == "Renamed"
    assert client.call("POST", f"{path}/rotate", status=200)["key"] != made["key"]
    assert client.send_request("DELETE", path).status_code == 204
    assert client.call("GET", path, status=200)["status"] == "revoked"


def test_location_of_created_key_leads_to_the_key(client: Caller) -> None:
    response = client.send_request("POST", "/api-keys", PRODUCTION_INTEGRATION)
    found = requests.get(urljoin(response.url, response.headers["Location"]), headers=client.headers, timeout=60)
    assert (found.status_code, found.json()["id"]) == (200, response.json()["id"])


def test_api_is_below_its_base_path(product: RunningStack, client: Caller) -> None:
    assert urlsplit(client.base_url).path == "/api/v1"
    assert client.send_request("GET", "/api-keys").status_code == 200
    assert (
        Caller(client.base_url.removesuffix(BASE_PATH), client.headers).send_request("GET", "/api-keys").status_code
        == 404
    )


def test_unknown_id_is_404_at_every_endpoint(client: Caller) -> None:
    path = "/api-keys/key_abc123"
    assert client.send_request("GET", path).status_code == 404
    assert client.send_request("PUT", path, PRODUCTION_INTEGRATION).status_code == 404
    assert client.send_request("DELETE", path).status_code == 404
    assert client.send_request("POST", f"{path}/rotate").status_code == 404


def test_key_of_another_account_is_404_at_every_endpoint(product: RunningStack, client: Caller) -> None:
    key = created(client)
    stranger = admin(product, new_account())
    path = f"/api-keys/{key['id']}"
    assert stranger.send_request("GET", path).status_code == 404
    assert stranger.send_request("PUT", path, PRODUCTION_INTEGRATION).status_code == 404
    assert stranger.send_request("DELETE", path).status_code == 404
    assert stranger.send_request("POST", f"{path}/rotate").status_code == 404
    assert verdict(product, key["key"]) == "VALID"


# ---- The API Key Object ----


def test_key_object_has_the_expected_fields(client: Caller) -> None:
    shown = client.call("GET", f"/api-keys/{created(client)['id']}")
    assert set(shown) >= API_KEY_OBJECT
    assert isinstance(shown["id"], str)
    assert shown["name"] == "Production Integration"
    assert shown["scopes"] == PRODUCTION_INTEGRATION["scopes"]
    assert datetime.fromisoformat(shown["createdAt"]).utcoffset() == timedelta(0)


def test_full_key_is_returned_on_creation_only(client: Caller) -> None:
    key = created(client)
    assert set(key) >= API_KEY_OBJECT | {"key"}
    assert re.fullmatch(r"rg_[A-Za-z0-9]+", key["key"])
    for response in (client.send_request("GET", "/api-keys"), client.send_request("GET", f"/api-keys/{key['id']}")):
        assert response.status_code == 200
        assert key["keyPrefix"] in response.text
        assert key["key"].removeprefix(key["keyPrefix"]) not in response.text


def test_key_prefix_is_the_first_12_characters(client: Caller) -> None:
    key = created(client)
    assert key["keyPrefix"] == key["key"][:12]


def test_key_without_expiry_never_expires(product: RunningStack, client: Caller) -> None:
    key = client.call("POST", "/api-keys", {"name": "Without end"}, status=201)
    assert key["expiresAt"] is None
    assert verdict(product, key["key"]) == "VALID"


def test_last_used_at_is_the_time_of_the_last_use(product: RunningStack, client: Caller) -> None:
    key = created(client, scopes=["webhooks:read"])
    assert key["lastUsedAt"] is None
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert holder(product, key["key"]).send_request("GET", "/webhooks").status_code == 200
    used = datetime.fromisoformat(client.call("GET", f"/api-keys/{key['id']}")["lastUsedAt"])
    assert before < used < datetime.now(UTC) + timedelta(seconds=1)


# ---- Available Scopes ----


def test_only_available_scopes_can_be_granted(client: Caller) -> None:
    assert created(client, scopes=AVAILABLE_SCOPES)["scopes"] == AVAILABLE_SCOPES
    assert client.send_request("POST", "/api-keys", {"name": "x", "scopes": ["commissions:write"]}).status_code == 422


def test_scopes_limit_the_actions_of_a_key(product: RunningStack, client: Caller) -> None:
    key = created(client)["key"]
    granted = {scope for scope in AVAILABLE_SCOPES if verdict(product, key, scope) == "VALID"}
    assert granted == set(PRODUCTION_INTEGRATION["scopes"])
    assert verdict(product, key, "orders:read", "commissions:read") == "INSUFFICIENT_SCOPE"


def test_webhook_scopes_separate_reading_from_managing(product: RunningStack, client: Caller) -> None:
    reader, writer = (
        holder(product, created(client, scopes=[f"webhooks:{verb}"])["key"]) for verb in ("read", "write")
    )
    webhook = {"url": "http://127.0.0.1:1/hook"}
    assert reader.send_request("POST", "/webhooks", webhook).status_code == 403
    made = writer.call("POST", "/webhooks", webhook, status=201)
    assert [listed["id"] for listed in reader.call("GET", "/webhooks")["data"]] == [made["id"]]
    assert reader.send_request("DELETE", f"/webhooks/{made['id']}").status_code == 403
    assert writer.send_request("DELETE", f"/webhooks/{made['id']}").status_code == 204


# ---- Create an API Key: POST /api-keys ----


def test_key_is_created_with_scopes_and_expiry(client: Caller) -> None:
    response = client.send_request("POST", "/api-keys", PRODUCTION_INTEGRATION)
    assert response.status_code == 201
    assert {name: response.json()[name] for name in PRODUCTION_INTEGRATION} == PRODUCTION_INTEGRATION
    shown = client.call("GET", f"/api-keys/{response.json()['id']}")
    assert response.json() == {**shown, "key": response.json()["key"]}


def test_expiry_in_the_past_is_refused(client: Caller) -> None:
    body = {**PRODUCTION_INTEGRATION, "expiresAt": "2025-01-20T00:00:00Z"}
    assert client.send_request("POST", "/api-keys", body).status_code == 422


# ---- List API Keys: GET /api-keys ----


def test_list_returns_all_keys_of_the_account(product: RunningStack, client: Caller) -> None:
    made = {created(client)["id"] for _ in range(2)}
    listed = client.call("GET", "/api-keys")["data"]
    assert made < {key["id"] for key in listed}
    assert {key["name"] for key in listed} == {"Mine", "Production Integration"}
    assert admin(product, new_account()).call("GET", "/api-keys")["data"] == []


def test_list_never_returns_the_full_key(client: Caller) -> None:
    created(client)
    for key in client.call("GET", "/api-keys")["data"]:
        assert set(key) >= API_KEY_OBJECT
        assert "key" not in key


# ---- PUT /api-keys/{id} ----


def test_put_replaces_the_settings_and_keeps_the_key(product: RunningStack, client: Caller) -> None:
    key = created(client, description="Until the summer")
    wanted = {"name": "Reporting", "scopes": ["commissions:read"]}
    replaced = client.call("PUT", f"/api-keys/{key['id']}", wanted)
    assert "key" not in replaced
    assert replaced == client.call("GET", f"/api-keys/{key['id']}")
    unchanged = ("id", "keyPrefix", "createdAt")
    assert {name: replaced[name] for name in unchanged} == {name: key[name] for name in unchanged}
    assert (replaced["name"], replaced["scopes"]) == ("Reporting", ["commissions:read"])
    assert (replaced["description"], replaced["expiresAt"]) == (None, None)
    assert verdict(product, key["key"], "commissions:read") == "VALID"
    assert verdict(product, key["key"], "orders:read") == "INSUFFICIENT_SCOPE"


def test_put_requires_a_complete_body_with_available_scopes(client: Caller) -> None:
    key = created(client)
    path = f"/api-keys/{key['id']}"
    assert client.send_request("PUT", path, {"scopes": ["orders:read"]}).status_code == 422
    assert client.send_request("PUT", path, {"name": "x", "scopes": ["commissions:write"]}).status_code == 422
    shown = client.call("GET", path)
    assert {name: shown[name] for name in PRODUCTION_INTEGRATION} == PRODUCTION_INTEGRATION


# ---- DELETE /api-keys/{id} ----


def test_deleted_key_is_refused(product: RunningStack, client: Caller) -> None:
    key = created(client)
    response = client.send_request("DELETE", f"/api-keys/{key['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert holder(product, key["key"]).send_request("GET", "/api-keys").status_code == 401


# ---- Rotate API Key: POST /api-keys/{id}/rotate ----


def test_rotation_creates_a_new_secret_and_keeps_the_settings(product: RunningStack, client: Caller) -> None:
    key = created(client)
    rotated = client.call("POST", f"/api-keys/{key['id']}/rotate")
    assert rotated["key"].startswith("rg_")
    assert rotated["key"] != key["key"]
    for name in ("id", "name", "scopes", "expiresAt", "createdAt"):
        assert rotated[name] == key[name]
    assert verdict(product, rotated["key"], *key["scopes"]) == "VALID"


def test_old_secret_works_for_5_minutes(product: RunningStack, client: Caller) -> None:
    key = created(client)
    rotated = client.call("POST", f"/api-keys/{key['id']}/rotate")
    assert verdict(product, key["key"], *key["scopes"]) == "VALID"
    ends = datetime.fromisoformat(rotated["previousKeyExpiresAt"])
    assert ends - datetime.fromisoformat(rotated["updatedAt"]) == ROTATION_GRACE


def test_old_secret_ends_after_grace_period_and_new_one_works(product: RunningStack, client: Caller) -> None:
    key = created(client)
    rotated = client.call("POST", f"/api-keys/{key['id']}/rotate", {"gracePeriodSeconds": 2})
    ends = datetime.fromisoformat(rotated["previousKeyExpiresAt"])
    eventually(lambda: verdict(product, key["key"]), lambda code: code == "EXPIRED")
    assert datetime.now(UTC) >= ends - timedelta(milliseconds=100)
    assert verdict(product, rotated["key"]) == "VALID"


# ---- Security Best Practices ----


def test_key_ends_at_its_expiry(product: RunningStack, client: Caller) -> None:
    key = created(client, scopes=["webhooks:read"], expiresAt=soon())
    caller = holder(product, key["key"])
    ends = datetime.fromisoformat(key["expiresAt"])
    time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds()))
    assert caller.send_request("GET", "/webhooks").status_code == 401
    assert verdict(product, key["key"]) == "EXPIRED"
