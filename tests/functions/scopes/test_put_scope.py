"""PUT /scopes/{name}."""

import json
from typing import Any
from urllib.parse import urljoin

import pytest

from latchhook.permissions.scope_entries import MAX_DESCRIPTION_LENGTH, MAX_ENTRIES, MAX_GROUP_LENGTH
from latchhook.permissions.scopes import CUSTOMER_SCOPES, OPERATOR_SCOPES
from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import admin, described_scope, holder, made_key, operator, operator_key
from tests.functions.calls import Answered, call, own_event
from tests.functions.cloud import Cloud

GOOD = json.loads(own_event("put_scope")["body"])
LONGEST = ":".join(["a" * 64] * 3) + ":bbbbb"


def _put(body: dict[str, Any], name: str = "reports:read") -> Answered:
    return call("put_scope", operator(), body=body, path={"name": name})


def test_example_event_adds_a_scope(cloud: Cloud) -> None:
    response = call("put_scope", holder(operator_key("scopes:write")["key"]))
    assert response.status == 201
    location = urljoin("https://api.example.com/v1/scopes/reports:read", response.headers["location"])
    assert location == "https://api.example.com/v1/scopes/reports:read"
    times = {"createdAt": response.body["createdAt"], "updatedAt": response.body["createdAt"]}
    assert response.body == {"name": "reports:read", **GOOD, "source": "operator", **times}
    assert cloud.audit(OPERATOR_ACCOUNT_ID)[-1:] == ["scope.created"]


def test_second_put_replaces_the_entry(cloud: Cloud) -> None:
    first = _put(GOOD).body
    changed = {"description": "Read every report", "group": "Analysis"}
    response = _put(changed)
    assert (response.status, "location" in response.headers) == (200, False)
    assert response.body == {**first, **changed, "updatedAt": response.body["updatedAt"]}
    assert cloud.audit(OPERATOR_ACCOUNT_ID) == ["scope.created", "scope.updated"]


def test_put_without_a_change_writes_nothing(cloud: Cloud) -> None:
    first = _put(GOOD).body
    before = cloud.contents()
    assert _put(GOOD).body == first
    assert cloud.contents() == before


def test_key_can_have_an_added_scope_at_once() -> None:
    refused = call("create_api_key", admin(), body={"name": "K", "scopes": ["orders:read", "reports:read"]})
    assert (refused.status, refused.pointers) == (422, ["/scopes/1"])
    described_scope("reports:read")
    assert made_key("orders:read", "reports:read", "reports:*")["scopes"] == [
        "orders:read", "reports:read", "reports:*"
    ]  # fmt: skip


def test_profile_can_allow_an_added_scope() -> None:
    described_scope("reports:read")
    rules = [{"effect": "allow", "actions": ["reports:read"]}, {"effect": "deny", "actions": ["reports:write"]}]
    response = call("create_permission_profile", admin(), body={"name": "Reports", "rules": rules})
    assert (response.status, response.pointers) == (422, ["/rules/1/actions/0"])


def test_partly_denied_wildcard_lists_added_scopes() -> None:
    for name in ("reports:read", "reports:write", "reports:share"):
        described_scope(name)
    rules = [{"effect": "deny", "actions": ["reports:write"]}]
    profile = call("create_permission_profile", admin(), body={"name": "No writes", "rules": rules}).body
    key = made_key("reports:*", profileId=profile["id"])["key"]
    verdict = call("verify_api_key", operator(), body={"key": key, "requiredScopes": ["reports:share"]}).body
    assert (verdict["valid"], verdict["scopes"]) == (True, ["reports:read", "reports:share"])


def test_scope_of_the_parameter_can_be_described(cloud: Cloud) -> None:
    response = _put({"description": "See every order", "group": "Sales"}, "orders:read")
    assert (response.status, response.body["source"]) == (201, "parameter")
    listed = {each["name"]: each for each in call("list_scopes", admin()).body["data"]}
    assert listed["orders:read"] == response.body
    assert cloud.audit(OPERATOR_ACCOUNT_ID) == ["scope.created"]


@pytest.mark.parametrize("name", sorted(CUSTOMER_SCOPES | OPERATOR_SCOPES))
def test_meaning_of_latchhooks_scopes_cannot_be_changed(name: str, cloud: Cloud) -> None:
    before = cloud.contents()
    response = _put(GOOD, name)
    assert (response.status, response.code) == (409, "built_in_scope")
    assert cloud.contents() == before


def test_customer_cannot_change_the_catalogue(cloud: Cloud) -> None:
    for caller in (admin(), holder(made_key("*")["key"]), holder(operator_key("*", "event-types:write")["key"])):
        response = call("put_scope", caller)
        assert (response.status, response.code) == (403, "insufficient_scope")
    assert [item for item in cloud.items("SettingsTable") if item["pk"] == "SCOPES"] == []


@pytest.mark.parametrize("name", ["reports", "Reports:read", "reports:*", "*", "a b:c", "a:b:c:d:e", LONGEST + "a"])
def test_invalid_name_is_422(name: str) -> None:
    response = _put(GOOD, name)
    assert (response.status, response.pointers) == (422, ["{name}"])


def test_longest_values_are_accepted() -> None:
    body = {"description": "é" * MAX_DESCRIPTION_LENGTH, "group": "é" * MAX_GROUP_LENGTH}
    response = _put(body, LONGEST)
    assert (response.status, response.body["name"], response.body["description"]) == (201, LONGEST, body["description"])


def test_name_with_an_escaped_colon_is_the_same_name() -> None:
    assert _put(GOOD, "reports%3Aread").body["name"] == "reports:read"
    assert _put(GOOD).status == 200


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no description": ({"group": "Reports"}, ["/description"]),
    "no group": ({"description": "Read"}, ["/group"]),
    "description is null": ({**GOOD, "description": None}, ["/description"]),
    "long description": ({**GOOD, "description": "x" * (MAX_DESCRIPTION_LENGTH + 1)}, ["/description"]),
    "long group": ({**GOOD, "group": "x" * (MAX_GROUP_LENGTH + 1)}, ["/group"]),
    "empty description": ({**GOOD, "description": ""}, ["/description"]),
    "invisible group": ({**GOOD, "group": " \u00a0"}, ["/group"]),
    "control character": ({**GOOD, "group": "a\u0000"}, ["/group"]),
    "lone surrogate": ({**GOOD, "description": "\ud800"}, ["/description"]),
    "unknown field": ({**GOOD, "name": "reports:read"}, ["/name"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    response = _put(body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_scope_beyond_the_limit_is_409(cloud: Cloud) -> None:
    _put(GOOD, "first:read")
    cloud.dynamodb.update_item(
        TableName="SettingsTable",
        Key={"pk": {"S": "ACCOUNT#"}, "sk": {"S": "COUNTERS"}},
        UpdateExpression="SET scopes = :all",
        ExpressionAttributeValues={":all": {"N": str(MAX_ENTRIES)}},
    )
    response = _put(GOOD, "one-more:read")
    assert (response.status, response.code) == (409, "too_many_scopes")
    assert _put(GOOD, "first:read").status == 200
