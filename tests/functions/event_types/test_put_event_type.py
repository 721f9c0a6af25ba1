"""PUT /event-types/{name}."""

import json
from typing import Any

import pytest

from latchhook.webhooks.event_types import MAX_EXAMPLE_BYTES, MAX_ORDERS, MAX_SCHEMA_BYTES, MAX_WORD_LENGTH, MAX_WORDS
from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import admin, holder, made_key, operator, operator_key
from tests.functions.calls import Answered, call, own_event
from tests.functions.cloud import Cloud

GOOD = json.loads(own_event("put_event_type")["body"])


def _put(body: dict[str, Any], name: str = "issue.resolved") -> Answered:
    return call("put_event_type", operator(), body=body, path={"name": name})


def test_example_event_registers_a_type(cloud: Cloud) -> None:
    response = call("put_event_type", holder(operator_key("event-types:write")["key"]))
    assert response.status == 201
    assert response.headers["location"] == "issue.resolved"
    times = {"createdAt": response.body["createdAt"], "updatedAt": response.body["createdAt"]}
    assert response.body == {"name": "issue.resolved", **GOOD, **times}
    assert cloud.audit(OPERATOR_ACCOUNT_ID)[-1:] == ["event_type.created"]


def test_second_put_replaces_the_whole_type(cloud: Cloud) -> None:
    first = _put(GOOD).body
    response = _put({"description": "New"})
    assert (response.status, "location" in response.headers) == (200, False)
    assert response.body == {
        "name": "issue.resolved",
        "description": "New",
        "schema": None,
        "example": None,
        "orders": {},
        "createdAt": first["createdAt"],
        "updatedAt": response.body["updatedAt"],
    }
    (listed,) = call("list_event_types", admin()).body["data"]
    assert listed == response.body
    assert cloud.audit(OPERATOR_ACCOUNT_ID) == ["event_type.created", "event_type.updated"]


def test_every_field_is_optional() -> None:
    assert _put({}).status == 201


def test_customer_cannot_register_types(cloud: Cloud) -> None:
    for caller in (admin(), holder(made_key("event-types:read")["key"])):
        response = call("put_event_type", caller)
        assert (response.status, response.code) == (403, "insufficient_scope")
    assert [item for item in cloud.items("SettingsTable") if item["pk"] == "EVENT_TYPES"] == []


@pytest.mark.parametrize("name", ["Issue", "a b", "issue.*", "a..b", "x" * 129])
def test_invalid_event_name_is_422(name: str) -> None:
    response = _put({}, name)
    assert (response.status, response.pointers) == (422, ["{name}"])


def _json_of(size: int) -> dict[str, str]:
    return {"x": "é" * ((size - 8) // 2) + "y" * (size % 2)}


FITS: dict[str, dict[str, Any]] = {
    "longest description": {"description": "x" * 1000},
    "largest schema": {"schema": {"description": "y" * (MAX_SCHEMA_BYTES - len('{"description":""}'))}},
    "largest example": {"example": _json_of(MAX_EXAMPLE_BYTES)},
    "most orders": {"orders": {f"entity.f{number}": ["a"] for number in range(MAX_ORDERS)}},
    "most words": {"orders": {"entity.x": [str(number) for number in range(MAX_WORDS)]}},
    "longest word": {"orders": {"x" * 255: ["y" * MAX_WORD_LENGTH]}},
}


@pytest.mark.parametrize("limit", FITS)
def test_field_at_its_limit_is_accepted(limit: str) -> None:
    assert _put(FITS[limit]).status == 201


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "long description": ({"description": "x" * 1001}, ["/description"]),
    "description with a control character": ({"description": "a\u0000"}, ["/description"]),
    "large schema": ({"schema": {"description": "y" * (MAX_SCHEMA_BYTES - 17)}}, ["/schema"]),
    "schema is true": ({"schema": True}, ["/schema"]),
    "invalid schema": ({"schema": {"properties": {"a": {"type": "strin"}}}}, ["/schema/properties/a/type"]),
    "schema of another dialect": (
        {"schema": {"$schema": "http://json-schema.org/draft-07/schema#"}},
        ["/schema/$schema"],
    ),
    "schema elsewhere": ({"schema": {"$ref": "https://example.com/schema.json"}}, ["/schema"]),
    "pattern with lookahead": ({"schema": {"pattern": "(?=a)"}}, ["/schema/pattern"]),
    "surrogate in the schema": ({"schema": {"title": "\ud800"}}, ["/schema"]),
    "large example": ({"example": _json_of(MAX_EXAMPLE_BYTES + 1)}, ["/example"]),
    "example is a list": ({"example": []}, ["/example"]),
    "example that does not fit": ({**GOOD, "example": {"number": "7"}}, ["/example/severity", "/example/number"]),
    "many orders": ({"orders": {f"f{number}": ["a"] for number in range(MAX_ORDERS + 1)}}, ["/orders"]),
    "many words": ({"orders": {"x": [str(number) for number in range(MAX_WORDS + 1)]}}, ["/orders/x"]),
    "no words": ({"orders": {"x": []}}, ["/orders/x"]),
    "word twice": ({"orders": {"x": ["a", "b", "a"]}}, ["/orders/x"]),
    "empty word": ({"orders": {"x": ["a", ""]}}, ["/orders/x/1"]),
    "long word": ({"orders": {"x": ["y" * (MAX_WORD_LENGTH + 1)]}}, ["/orders/x/0"]),
    "orders are null": ({"orders": None}, ["/orders"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    response = _put(body)
    assert (response.status, response.code, sorted(response.pointers)) == (422, "invalid_fields", sorted(pointers))
    assert cloud.contents() == before


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "x" * 256])
def test_invalid_order_path_is_422(path: str) -> None:
    response = _put({"orders": {path: ["a"]}})
    assert response.status == 422
    assert [pointer.startswith(f"/orders/{path}") for pointer in response.pointers] == [True]


def test_infinite_number_is_422() -> None:
    raw = b'{"example": {"n": 1e999}}'
    response = call("put_event_type", operator(), raw=raw)
    assert (response.status, response.pointers) == (422, ["/example"])


def test_type_beyond_the_limit_is_409(cloud: Cloud) -> None:
    _put({}, "first")
    cloud.dynamodb.update_item(
        TableName="SettingsTable",
        Key={"pk": {"S": "ACCOUNT#"}, "sk": {"S": "COUNTERS"}},
        UpdateExpression="SET eventTypes = :all",
        ExpressionAttributeValues={":all": {"N": "1000"}},
    )
    response = _put({}, "one-more")
    assert (response.status, response.code) == (409, "too_many_event_types")
    assert _put({}, "first").status == 200
