"""A change to equal settings writes nothing: no audit entry, no event, the same `updatedAt`."""

from typing import Any

import pytest

from tests.functions.callers import admin, made_profile, made_webhook, operator, registered
from tests.functions.calls import call
from tests.functions.cloud import Cloud

NAME = "order.created"
SETTINGS: dict[str, Any] = {
    "name": "Shop",
    "scopes": ["orders:read"],
    "metadata": {"tags": [1, {"b": None}]},
    "rateLimit": {"limit": 5, "windowSeconds": 60},
    "credits": {"remaining": 5, "refill": {"amount": 9, "interval": "daily"}},
    "ipAllowList": ["10.0.0.0/8"],
}
WEBHOOK: dict[str, Any] = {
    "events": ["order.*"],
    "description": "Warehouse",
    "filter": {"total": [{"numeric": [">", 1]}]},
    "headers": {"X-Shop": "1", "Authorization": "secret-1"},
    "retryScheduleSeconds": [5, 60],
    "rateLimit": {"limit": 5, "windowSeconds": 60},
}
EVENT_TYPE: dict[str, Any] = {
    "description": "An order",
    "schema": {"type": "object"},
    "example": {"n": 1},
    "orders": {"entity.severity": ["minor", "major"]},
}


@pytest.mark.parametrize("patch", [{}, {"name": "Shop"}, {"status": "active"}, {"credits": {"remaining": 5}}, SETTINGS])
def test_patch_of_a_key_without_a_change_writes_nothing(patch: dict[str, Any], cloud: Cloud) -> None:
    made = call("create_api_key", admin(), body=SETTINGS).body
    before = cloud.contents()
    response = call("update_api_key", admin(), body=patch, object_id=made["id"])
    assert (response.status, response.body["updatedAt"]) == (200, made["updatedAt"])
    assert cloud.contents() == before


def test_put_of_a_key_without_a_change_writes_nothing(cloud: Cloud) -> None:
    made = call("create_api_key", admin(), body=SETTINGS).body
    before = cloud.contents()
    response = call("replace_api_key", admin(), body=SETTINGS, object_id=made["id"])
    assert (response.status, response.body["updatedAt"]) == (200, made["updatedAt"])
    assert cloud.contents() == before


@pytest.mark.parametrize(
    "patch", [{}, {"status": "active"}, {name: value for name, value in WEBHOOK.items() if name != "headers"}]
)
def test_patch_of_a_webhook_without_a_change_writes_nothing(patch: dict[str, Any], cloud: Cloud) -> None:
    made = made_webhook(**WEBHOOK)
    before = cloud.contents()
    response = call("update_webhook", admin(), body={"url": made["url"], **patch}, object_id=made["id"])
    assert (response.status, response.body["updatedAt"]) == (200, made["updatedAt"])
    assert cloud.contents() == before


def test_filter_that_is_equal_only_in_python_is_a_change() -> None:
    made = made_webhook(filter={"paid": [1]})
    changed = call("update_webhook", admin(), body={"filter": {"paid": [True]}}, object_id=made["id"])
    assert changed.body["filter"] == {"paid": [True]}
    assert changed.body["filter"]["paid"][0] is True


def test_unchanged_webhook_url_writes_nothing(cloud: Cloud) -> None:
    body = {"webhookUrl": "https://hooks.example.com/"}
    assert call("put_webhook_settings", admin(), body=body).status == 200
    before = cloud.contents()
    assert call("put_webhook_settings", admin(), body=body).status == 200
    assert cloud.contents() == before


def test_patch_of_a_profile_without_a_change_writes_nothing(cloud: Cloud) -> None:
    rules = [{"effect": "allow", "actions": ["orders:*"]}]
    made = made_profile(name="Readers", rules=rules)
    before = cloud.contents()
    for patch in ({}, {"name": "Readers"}, {"rules": rules, "description": None}):
        response = call("update_permission_profile", admin(), body=patch, object_id=made["id"])
        assert (response.status, response.body["updatedAt"]) == (200, made["updatedAt"])
    assert cloud.contents() == before


def test_put_of_an_event_type_without_a_change_writes_nothing(cloud: Cloud) -> None:
    made = registered(NAME, **EVENT_TYPE)
    before = cloud.contents()
    response = call("put_event_type", operator(), body=EVENT_TYPE, path={"name": NAME})
    assert (response.status, response.body["updatedAt"]) == (200, made["updatedAt"])
    assert cloud.contents() == before
    changed = call("put_event_type", operator(), body=EVENT_TYPE | {"example": {"n": True}}, path={"name": NAME})
    assert changed.body["example"]["n"] is True


def test_unchanged_leaked_key_policy_writes_nothing(cloud: Cloud) -> None:
    assert call("put_leaked_key_policy", admin(), body={"action": "revoke"}).status == 200
    before = cloud.contents()
    assert call("put_leaked_key_policy", admin(), body={"action": "revoke"}).body == {"action": "revoke"}
    assert cloud.contents() == before
    assert call("put_leaked_key_policy", admin(), body={"action": "disable"}).status == 200
    assert cloud.contents() != before
