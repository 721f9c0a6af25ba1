"""POST /events."""

import json
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from latchhook.bootstrap.event_types import event_type_cache
from tests.functions.callers import holder, made_key, operator, operator_key, registered
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.environment import EVENT_QUEUE
from tests.template_tables import SETTINGS

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetItem")
GOOD = {"accountId": "acme", "event": "order.created", "entity": {}}


def message(cloud: Cloud) -> dict[str, Any]:
    """Return the only message of the event queue."""
    (record,) = cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]
    found: dict[str, Any] = record
    return found


def test_example_event_is_queued_with_the_body_for_receivers(cloud: Cloud) -> None:
    response = call("publish_event", holder(operator_key("events:write")["key"]))
    assert (response.status, response.body) == (202, {"id": "order-1001-created"})
    record = message(cloud)
    assert json.loads(record["body"]) == {
        "event": "order.created",
        "accountId": "acme",
        "entity": {"number": 1001, "total": "49.90"},
        "id": "order-1001-created",
        "occurredAt": "2026-05-01T09:59:58Z",
    }
    attributes = {name: value["stringValue"] for name, value in record["messageAttributes"].items()}
    assert attributes["accountId"] == "acme"
    assert attributes["eventId"] == "order-1001-created"
    assert attributes["eventName"] == "order.created"
    assert attributes["externalId"] == "ORDER-1001"


@pytest.mark.parametrize(
    ("sent", "delivered"),
    [
        ("2026-05-01T09:59:58.123456789Z", "2026-05-01T09:59:58.123456789Z"),
        ("2026-05-01T11:59:58.100+02:00", "2026-05-01T09:59:58.100Z"),
        ("2026-05-01t09:59:58.000000z", "2026-05-01T09:59:58.000000Z"),
    ],
)
def test_occurred_at_keeps_its_precision(cloud: Cloud, sent: str, delivered: str) -> None:
    call("publish_event", operator(), body={**GOOD, "occurredAt": sent})
    assert json.loads(message(cloud)["body"])["occurredAt"] == delivered


def test_event_without_id_and_time_gets_them(cloud: Cloud) -> None:
    response = call("publish_event", operator(), body=GOOD)
    body = json.loads(message(cloud)["body"])
    assert body["id"] == str(UUID(response.body["id"]))
    assert body["occurredAt"].endswith("Z")


def test_entity_is_queued_unchanged(cloud: Cloud) -> None:
    entity = {"z": 1, "a": "Grüße, 世界 🌍", "nested": {"b": [None, True, 1.5, 10**20]}, "odd": "\ud800\uffff\u0000"}
    call("publish_event", operator(), body={**GOOD, "entity": entity})
    received = json.loads(message(cloud)["body"])["entity"]
    assert received == entity
    assert list(received) == list(entity)


@pytest.mark.parametrize("scope", ["webhooks:write", "orders:write"])
def test_customers_key_cannot_publish(scope: str, cloud: Cloud) -> None:
    response = call("publish_event", holder(made_key(scope)["key"]))
    assert (response.status, response.code) == (403, "insufficient_scope")
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_operators_key_without_the_scope_cannot_publish(cloud: Cloud) -> None:
    assert call("publish_event", holder(operator_key("api-keys:verify")["key"])).status == 403
    assert cloud.waiting(EVENT_QUEUE) == 0


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, ["/accountId", "/event", "/entity"]),
    "account with a separator": ({**GOOD, "accountId": "a#b"}, ["/accountId"]),
    "account is no string": ({**GOOD, "accountId": 7}, ["/accountId"]),
    "event in upper case": ({**GOOD, "event": "Order.created"}, ["/event"]),
    "event with a wildcard": ({**GOOD, "event": "order.*"}, ["/event"]),
    "event with a space": ({**GOOD, "event": "order created"}, ["/event"]),
    "long event": ({**GOOD, "event": "x" * 129}, ["/event"]),
    "entity is a list": ({**GOOD, "entity": []}, ["/entity"]),
    "entity is null": ({**GOOD, "entity": None}, ["/entity"]),
    "empty id": ({**GOOD, "id": ""}, ["/id"]),
    "id with a space": ({**GOOD, "id": "a b"}, ["/id"]),
    "id with a line break at the end": ({**GOOD, "id": "a\n"}, ["/id"]),
    "long id": ({**GOOD, "id": "x" * 129}, ["/id"]),
    "id is no string": ({**GOOD, "id": 7}, ["/id"]),
    "external id with a line break": ({**GOOD, "externalId": "a\nb"}, ["/externalId"]),
    "time without zone": ({**GOOD, "occurredAt": "2026-05-01T09:59:58"}, ["/occurredAt"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    response = call("publish_event", operator(), body=body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_infinite_number_is_422(cloud: Cloud) -> None:
    raw = json.dumps(GOOD).encode().replace(b'"entity": {}', b'"entity": {"n": 1e999}')
    response = call("publish_event", operator(), raw=raw)
    assert (response.status, response.pointers) == (422, ["/entity"])
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_event_of_257_kib_is_413_and_the_largest_event_is_accepted(cloud: Cloud) -> None:
    response = call("publish_event", operator(), body={**GOOD, "entity": {"x": "y" * 257 * 1024}})
    assert (response.status, response.code) == (413, "content_too_large")
    assert cloud.waiting(EVENT_QUEUE) == 0
    fits = {**GOOD, "entity": {"x": "y" * (256 * 1024 - 200)}}
    assert call("publish_event", operator(), body=fits).status == 202


def test_event_whose_delivered_body_exceeds_256_kib_is_413(cloud: Cloud) -> None:
    raw = json.dumps({**GOOD, "entity": {"x": ""}}, separators=(",", ":")).encode()
    raw = raw.replace(b'"x":""', b'"x":"' + b"y" * (256 * 1024 - len(raw)) + b'"')
    assert len(raw) == 256 * 1024
    response = call("publish_event", operator(), raw=raw)
    assert (response.status, response.code) == (413, "content_too_large")
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_longest_values_are_accepted(cloud: Cloud) -> None:
    body = {**GOOD, "accountId": "a" * 64, "event": "e" * 128, "id": "i" * 128, "externalId": "\U0001f3c1" * 255}
    assert call("publish_event", operator(), body=body).status == 202
    attributes = {name: value["stringValue"] for name, value in message(cloud)["messageAttributes"].items()}
    assert (attributes["eventId"], attributes["externalId"]) == (body["id"], body["externalId"])


def test_repeated_event_is_accepted_with_a_new_receipt(cloud: Cloud) -> None:
    for _ in range(2):
        assert call("publish_event", operator(), body={**GOOD, "id": "order-1"}).body == {"id": "order-1"}
    records = cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]
    assert len({record["messageAttributes"]["receipt"]["stringValue"] for record in records}) == 2


# ---- Event types ----

NUMBERED = {
    "properties": {"number": {"type": "integer"}, "lines": {"items": {"required": ["a/b"]}}},
    "required": ["number"],
}


def test_entity_that_violates_the_schema_is_422_with_pointers(cloud: Cloud) -> None:
    registered("order.created", schema=NUMBERED)
    response = call("publish_event", operator(), body={**GOOD, "entity": {"lines": [{"a/b": 1}, {}]}})
    assert (response.status, response.code) == (422, "invalid_fields")
    assert sorted(response.pointers) == ["/entity/lines/1/a~1b", "/entity/number"]
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_error_text_contains_no_value_of_the_entity() -> None:
    registered("order.created", schema=NUMBERED)
    response = call("publish_event", operator(), body={**GOOD, "entity": {"number": "SECRET"}})
    assert response.status == 422
    assert "SECRET" not in response.text


def test_valid_entity_and_unregistered_type_are_accepted(cloud: Cloud) -> None:
    registered("order.created", schema=NUMBERED)
    for body in ({**GOOD, "entity": {"number": 1}}, {**GOOD, "event": "order.paid"}):
        assert call("publish_event", operator(), body=body).status == 202
    assert cloud.waiting(EVENT_QUEUE) == 2


def test_type_without_schema_accepts_any_entity() -> None:
    registered("order.created", description="An order.")
    assert call("publish_event", operator(), body=GOOD).status == 202


def test_lone_surrogate_in_an_entity_is_422() -> None:
    registered("order.created", schema={"properties": {"odd": {"const": "x"}}})
    response = call("publish_event", operator(), body={**GOOD, "entity": {"odd": "\ud800"}})
    assert (response.status, response.pointers) == (422, ["/entity/odd"])


def test_event_type_is_cached_until_it_is_forgotten(fail_operation: Fail) -> None:
    assert call("publish_event", operator(), body=GOOD).status == 202
    registered("order.created", schema=NUMBERED)
    with fail_operation("dynamodb", "GetItem", DENIED):
        assert call("publish_event", operator(), body=GOOD).status == 202
    event_type_cache().forget()
    assert call("publish_event", operator(), body=GOOD).status == 422


def test_outage_while_reading_the_type_is_503(cloud: Cloud, fail_operation: Fail) -> None:
    with fail_operation("dynamodb", "GetItem", DENIED):
        response = call("publish_event", operator(), body=GOOD)
    assert (response.status, response.code) == (503, "temporarily_unavailable")
    assert cloud.waiting(EVENT_QUEUE) == 0
    assert call("publish_event", operator(), body=GOOD).status == 202


def test_corrupt_stored_schema_is_500(cloud: Cloud) -> None:
    registered("order.created", schema=NUMBERED)
    cloud.dynamodb.update_item(
        TableName=SETTINGS,
        Key={"pk": {"S": "EVENT_TYPES"}, "sk": {"S": "order.created"}},
        UpdateExpression="SET #schema = :corrupt",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues={":corrupt": {"S": '{"type": "strin"}'}},
    )
    response = call("publish_event", operator(), body=GOOD)
    assert (response.status, response.code) == (500, "internal_error")
    assert cloud.waiting(EVENT_QUEUE) == 0
