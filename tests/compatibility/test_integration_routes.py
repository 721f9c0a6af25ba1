"""The product with the /integration routes: API keys, webhook settings and delivery log of its dashboard."""

import hashlib
import hmac
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from local.receiver import Behaviour, ReceivedRequest, Receiver
from local.stack import RunningStack
from local.tokens import USER_ID
from tests.compatibility.conftest import Deploy
from tests.journeys.product import (
    PATIENCE_SECONDS,
    Caller,
    admin,
    eventually,
    holder,
    new_account,
    nobody,
    publish,
    verdict,
)

ENDPOINTS = [
    ("POST", "/integration/api-keys/generate"),
    ("GET", "/integration/api-keys"),
    ("DELETE", "/integration/api-keys/f47ac10b-58cc-4372-a567-0e02b2c3d479"),
    ("GET", "/integration/webhook-settings"),
    ("PUT", "/integration/webhook-settings"),
    ("POST", "/integration/webhook-settings/rotate-secret"),
    ("GET", "/integration/webhook-deliveries"),
]


@pytest.fixture(scope="module")
def product(deploy: Deploy) -> RunningStack:
    """Deploy the product with its key prefix and signature header."""
    return deploy("integration", ApiKeyPrefix="shop_live_", SignatureHeaderPrefix="X-Shop")


@pytest.fixture
def account_id() -> str:
    """Return the id of an unused partner account."""
    return new_account()


@pytest.fixture
def dashboard(product: RunningStack, account_id: str) -> Caller:
    """Return the dashboard's client, with the Supabase session of the account's admin."""
    return admin(product, account_id)


def generated(dashboard: Caller, name: str = "Recopart Production") -> str:
    """Create an API key and return its full text."""
    return str(dashboard.call("POST", "/integration/api-keys/generate", {"name": name})["apiKey"])


def listed(dashboard: Caller) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = dashboard.call("GET", "/integration/api-keys")["keys"]
    return keys


def secret_after_setting(dashboard: Caller, url: str) -> str:
    """Set the account's webhook URL and return its signing secret."""
    assert dashboard.call("PUT", "/integration/webhook-settings", {"webhookUrl": url}) == {"success": True}
    return str(dashboard.call("GET", "/integration/webhook-settings")["webhookSecret"])


def log_of(dashboard: Caller) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = dashboard.call("GET", "/integration/webhook-deliveries")["deliveries"]
    return log


def is_signed_with(secret: str, request: ReceivedRequest) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(request.headers["x-shop-signature"], expected)


def moment(text: str) -> datetime:
    """Parse a time such as 2026-05-01T10:00:00Z, with or without a fraction."""
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", text)
    return datetime.fromisoformat(text)


# ---- Management API ----


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_integration_routes_require_a_session(product: RunningStack, method: str, path: str) -> None:
    assert nobody(product).send_request(method, path).status_code == 401
    assert (
        Caller(product.base_url, {"Authorization": "Bearer no-session"}).send_request(method, path).status_code == 401
    )


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_integration_routes_do_not_accept_api_keys(
    product: RunningStack, dashboard: Caller, method: str, path: str
) -> None:
    assert holder(product, generated(dashboard)).send_request(method, path).status_code == 401


# ---- API Key Management: POST /integration/api-keys/generate ----


def test_generated_key_belongs_to_the_callers_account(product: RunningStack, dashboard: Caller) -> None:
    response = dashboard.send_request("POST", "/integration/api-keys/generate", {"name": "Recopart Production"})
    assert response.status_code == 200
    created = response.json()
    assert set(created) == {"apiKey", "name"}
    assert created["name"] == "Recopart Production"
    assert re.fullmatch(r"shop_live_[A-Za-z0-9]{28,}", created["apiKey"])
    assert verdict(product, created["apiKey"]) == "VALID"
    assert [key["name"] for key in listed(dashboard)] == ["Recopart Production"]
    assert listed(admin(product, new_account())) == []


def test_full_key_is_returned_once(dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    secret = raw_key.removeprefix(key["prefix"])
    for path in ("/integration/api-keys", "/api-keys", f"/api-keys/{key['id']}"):
        response = dashboard.send_request("GET", path)
        assert response.status_code == 200
        assert secret not in response.text


def test_name_is_optional_and_defaults_to_api_key(dashboard: Caller) -> None:
    assert dashboard.call("POST", "/integration/api-keys/generate")["name"] == "API Key"
    assert dashboard.call("POST", "/integration/api-keys/generate", {})["name"] == "API Key"
    assert [key["name"] for key in listed(dashboard)] == ["API Key", "API Key"]


# ---- GET /integration/api-keys ----


def test_listed_key_has_exactly_the_expected_fields(dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    response = dashboard.call("GET", "/integration/api-keys")
    assert set(response) == {"keys"}
    (key,) = response["keys"]
    assert set(key) == {"id", "userId", "prefix", "name", "createdAt", "lastUsedAt", "revokedAt"}
    assert str(UUID(key["id"])) == key["id"]
    assert key["userId"] == USER_ID
    assert key["name"] == "Recopart Production"
    assert moment(key["createdAt"]).tzinfo is not None
    assert re.fullmatch(r"shop_live_[A-Za-z0-9]{4}", key["prefix"])
    assert raw_key.startswith(key["prefix"])


def test_last_used_at_is_null_before_the_first_use(product: RunningStack, dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    assert key["lastUsedAt"] is None
    assert verdict(product, raw_key) == "VALID"
    first = moment(listed(dashboard)[0]["lastUsedAt"])
    assert first >= moment(key["createdAt"])
    assert verdict(product, raw_key) == "VALID"
    assert moment(listed(dashboard)[0]["lastUsedAt"]) >= first


def test_revoked_keys_are_not_listed(dashboard: Caller) -> None:
    for name in ("Staging", "Production"):
        generated(dashboard, name)
    staging = next(key for key in listed(dashboard) if key["name"] == "Staging")
    dashboard.call("DELETE", f"/integration/api-keys/{staging['id']}", status=204)
    assert [(key["name"], key["revokedAt"]) for key in listed(dashboard)] == [("Production", None)]


# ---- DELETE /integration/api-keys/:id ----


def test_delete_revokes_the_key_with_204(product: RunningStack, dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    response = dashboard.send_request("DELETE", f"/integration/api-keys/{key['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert verdict(product, raw_key) == "REVOKED"
    assert holder(product, raw_key).send_request("GET", "/api-keys").status_code == 401


def test_request_after_revocation_is_refused(product: RunningStack, dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    with ThreadPoolExecutor(3) as threads:
        in_flight = [threads.submit(verdict, product, raw_key) for _ in range(3)]
        dashboard.call("DELETE", f"/integration/api-keys/{key['id']}", status=204)
        after = [threads.submit(verdict, product, raw_key) for _ in range(3)]
    assert {one.result() for one in in_flight} <= {"VALID", "REVOKED"}
    assert {one.result() for one in after} == {"REVOKED"}


def test_unknown_and_foreign_keys_have_the_same_404(product: RunningStack, dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    stranger = admin(product, new_account())
    responses = [stranger.send_request("DELETE", f"/integration/api-keys/{id_}") for id_ in (uuid4(), key["id"])]
    assert [response.status_code for response in responses] == [404, 404]
    missing, foreign = ({**response.json(), "requestId": None} for response in responses)
    assert missing == foreign
    assert verdict(product, raw_key) == "VALID"


# ---- Webhook Settings: GET /integration/webhook-settings ----


def test_new_account_has_a_stored_signing_secret(dashboard: Caller) -> None:
    settings = dashboard.call("GET", "/integration/webhook-settings")
    assert set(settings) == {"webhookUrl", "webhookSecret"}
    assert settings["webhookUrl"] is None
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{38,}", settings["webhookSecret"])
    assert dashboard.call("GET", "/integration/webhook-settings") == settings


def test_webhook_secret_verifies_the_signature_header(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    secret = secret_after_setting(dashboard, receiver.url("/webhook"))
    publish(product, account_id, "item.sold", externalId="ERP_PART_12345")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert (request.method, request.path) == ("POST", "/webhook")
    assert is_signed_with(secret, request)


# ---- PUT /integration/webhook-settings ----


def test_put_changes_the_webhook_url(dashboard: Caller, receiver: Receiver) -> None:
    before = dashboard.call("GET", "/integration/webhook-settings")
    url = receiver.url("/webhook")
    response = dashboard.send_request("PUT", "/integration/webhook-settings", {"webhookUrl": url})
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert dashboard.call("GET", "/integration/webhook-settings") == {**before, "webhookUrl": url}


def test_null_removes_the_webhook_url(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    secret = secret_after_setting(dashboard, receiver.url("/removed"))
    assert dashboard.call("PUT", "/integration/webhook-settings", {"webhookUrl": None}) == {"success": True}
    settings = dashboard.call("GET", "/integration/webhook-settings")
    assert settings == {"webhookUrl": None, "webhookSecret": secret}
    publish(product, account_id, "item.sold")
    secret_after_setting(dashboard, receiver.url("/back"))
    publish(product, account_id, "item.sold")
    receiver.wait_for(1, PATIENCE_SECONDS, "/back")
    assert receiver.requests("/removed") == []


# ---- POST /integration/webhook-settings/rotate-secret ----


def test_rotated_secret_replaces_the_previous_one_immediately(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    url = receiver.url("/webhook")
    previous = secret_after_setting(dashboard, url)
    rotated = dashboard.call("POST", "/integration/webhook-settings/rotate-secret")
    assert set(rotated) == {"webhookUrl", "webhookSecret"}
    assert rotated["webhookUrl"] == url
    assert rotated["webhookSecret"].startswith("whsec_")
    assert rotated["webhookSecret"] != previous
    assert dashboard.call("GET", "/integration/webhook-settings") == rotated
    publish(product, account_id, "item.sold")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert is_signed_with(rotated["webhookSecret"], request)
    assert not is_signed_with(previous, request)


# ---- Webhook Delivery Log: GET /integration/webhook-deliveries ----


def test_successful_delivery_is_logged_with_the_expected_fields(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    assert dashboard.call("GET", "/integration/webhook-deliveries") == {"deliveries": []}
    secret_after_setting(dashboard, receiver.url("/webhook"))
    publish(product, account_id, "item.sold", externalId="ERP_PART_12345")
    (delivery,) = eventually(lambda: log_of(dashboard), bool)
    assert set(delivery) == {"id", "externalId", "eventType", "status", "errorMessage", "createdAt"}
    assert str(UUID(delivery["id"])) == delivery["id"]
    assert (delivery["externalId"], delivery["eventType"]) == ("ERP_PART_12345", "item.sold")
    assert (delivery["status"], delivery["errorMessage"]) == ("success", None)
    assert moment(delivery["createdAt"]).timestamp() <= receiver.requests()[0].received_at + 1


def test_error_message_describes_the_network_or_http_error(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        refusing = f"http://127.0.0.1:{unused.getsockname()[1]}/webhook"
    secret_after_setting(dashboard, refusing)
    publish(product, account_id, "listing.failed", externalId="ERP_PART_98765")
    failed = eventually(lambda: log_of(dashboard), bool)[-1]
    assert (failed["externalId"], failed["eventType"]) == ("ERP_PART_98765", "listing.failed")
    assert (failed["status"], failed["errorMessage"]) == ("failed", f"Connection refused at {refusing}")

    receiver.response("/broken", Behaviour(statuses=[500]))
    secret_after_setting(dashboard, receiver.url("/broken"))
    publish(product, account_id, "item.sold")
    expected = ("failed", f"HTTP 500 from {receiver.url('/broken')}")
    eventually(
        lambda: [(delivery["status"], delivery["errorMessage"]) for delivery in log_of(dashboard)],
        lambda log: expected in log,
    )


def test_each_attempt_has_its_own_log_entry(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    receiver.response("/flaky", Behaviour(statuses=[500, 200]))
    secret_after_setting(dashboard, receiver.url("/flaky"))
    publish(product, account_id, "item.sold", externalId="ERP_PART_12345")
    log = eventually(lambda: log_of(dashboard), lambda seen: len(seen) == 2)
    assert [delivery["status"] for delivery in log] == ["success", "failed"]
    assert len({delivery["id"] for delivery in log}) == 2
    assert {delivery["externalId"] for delivery in log} == {"ERP_PART_12345"}


def test_log_has_the_100_newest_attempts(
    product: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    webhooks, later_events = 21, 4
    for at in range(webhooks):
        dashboard.call("POST", "/webhooks", {"url": receiver.url(f"/{at}")}, status=201)
    publish(product, account_id, "item.first")
    eventually(lambda: log_of(dashboard), lambda log: len(log) == webhooks)
    for _ in range(later_events):
        publish(product, account_id, "item.later")
    receiver.wait_for((1 + later_events) * webhooks, PATIENCE_SECONDS)
    later = later_events * webhooks
    log = eventually(
        lambda: log_of(dashboard), lambda seen: Counter(one["eventType"] for one in seen)["item.later"] == later
    )
    assert len(log) == 100
    times = [moment(delivery["createdAt"]) for delivery in log]
    assert times == sorted(times, reverse=True)
    assert {delivery["eventType"] for delivery in log[later:]} == {"item.first"}
