"""The product with the /permission-profiles and /webhooks routes: permission profiles of API keys, and webhooks."""

import hashlib
import hmac
import json
import re
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from local.receiver import Behaviour, ReceivedRequest, Receiver
from local.stack import RunningStack
from tests.compatibility.conftest import Deploy
from tests.journeys.product import (
    PATIENCE_SECONDS,
    Caller,
    admin,
    eventually,
    holder,
    new_account,
    publish,
    verdict,
)

ENTITY_CHANGES = ["lap.created", "setup.updated", "issue.resolved"]
PRODUCT_SCOPES = ["laps:read", "laps:write", "laps:delete", "issues:read"]
OWN_SECRET = "pasted from our secret manager"


@pytest.fixture(scope="module")
def product(deploy: Deploy) -> RunningStack:
    """Deploy the product with its key prefix, signature header and scopes."""
    return deploy("profiles", ApiKeyPrefix="rk_", SignatureHeaderPrefix="X-Track", Scopes=",".join(PRODUCT_SCOPES))


@pytest.fixture
def account_id() -> str:
    """Return the id of an unused account."""
    return new_account()


@pytest.fixture
def integrations(product: RunningStack, account_id: str) -> Caller:
    """Return the client of Admin → Integrations for the account."""
    return admin(product, account_id)


def created_key(integrations: Caller, **settings: Any) -> dict[str, Any]:
    response: dict[str, Any] = integrations.call("POST", "/api-keys", {"name": "Pit wall", **settings}, status=201)
    return response


def created_profile(integrations: Caller, name: str, **effects: str) -> str:
    """Create a profile with one rule per resource and return its id. `laps="allow"` is a rule for `laps:*`."""
    rules = [{"effect": effect, "actions": [f"{resource}:*"]} for resource, effect in effects.items()]
    made = integrations.call("POST", "/permission-profiles", {"name": name, "rules": rules}, status=201)
    return str(made["id"])


def created_webhook(integrations: Caller, url: str, *events: str, **settings: Any) -> dict[str, Any]:
    body = {"url": url, "events": list(events or ENTITY_CHANGES), **settings}
    response: dict[str, Any] = integrations.call("POST", "/webhooks", body, status=201)
    return response


def delivered(receiver: Receiver, count: int = 1, path: str | None = None) -> list[ReceivedRequest]:
    return receiver.wait_for(count, PATIENCE_SECONDS, path)


def attempts(integrations: Caller, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = integrations.call("GET", f"/webhooks/{webhook['id']}/deliveries")["data"]
    return log


# ---- API Keys tab: Create ----


def test_key_has_a_name_and_an_optional_expiry(integrations: Caller) -> None:
    assert created_key(integrations)["expiresAt"] is None
    key = created_key(integrations, expiresAt="2125-05-01T00:00:00Z")
    assert (key["name"], key["expiresAt"]) == ("Pit wall", "2125-05-01T00:00:00Z")
    assert integrations.send_request("POST", "/api-keys", {}).status_code == 422


def test_full_key_is_returned_on_creation_only(integrations: Caller) -> None:
    key = created_key(integrations)
    assert re.fullmatch(r"rk_[A-Za-z0-9]+", key["key"])
    secret = key["key"].removeprefix(key["keyPrefix"])
    for path in ("/api-keys", f"/api-keys/{key['id']}"):
        response = integrations.send_request("GET", path)
        assert response.status_code == 200
        assert secret not in response.text


def test_only_the_hash_of_a_key_is_stored(product: RunningStack, integrations: Caller) -> None:
    key = created_key(integrations)
    stored = product.client("dynamodb").query(
        TableName=product.outputs["ApiKeysTableName"],
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": key["id"]}},
    )["Items"]
    assert stored
    assert key["key"].removeprefix(key["keyPrefix"])[-38:-6] not in repr(stored)  # its 32 random characters


# ---- Use ----


def test_key_in_header_authenticates_every_request(product: RunningStack, integrations: Caller) -> None:
    key = created_key(integrations, scopes=["api-keys:read"])["key"]
    assert Caller(product.base_url, {"X-API-Key": key}).send_request("GET", "/api-keys").status_code == 200
    wrong = key[:-1] + ("x" if key[-1] != "x" else "y")
    for refused in ({"X-API-Key": wrong}, {"X-API-Key": "rk_your_secret_token_here"}, {}):
        assert Caller(product.base_url, refused).send_request("GET", "/api-keys").status_code == 401


def test_key_and_session_give_the_same_responses(product: RunningStack, integrations: Caller) -> None:
    key = created_key(integrations, scopes=["api-keys:read", "webhooks:read", "webhooks:write"])
    service = holder(product, key["key"])
    made = created_webhook(service, "http://127.0.0.1:1/hook")
    for path in ("/webhooks", f"/api-keys/{key['id']}"):
        by_key, by_session = service.call("GET", path), integrations.call("GET", path)
        for response in (by_key, by_session):
            response.pop("requestCount", None), response.pop("lastUsedAt", None)
        assert by_key == by_session
    assert [webhook["id"] for webhook in integrations.call("GET", "/webhooks")["data"]] == [made["id"]]


def test_profile_of_a_key_is_applied(product: RunningStack, integrations: Caller) -> None:
    profile_id = created_profile(integrations, "Timing", laps="allow")
    key = created_key(integrations, profileId=profile_id)
    assert key["profileId"] == profile_id
    assert verdict(product, key["key"], "laps:read", "laps:write") == "VALID"
    assert verdict(product, key["key"], "issues:read") == "INSUFFICIENT_SCOPE"


def test_deny_rule_overrides_allow_rule(product: RunningStack, integrations: Caller) -> None:
    rules = [{"effect": "allow", "actions": ["laps:*"]}, {"effect": "deny", "actions": ["laps:delete"]}]
    profile = integrations.call("POST", "/permission-profiles", {"name": "No deleting", "rules": rules}, status=201)
    assert profile["rules"] == rules
    key = created_key(integrations, profileId=profile["id"])["key"]
    assert verdict(product, key, "laps:write") == "VALID"
    assert verdict(product, key, "laps:delete") == "INSUFFICIENT_SCOPE"


def test_profile_change_applies_to_the_next_request(product: RunningStack, integrations: Caller) -> None:
    profile_id = created_profile(integrations, "Timing", laps="allow")
    key = created_key(integrations, profileId=profile_id)["key"]
    assert verdict(product, key, "laps:read") == "VALID"
    rules = [{"effect": "allow", "actions": ["issues:read"]}]
    integrations.call("PATCH", f"/permission-profiles/{profile_id}", {"rules": rules})
    assert verdict(product, key, "laps:read") == "INSUFFICIENT_SCOPE"
    assert verdict(product, key, "issues:read") == "VALID"


# ---- Revoke ----


def test_deleted_key_gets_401_on_the_next_request(product: RunningStack, integrations: Caller) -> None:
    key = created_key(integrations, scopes=["webhooks:read"])
    service = holder(product, key["key"])
    assert service.send_request("GET", "/webhooks").status_code == 200
    response = integrations.send_request("DELETE", f"/api-keys/{key['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert service.send_request("GET", "/webhooks").status_code == 401


def test_deletion_ends_the_grace_period(product: RunningStack, integrations: Caller) -> None:
    key = created_key(integrations)
    rotated = integrations.call("POST", f"/api-keys/{key['id']}/rotate", {"gracePeriodSeconds": 3600})
    assert verdict(product, key["key"]) == "VALID"
    integrations.call("DELETE", f"/api-keys/{key['id']}", status=204)
    assert (verdict(product, key["key"]), verdict(product, rotated["key"])) == ("REVOKED", "REVOKED")


def test_list_shows_the_last_use(product: RunningStack, integrations: Caller) -> None:
    used, dormant = created_key(integrations), created_key(integrations)
    assert verdict(product, used["key"]) == "VALID"
    times = {key["id"]: key["lastUsedAt"] for key in integrations.call("GET", "/api-keys")["data"]}
    assert datetime.fromisoformat(times[used["id"]]) >= datetime.fromisoformat(used["createdAt"])
    assert times[dormant["id"]] is None


# ---- PATCH /api-keys/:id ----


def test_patch_renames_a_key(product: RunningStack, integrations: Caller) -> None:
    key = created_key(integrations, scopes=["laps:read"], description="Lap times")
    renamed = integrations.call("PATCH", f"/api-keys/{key['id']}", {"name": "Garage"})
    expected = {name: value for name, value in key.items() if name != "key"}
    assert renamed == {**expected, "name": "Garage", "updatedAt": renamed["updatedAt"]}
    assert integrations.call("GET", f"/api-keys/{key['id']}") == renamed
    assert verdict(product, key["key"], "laps:read") == "VALID"


def test_patch_changes_a_keys_profile(product: RunningStack, integrations: Caller) -> None:
    laps, issues = (created_profile(integrations, name, **{name: "allow"}) for name in ("laps", "issues"))
    key = created_key(integrations, profileId=laps)
    path = f"/api-keys/{key['id']}"
    assert integrations.call("PATCH", path, {"profileId": issues})["profileId"] == issues
    assert verdict(product, key["key"], "laps:read") == "INSUFFICIENT_SCOPE"
    assert verdict(product, key["key"], "issues:read") == "VALID"
    assert integrations.call("PATCH", path, {"profileId": None})["profileId"] is None
    assert verdict(product, key["key"], "issues:read") == "INSUFFICIENT_SCOPE"


def test_patch_sets_and_removes_an_expiry(integrations: Caller) -> None:
    key = created_key(integrations)
    path = f"/api-keys/{key['id']}"
    expiry = "2125-05-01T00:00:00Z"
    assert integrations.call("PATCH", path, {"expiresAt": expiry})["expiresAt"] == expiry
    assert integrations.call("PATCH", path, {"name": "Garage"})["expiresAt"] == expiry
    assert integrations.call("PATCH", path, {"expiresAt": None})["expiresAt"] is None


def test_key_and_profile_of_another_account_are_404(product: RunningStack, integrations: Caller) -> None:
    key, profile_id = created_key(integrations), created_profile(integrations, "Timing", laps="allow")
    stranger = admin(product, new_account())
    assert stranger.send_request("PATCH", f"/api-keys/{key['id']}", {"name": "Mine"}).status_code == 404
    assert stranger.send_request("DELETE", f"/api-keys/{key['id']}").status_code == 404
    assert stranger.send_request("GET", f"/permission-profiles/{profile_id}").status_code == 404
    assert verdict(product, key["key"]) == "VALID"


# ---- Webhooks tab: Create ----


def test_webhook_requires_a_valid_url(integrations: Caller) -> None:
    for url in ("ftp://track.example/hook", "no url", ""):
        assert integrations.send_request("POST", "/webhooks", {"url": url, "events": ENTITY_CHANGES}).status_code == 422
    assert integrations.send_request("POST", "/webhooks", {"events": ENTITY_CHANGES}).status_code == 422


def test_webhook_gets_only_the_chosen_events(
    product: RunningStack, integrations: Caller, account_id: str, receiver: Receiver
) -> None:
    created_webhook(integrations, receiver.url("/picked"), "lap.created", "issue.resolved")
    created_webhook(integrations, receiver.url("/all"))
    for event in ENTITY_CHANGES:
        publish(product, account_id, event)
    everything = delivered(receiver, 3, "/all")
    picked = delivered(receiver, 2, "/picked")
    assert {request.headers["x-track-event"] for request in everything} == set(ENTITY_CHANGES)
    assert sorted(request.headers["x-track-event"] for request in picked) == ["issue.resolved", "lap.created"]


def test_secret_is_generated_or_chosen(integrations: Caller) -> None:
    strong = created_webhook(integrations, "http://127.0.0.1:1/default")["secret"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{40}", strong)
    pasted = created_webhook(integrations, "http://127.0.0.1:1/own", secret=OWN_SECRET)
    assert pasted["secret"] == OWN_SECRET


# ---- Delivery ----


def test_delivery_has_the_expected_headers_and_body(
    product: RunningStack, integrations: Caller, account_id: str, receiver: Receiver
) -> None:
    webhook = created_webhook(integrations, receiver.url("/hook"), secret=OWN_SECRET)
    lap = {"id": "lap-7", "milliseconds": 83_211, "driver": "Häkkinen"}
    publish(product, account_id, "lap.created", entity=lap)
    (request,) = delivered(receiver)
    assert (request.method, request.path) == ("POST", "/hook")
    expected = hmac.new(OWN_SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-track-signature"] == f"sha256={expected}"
    assert request.headers["x-track-event"] == "lap.created"
    assert request.headers["x-track-webhook-id"] == str(UUID(webhook["id"]))
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.body)
    assert {name: body[name] for name in ("event", "accountId", "entity")} == {
        "event": "lap.created",
        "accountId": account_id,
        "entity": lap,
    }


def test_only_2xx_responses_are_successes(
    product: RunningStack, integrations: Caller, account_id: str, receiver: Receiver
) -> None:
    successes, failures = [200, 201, 202, 204, 299], [301, 400, 404, 500]
    webhooks = {
        status: created_webhook(integrations, receiver.url(f"/{status}"), "lap.created")
        for status in [*successes, *failures]
    }
    for status in webhooks:
        receiver.response(f"/{status}", Behaviour(statuses=[status], headers={"Location": receiver.url("/elsewhere")}))
    publish(product, account_id, "lap.created")
    for status, webhook in webhooks.items():
        log = eventually(lambda webhook=webhook: attempts(integrations, webhook), bool)  # type: ignore[misc]
        assert log[-1]["status"] == ("success" if status in successes else "failed")
    for status in failures:
        delivered(receiver, 2, f"/{status}")  # it is retried
    assert [len(receiver.requests(f"/{status}")) for status in successes] == [1] * len(successes)
    assert receiver.requests("/elsewhere") == []


# ---- GET and DELETE /webhooks ----


def test_webhooks_are_listed_without_their_secrets(product: RunningStack, integrations: Caller) -> None:
    made = created_webhook(integrations, "http://127.0.0.1:1/hook", secret=OWN_SECRET)
    response = integrations.send_request("GET", "/webhooks")
    (webhook,) = response.json()["data"]
    assert webhook == {name: value for name, value in made.items() if name != "secret"}
    assert (webhook["url"], webhook["events"]) == ("http://127.0.0.1:1/hook", ENTITY_CHANGES)
    assert webhook["status"] == "active"
    assert OWN_SECRET not in response.text
    assert admin(product, new_account()).call("GET", "/webhooks")["data"] == []


def test_deleted_webhook_gets_no_deliveries(
    product: RunningStack, integrations: Caller, account_id: str, receiver: Receiver
) -> None:
    deleted = created_webhook(integrations, receiver.url("/deleted"))
    created_webhook(integrations, receiver.url("/kept"))
    assert admin(product, new_account()).send_request("DELETE", f"/webhooks/{deleted['id']}").status_code == 404
    response = integrations.send_request("DELETE", f"/webhooks/{deleted['id']}")
    assert (response.status_code, response.content) == (204, b"")
    publish(product, account_id, "lap.created")
    delivered(receiver, 1, "/kept")
    time.sleep(0.5)
    assert receiver.requests("/deleted") == []
    assert [webhook["url"] for webhook in integrations.call("GET", "/webhooks")["data"]] == [receiver.url("/kept")]


# ---- What's coming: delivery history ----


def test_delivery_history_has_request_response_and_error_message(
    product: RunningStack, integrations: Caller, account_id: str, receiver: Receiver
) -> None:
    receiver.response("/history", Behaviour(statuses=[503, 200], body=b"engine off"))
    webhook = created_webhook(integrations, receiver.url("/history"))
    publish(product, account_id, "lap.created")
    last, first = eventually(lambda: attempts(integrations, webhook), lambda seen: len(seen) == 2)
    assert [attempt["status"] for attempt in (first, last)] == ["failed", "success"]
    assert [attempt["errorMessage"] for attempt in (first, last)] == [
        f"HTTP 503 from {receiver.url('/history')}",
        None,
    ]
    assert first["request"]["headers"]["X-Track-Event"] == "lap.created"
    assert (first["response"]["status"], first["response"]["body"]) == (503, "engine off")
