"""Document 001, "API Keys" of Regen: keys with granular permissions, managed by whoever holds one, below /api/v1."""

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
"""Without `key`, which is only shown on creation."""
PRODUCTION_INTEGRATION = {
    "name": "Production Integration",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "expiresAt": "2125-01-20T00:00:00Z",  # the document's, in a year that is still to come
}
ROTATION_GRACE = timedelta(minutes=5)


@pytest.fixture(scope="module")
def regen(deploy: Deploy) -> RunningStack:
    """A deployment with Regen's names."""
    return deploy(
        "regen",
        base_path=BASE_PATH,
        ApiKeyPrefix="rg_",
        RotationGraceSeconds=str(int(ROTATION_GRACE.total_seconds())),
        Scopes=",".join(AVAILABLE_SCOPES),
    )


@pytest.fixture
def client(regen: RunningStack) -> Caller:
    """A client that sends X-API-Key and Content-Type with every request, as the document's curl calls do."""
    scopes = [*AVAILABLE_SCOPES, "api-keys:read", "api-keys:write"]
    made = admin(regen, new_account()).call("POST", "/api-keys", {"name": "Mine", "scopes": scopes}, status=201)
    return Caller(regen.base_url, {"X-API-Key": made["key"], "Content-Type": "application/json"})


def created(client: Caller, **settings: Any) -> dict[str, Any]:
    """A new key: the document's example, or with other settings."""
    response: dict[str, Any] = client.call("POST", "/api-keys", {**PRODUCTION_INTEGRATION, **settings}, status=201)
    return response


def soon() -> str:
    """A moment so near that a test can wait for it."""
    return (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- Endpoints ----


def test_what_was_created_is_found_where_the_answer_says(client: Caller) -> None:
    response = client.use_request("POST", "/api-keys", PRODUCTION_INTEGRATION)
    found = requests.get(urljoin(response.url, response.headers["Location"]), headers=client.headers, timeout=60)
    assert (found.status_code, found.json()["id"]) == (200, response.json()["id"])


def test_the_api_is_below_its_base_path(regen: RunningStack, client: Caller) -> None:
    assert urlsplit(client.base_url).path == "/api/v1"
    assert client.use_request("GET", "/api-keys").status_code == 200
    assert (
        Caller(client.base_url.removesuffix(BASE_PATH), client.headers).use_request("GET", "/api-keys").status_code
        == 404
    )


def test_an_unknown_id_is_404_at_every_endpoint_that_takes_one(client: Caller) -> None:
    path = "/api-keys/key_abc123"
    assert client.use_request("GET", path).status_code == 404
    assert client.use_request("PUT", path, PRODUCTION_INTEGRATION).status_code == 404
    assert client.use_request("DELETE", path).status_code == 404
    assert client.use_request("POST", f"{path}/rotate").status_code == 404


def test_another_accounts_key_is_404_at_every_endpoint_that_takes_an_id(regen: RunningStack, client: Caller) -> None:
    key = created(client)
    stranger = admin(regen, new_account())
    path = f"/api-keys/{key['id']}"
    assert stranger.use_request("GET", path).status_code == 404
    assert stranger.use_request("PUT", path, PRODUCTION_INTEGRATION).status_code == 404
    assert stranger.use_request("DELETE", path).status_code == 404
    assert stranger.use_request("POST", f"{path}/rotate").status_code == 404
    assert verdict(regen, key["key"]) == "VALID"


# ---- The API Key Object ----


def test_the_api_key_object_has_the_documents_fields(client: Caller) -> None:
    shown = client.call("GET", f"/api-keys/{created(client)['id']}")
    assert set(shown) >= API_KEY_OBJECT
    assert isinstance(shown["id"], str)
    assert shown["name"] == "Production Integration"
    assert shown["scopes"] == PRODUCTION_INTEGRATION["scopes"]
    assert datetime.fromisoformat(shown["createdAt"]).utcoffset() == timedelta(0)


def test_key_is_the_full_api_key_only_shown_on_creation(client: Caller) -> None:
    key = created(client)
    assert set(key) >= API_KEY_OBJECT | {"key"}
    assert re.fullmatch(r"rg_[A-Za-z0-9]+", key["key"])
    for response in (client.use_request("GET", "/api-keys"), client.use_request("GET", f"/api-keys/{key['id']}")):
        assert response.status_code == 200
        assert key["keyPrefix"] in response.text
        assert key["key"].removeprefix(key["keyPrefix"]) not in response.text


def test_key_prefix_is_the_first_12_characters(client: Caller) -> None:
    key = created(client)
    assert key["keyPrefix"] == key["key"][:12]


def test_expires_at_null_never_expires(regen: RunningStack, client: Caller) -> None:
    key = client.call("POST", "/api-keys", {"name": "Without end"}, status=201)
    assert key["expiresAt"] is None
    assert verdict(regen, key["key"]) == "VALID"


def test_last_used_at_is_the_last_time_the_key_was_used(regen: RunningStack, client: Caller) -> None:
    key = created(client, scopes=["webhooks:read"])
    assert key["lastUsedAt"] is None
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert holder(regen, key["key"]).use_request("GET", "/webhooks").status_code == 200
    used = datetime.fromisoformat(client.call("GET", f"/api-keys/{key['id']}")["lastUsedAt"])
    assert before < used < datetime.now(UTC) + timedelta(seconds=1)


# ---- Available Scopes ----


def test_every_available_scope_can_be_granted_and_no_other(client: Caller) -> None:
    assert created(client, scopes=AVAILABLE_SCOPES)["scopes"] == AVAILABLE_SCOPES
    assert client.use_request("POST", "/api-keys", {"name": "x", "scopes": ["commissions:write"]}).status_code == 422


def test_api_keys_use_scopes_to_limit_what_actions_they_can_perform(regen: RunningStack, client: Caller) -> None:
    key = created(client)["key"]
    granted = {scope for scope in AVAILABLE_SCOPES if verdict(regen, key, scope) == "VALID"}
    assert granted == set(PRODUCTION_INTEGRATION["scopes"])
    assert verdict(regen, key, "orders:read", "commissions:read") == "INSUFFICIENT_SCOPE"


def test_webhooks_read_lists_webhooks_and_webhooks_write_manages_them(regen: RunningStack, client: Caller) -> None:
    reader, writer = (holder(regen, created(client, scopes=[f"webhooks:{verb}"])["key"]) for verb in ("read", "write"))
    webhook = {"url": "http://127.0.0.1:1/regen"}
    assert reader.use_request("POST", "/webhooks", webhook).status_code == 403
    made = writer.call("POST", "/webhooks", webhook, status=201)
    assert [listed["id"] for listed in reader.call("GET", "/webhooks")["data"]] == [made["id"]]
    assert reader.use_request("DELETE", f"/webhooks/{made['id']}").status_code == 403
    assert writer.use_request("DELETE", f"/webhooks/{made['id']}").status_code == 204


# ---- Create an API Key: POST /api-keys ----


def test_create_makes_a_key_with_specific_scopes_and_optional_expiration_date(client: Caller) -> None:
    response = client.use_request("POST", "/api-keys", PRODUCTION_INTEGRATION)
    assert response.status_code == 201
    assert {name: response.json()[name] for name in PRODUCTION_INTEGRATION} == PRODUCTION_INTEGRATION
    shown = client.call("GET", f"/api-keys/{response.json()['id']}")
    assert response.json() == {**shown, "key": response.json()["key"]}


def test_an_expiration_date_that_has_passed_is_refused(client: Caller) -> None:
    body = {**PRODUCTION_INTEGRATION, "expiresAt": "2025-01-20T00:00:00Z"}
    assert client.use_request("POST", "/api-keys", body).status_code == 422


# ---- List API Keys: GET /api-keys ----


def test_list_retrieves_all_api_keys_of_the_account(regen: RunningStack, client: Caller) -> None:
    made = {created(client)["id"] for _ in range(2)}
    listed = client.call("GET", "/api-keys")["data"]
    assert made < {key["id"] for key in listed}
    assert {key["name"] for key in listed} == {"Mine", "Production Integration"}
    assert admin(regen, new_account()).call("GET", "/api-keys")["data"] == []


def test_the_full_key_value_is_never_returned_in_list_operations(client: Caller) -> None:
    created(client)
    for key in client.call("GET", "/api-keys")["data"]:
        assert set(key) >= API_KEY_OBJECT
        assert "key" not in key


# ---- PUT /api-keys/{id} ----


def test_put_replaces_the_configuration_and_keeps_the_key(regen: RunningStack, client: Caller) -> None:
    key = created(client, description="Until the summer")
    wanted = {"name": "Reporting", "scopes": ["commissions:read"]}
    replaced = client.call("PUT", f"/api-keys/{key['id']}", wanted)
    assert "key" not in replaced
    assert replaced == client.call("GET", f"/api-keys/{key['id']}")
    unchanged = ("id", "keyPrefix", "createdAt")
    assert {name: replaced[name] for name in unchanged} == {name: key[name] for name in unchanged}
    assert (replaced["name"], replaced["scopes"]) == ("Reporting", ["commissions:read"])
    assert (replaced["description"], replaced["expiresAt"]) == (None, None)
    assert verdict(regen, key["key"], "commissions:read") == "VALID"
    assert verdict(regen, key["key"], "orders:read") == "INSUFFICIENT_SCOPE"


def test_put_needs_a_whole_configuration_of_available_scopes(client: Caller) -> None:
    key = created(client)
    path = f"/api-keys/{key['id']}"
    assert client.use_request("PUT", path, {"scopes": ["orders:read"]}).status_code == 422
    assert client.use_request("PUT", path, {"name": "x", "scopes": ["commissions:write"]}).status_code == 422
    shown = client.call("GET", path)
    assert {name: shown[name] for name in PRODUCTION_INTEGRATION} == PRODUCTION_INTEGRATION


# ---- DELETE /api-keys/{id} ----


def test_delete_ends_the_key(regen: RunningStack, client: Caller) -> None:
    key = created(client)
    response = client.use_request("DELETE", f"/api-keys/{key['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert holder(regen, key["key"]).use_request("GET", "/api-keys").status_code == 401


# ---- Rotate API Key: POST /api-keys/{id}/rotate ----


def test_rotate_generates_a_new_key_value_while_keeping_the_same_configuration(
    regen: RunningStack, client: Caller
) -> None:
    key = created(client)
    rotated = client.call("POST", f"/api-keys/{key['id']}/rotate")
    assert rotated["key"].startswith("rg_")
    assert rotated["key"] != key["key"]
    for name in ("id", "name", "scopes", "expiresAt", "createdAt"):
        assert rotated[name] == key[name]
    assert verdict(regen, rotated["key"], *key["scopes"]) == "VALID"


def test_the_old_key_remains_valid_for_5_minutes(regen: RunningStack, client: Caller) -> None:
    key = created(client)
    rotated = client.call("POST", f"/api-keys/{key['id']}/rotate")
    assert verdict(regen, key["key"], *key["scopes"]) == "VALID"
    ends = datetime.fromisoformat(rotated["previousKeyExpiresAt"])
    assert ends - datetime.fromisoformat(rotated["updatedAt"]) == ROTATION_GRACE


def test_the_old_key_ends_with_its_grace_and_the_new_one_stays(regen: RunningStack, client: Caller) -> None:
    key = created(client)
    rotated = client.call("POST", f"/api-keys/{key['id']}/rotate", {"gracePeriodSeconds": 2})
    ends = datetime.fromisoformat(rotated["previousKeyExpiresAt"])
    eventually(lambda: verdict(regen, key["key"]), lambda code: code == "EXPIRED")
    assert datetime.now(UTC) >= ends - timedelta(milliseconds=100)
    assert verdict(regen, rotated["key"]) == "VALID"


# ---- Security Best Practices ----


def test_set_expiration_ends_a_key_at_its_date(regen: RunningStack, client: Caller) -> None:
    key = created(client, scopes=["webhooks:read"], expiresAt=soon())
    caller = holder(regen, key["key"])
    ends = datetime.fromisoformat(key["expiresAt"])
    time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds()))
    assert caller.use_request("GET", "/webhooks").status_code == 401
    assert verdict(regen, key["key"]) == "EXPIRED"
