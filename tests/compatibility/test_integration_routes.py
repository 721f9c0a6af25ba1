"""Document 000, "Management API" of Rheo: its dashboard's API keys, webhook settings and delivery log."""

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
def rheo(deploy: Deploy) -> RunningStack:
    """A deployment with Rheo's names."""
    return deploy("rheo", ApiKeyPrefix="rheo_live_", SignatureHeaderPrefix="X-Rheo")


@pytest.fixture
def account_id() -> str:
    """A partner account that nobody has used before."""
    return new_account()


@pytest.fixture
def dashboard(rheo: RunningStack, account_id: str) -> Caller:
    """The dashboard, with the Supabase session of the account's admin."""
    return admin(rheo, account_id)


def generated(dashboard: Caller, name: str = "Recopart Production") -> str:
    """The raw key of a new API key."""
    return str(dashboard.call("POST", "/integration/api-keys/generate", {"name": name})["apiKey"])


def listed(dashboard: Caller) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = dashboard.call("GET", "/integration/api-keys")["keys"]
    return keys


def secret_after_setting(dashboard: Caller, url: str) -> str:
    """The signing secret of an account whose webhook URL is now `url`."""
    assert dashboard.call("PUT", "/integration/webhook-settings", {"webhookUrl": url}) == {"success": True}
    return str(dashboard.call("GET", "/integration/webhook-settings")["webhookSecret"])


def log_of(dashboard: Caller) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = dashboard.call("GET", "/integration/webhook-deliveries")["deliveries"]
    return log


def is_signed_with(secret: str, request: ReceivedRequest) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(request.headers["x-rheo-signature"], expected)


def moment(text: str) -> datetime:
    """A time as the document writes them: 2026-05-01T10:00:00Z, in ours with or without a fraction."""
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", text)
    return datetime.fromisoformat(text)


# ---- Management API ----


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_all_endpoints_on_this_page_require_jwt_authentication(rheo: RunningStack, method: str, path: str) -> None:
    assert nobody(rheo).use_request(method, path).status_code == 401
    assert Caller(rheo.base_url, {"Authorization": "Bearer no-session"}).use_request(method, path).status_code == 401


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_they_are_not_for_server_side_code_with_an_x_api_key(
    rheo: RunningStack, dashboard: Caller, method: str, path: str
) -> None:
    assert holder(rheo, generated(dashboard)).use_request(method, path).status_code == 401


# ---- API Key Management: POST /integration/api-keys/generate ----


def test_generate_creates_a_new_api_key_for_the_authenticated_partner_account(
    rheo: RunningStack, dashboard: Caller
) -> None:
    response = dashboard.use_request("POST", "/integration/api-keys/generate", {"name": "Recopart Production"})
    assert response.status_code == 200
    created = response.json()
    assert set(created) == {"apiKey", "name"}
    assert created["name"] == "Recopart Production"
    assert re.fullmatch(r"rheo_live_[A-Za-z0-9]{28,}", created["apiKey"])
    assert verdict(rheo, created["apiKey"]) == "VALID"
    assert [key["name"] for key in listed(dashboard)] == ["Recopart Production"]
    assert listed(admin(rheo, new_account())) == []


def test_the_raw_key_is_returned_once_and_cannot_be_retrieved_again(dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    secret = raw_key.removeprefix(key["prefix"])
    for path in ("/integration/api-keys", "/api-keys", f"/api-keys/{key['id']}"):
        response = dashboard.use_request("GET", path)
        assert response.status_code == 200
        assert secret not in response.text


def test_all_fields_are_optional_and_the_name_defaults_to_api_key(dashboard: Caller) -> None:
    assert dashboard.call("POST", "/integration/api-keys/generate")["name"] == "API Key"
    assert dashboard.call("POST", "/integration/api-keys/generate", {})["name"] == "API Key"
    assert [key["name"] for key in listed(dashboard)] == ["API Key", "API Key"]


# ---- GET /integration/api-keys ----


def test_a_listed_key_has_the_documents_fields(dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    response = dashboard.call("GET", "/integration/api-keys")
    assert set(response) == {"keys"}
    (key,) = response["keys"]
    assert set(key) == {"id", "userId", "prefix", "name", "createdAt", "lastUsedAt", "revokedAt"}
    assert str(UUID(key["id"])) == key["id"]
    assert key["userId"] == USER_ID
    assert key["name"] == "Recopart Production"
    assert moment(key["createdAt"]).tzinfo is not None
    assert re.fullmatch(r"rheo_live_[A-Za-z0-9]{4}", key["prefix"])
    assert raw_key.startswith(key["prefix"])


def test_last_used_at_is_null_if_never_used_and_then_when_the_key_last_authenticated_a_request(
    rheo: RunningStack, dashboard: Caller
) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    assert key["lastUsedAt"] is None
    assert verdict(rheo, raw_key) == "VALID"
    first = moment(listed(dashboard)[0]["lastUsedAt"])
    assert first >= moment(key["createdAt"])
    assert verdict(rheo, raw_key) == "VALID"
    assert moment(listed(dashboard)[0]["lastUsedAt"]) >= first


def test_revoked_at_is_always_null_because_revoked_keys_are_excluded(dashboard: Caller) -> None:
    for name in ("Staging", "Production"):
        generated(dashboard, name)
    staging = next(key for key in listed(dashboard) if key["name"] == "Staging")
    dashboard.call("DELETE", f"/integration/api-keys/{staging['id']}", status=204)
    assert [(key["name"], key["revokedAt"]) for key in listed(dashboard)] == [("Production", None)]


# ---- DELETE /integration/api-keys/:id ----


def test_delete_revokes_an_api_key_immediately_with_204_no_content(rheo: RunningStack, dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    response = dashboard.use_request("DELETE", f"/integration/api-keys/{key['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert verdict(rheo, raw_key) == "REVOKED"
    assert holder(rheo, raw_key).use_request("GET", "/api-keys").status_code == 401


def test_any_in_flight_request_using_the_key_will_fail_after_revocation(rheo: RunningStack, dashboard: Caller) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    with ThreadPoolExecutor(3) as threads:
        in_flight = [threads.submit(verdict, rheo, raw_key) for _ in range(3)]
        dashboard.call("DELETE", f"/integration/api-keys/{key['id']}", status=204)
        after = [threads.submit(verdict, rheo, raw_key) for _ in range(3)]
    assert {one.result() for one in in_flight} <= {"VALID", "REVOKED"}
    assert {one.result() for one in after} == {"REVOKED"}


def test_delete_returns_404_if_the_key_does_not_exist_or_belongs_to_a_different_account(
    rheo: RunningStack, dashboard: Caller
) -> None:
    raw_key = generated(dashboard)
    (key,) = listed(dashboard)
    stranger = admin(rheo, new_account())
    responses = [stranger.use_request("DELETE", f"/integration/api-keys/{id_}") for id_ in (uuid4(), key["id"])]
    assert [response.status_code for response in responses] == [404, 404]
    missing, foreign = ({**response.json(), "requestId": None} for response in responses)
    assert missing == foreign
    assert verdict(rheo, raw_key) == "VALID"


# ---- Webhook Settings: GET /integration/webhook-settings ----


def test_a_new_accounts_signing_secret_is_generated_automatically_and_stored(dashboard: Caller) -> None:
    settings = dashboard.call("GET", "/integration/webhook-settings")
    assert set(settings) == {"webhookUrl", "webhookSecret"}
    assert settings["webhookUrl"] is None
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{38,}", settings["webhookSecret"])
    assert dashboard.call("GET", "/integration/webhook-settings") == settings


def test_webhook_secret_verifies_x_rheo_signature(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    secret = secret_after_setting(dashboard, receiver.url("/rheo-webhook"))
    publish(rheo, account_id, "item.sold", externalId="ERP_PART_12345")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert (request.method, request.path) == ("POST", "/rheo-webhook")
    assert is_signed_with(secret, request)


# ---- PUT /integration/webhook-settings ----


def test_put_updates_the_webhook_destination_url(dashboard: Caller, receiver: Receiver) -> None:
    before = dashboard.call("GET", "/integration/webhook-settings")
    url = receiver.url("/rheo-webhook")
    response = dashboard.use_request("PUT", "/integration/webhook-settings", {"webhookUrl": url})
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert dashboard.call("GET", "/integration/webhook-settings") == {**before, "webhookUrl": url}


def test_set_webhook_url_to_null_to_remove_the_webhook_url(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    secret = secret_after_setting(dashboard, receiver.url("/removed"))
    assert dashboard.call("PUT", "/integration/webhook-settings", {"webhookUrl": None}) == {"success": True}
    settings = dashboard.call("GET", "/integration/webhook-settings")
    assert settings == {"webhookUrl": None, "webhookSecret": secret}
    publish(rheo, account_id, "item.sold")
    secret_after_setting(dashboard, receiver.url("/back"))
    publish(rheo, account_id, "item.sold")
    receiver.wait_for(1, PATIENCE_SECONDS, "/back")
    assert receiver.requests("/removed") == []


# ---- POST /integration/webhook-settings/rotate-secret ----


def test_rotate_secret_generates_a_new_secret_and_immediately_invalidates_the_previous_one(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    url = receiver.url("/rheo-webhook")
    previous = secret_after_setting(dashboard, url)
    rotated = dashboard.call("POST", "/integration/webhook-settings/rotate-secret")
    assert set(rotated) == {"webhookUrl", "webhookSecret"}
    assert rotated["webhookUrl"] == url
    assert rotated["webhookSecret"].startswith("whsec_")
    assert rotated["webhookSecret"] != previous
    assert dashboard.call("GET", "/integration/webhook-settings") == rotated
    publish(rheo, account_id, "item.sold")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert is_signed_with(rotated["webhookSecret"], request)
    assert not is_signed_with(previous, request)


# ---- Webhook Delivery Log: GET /integration/webhook-deliveries ----


def test_a_delivery_that_succeeded_is_logged_with_the_documents_fields(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    assert dashboard.call("GET", "/integration/webhook-deliveries") == {"deliveries": []}
    secret_after_setting(dashboard, receiver.url("/rheo-webhook"))
    publish(rheo, account_id, "item.sold", externalId="ERP_PART_12345")
    (delivery,) = eventually(lambda: log_of(dashboard), bool)
    assert set(delivery) == {"id", "externalId", "eventType", "status", "errorMessage", "createdAt"}
    assert str(UUID(delivery["id"])) == delivery["id"]
    assert (delivery["externalId"], delivery["eventType"]) == ("ERP_PART_12345", "item.sold")
    assert (delivery["status"], delivery["errorMessage"]) == ("success", None)
    assert moment(delivery["createdAt"]).timestamp() <= receiver.requests()[0].received_at + 1


def test_error_message_is_network_or_http_error_detail(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        refusing = f"http://127.0.0.1:{unused.getsockname()[1]}/rheo-webhook"
    secret_after_setting(dashboard, refusing)
    publish(rheo, account_id, "listing.failed", externalId="ERP_PART_98765")
    failed = eventually(lambda: log_of(dashboard), bool)[-1]
    assert (failed["externalId"], failed["eventType"]) == ("ERP_PART_98765", "listing.failed")
    assert (failed["status"], failed["errorMessage"]) == ("failed", f"Connection refused at {refusing}")

    receiver.response("/broken", Behaviour(statuses=[500]))
    secret_after_setting(dashboard, receiver.url("/broken"))
    publish(rheo, account_id, "item.sold")
    expected = ("failed", f"HTTP 500 from {receiver.url('/broken')}")
    eventually(
        lambda: [(delivery["status"], delivery["errorMessage"]) for delivery in log_of(dashboard)],
        lambda log: expected in log,
    )


def test_retries_are_logged_as_separate_delivery_records_each_with_their_own_status(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    receiver.response("/flaky", Behaviour(statuses=[500, 200]))
    secret_after_setting(dashboard, receiver.url("/flaky"))
    publish(rheo, account_id, "item.sold", externalId="ERP_PART_12345")
    log = eventually(lambda: log_of(dashboard), lambda seen: len(seen) == 2)
    assert [delivery["status"] for delivery in log] == ["success", "failed"]
    assert len({delivery["id"] for delivery in log}) == 2
    assert {delivery["externalId"] for delivery in log} == {"ERP_PART_12345"}


def test_the_log_has_the_100_most_recent_delivery_attempts_newest_first(
    rheo: RunningStack, dashboard: Caller, account_id: str, receiver: Receiver
) -> None:
    webhooks, later_events = 21, 4
    for at in range(webhooks):
        dashboard.call("POST", "/webhooks", {"url": receiver.url(f"/{at}")}, status=201)
    publish(rheo, account_id, "item.first")
    eventually(lambda: log_of(dashboard), lambda log: len(log) == webhooks)
    for _ in range(later_events):
        publish(rheo, account_id, "item.later")
    receiver.wait_for((1 + later_events) * webhooks, PATIENCE_SECONDS)
    later = later_events * webhooks
    log = eventually(
        lambda: log_of(dashboard), lambda seen: Counter(one["eventType"] for one in seen)["item.later"] == later
    )
    assert len(log) == 100
    times = [moment(delivery["createdAt"]) for delivery in log]
    assert times == sorted(times, reverse=True)
    assert {delivery["eventType"] for delivery in log[later:]} == {"item.first"}
