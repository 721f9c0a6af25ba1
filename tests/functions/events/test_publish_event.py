"""POST /events (document 003, "when an event fires")."""

import json
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from latchhook import bootstrap
from tests.functions.callers import holder, made_key, operator, operator_key, registered
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.environment import EVENT_QUEUE
from tests.template_tables import SETTINGS

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetItem")
GOOD = {"accountId": "acme", "event": "order.created", "entity": {}}


def message(cloud: Cloud) -> dict[str, Any]:
    """The one message that waits in the event queue."""
    (record,) = cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]
    found: dict[str, Any] = record
    return found


def test_own_event_is_accepted_onto_the_queue_with_the_body_that_receivers_get(cloud: Cloud) -> None:
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


def test_event_without_id_gets_one_and_happened_now(cloud: Cloud) -> None:
    response = call("publish_event", operator(), body=GOOD)
    body = json.loads(message(cloud)["body"])
    assert body["id"] == str(UUID(response.body["id"]))
    assert body["occurredAt"].endswith("Z")


def test_entity_reaches_the_queue_as_it_was_sent(cloud: Cloud) -> None:
    entity = {"z": 1, "a": "Grüße, 世界 🌍", "nested": {"b": [None, True, 1.5, 10**20]}, "odd": "\ud800\uffff\u0000"}
    call("publish_event", operator(), body={**GOOD, "entity": entity})
    received = json.loads(message(cloud)["body"])["entity"]
    assert received == entity
    assert list(received) == list(entity)


@pytest.mark.parametrize("scope", ["webhooks:write", "orders:write"])
def test_customers_key_publishes_nothing(scope: str, cloud: Cloud) -> None:
    response = call("publish_event", holder(made_key(scope)["key"]))
    assert (response.status, response.code) == (403, "insufficient_scope")
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_operators_key_without_the_scope_publishes_nothing(cloud: Cloud) -> None:
    assert call("publish_event", holder(operator_key("api-keys:verify")["key"])).status == 403
    assert cloud.waiting(EVENT_QUEUE) == 0


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, ["/accountId", "/event", "/entity"]),
    "account with a separator": ({**GOOD, "accountId": "a#b"}, ["/accountId"]),
    "account is no text": ({**GOOD, "accountId": 7}, ["/accountId"]),
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
    "id is no text": ({**GOOD, "id": 7}, ["/id"]),
    "external id with a line break": ({**GOOD, "externalId": "a\nb"}, ["/externalId"]),
    "time without zone": ({**GOOD, "occurredAt": "2026-05-01T09:59:58"}, ["/occurredAt"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_field_that_is_not_as_it_must_be_is_422_and_pointed_at(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    response = call("publish_event", operator(), body=body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_number_that_no_receiver_could_read_is_422(cloud: Cloud) -> None:
    raw = json.dumps(GOOD).encode().replace(b'"entity": {}', b'"entity": {"n": 1e999}')
    response = call("publish_event", operator(), raw=raw)
    assert (response.status, response.pointers) == (422, ["/entity"])
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_event_of_257_kib_is_413_and_the_largest_that_fits_is_accepted(cloud: Cloud) -> None:
    response = call("publish_event", operator(), body={**GOOD, "entity": {"x": "y" * 257 * 1024}})
    assert (response.status, response.code) == (413, "content_too_large")
    assert cloud.waiting(EVENT_QUEUE) == 0
    fits = {**GOOD, "entity": {"x": "y" * (256 * 1024 - 200)}}
    assert call("publish_event", operator(), body=fits).status == 202


def test_event_that_grows_over_256_kib_as_it_is_delivered_is_413(cloud: Cloud) -> None:
    raw = json.dumps({**GOOD, "entity": {"x": ""}}, separators=(",", ":")).encode()
    raw = raw.replace(b'"x":""', b'"x":"' + b"y" * (256 * 1024 - len(raw)) + b'"')
    assert len(raw) == 256 * 1024
    response = call("publish_event", operator(), raw=raw)
    assert (response.status, response.code) == (413, "content_too_large")
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_longest_of_everything_is_accepted(cloud: Cloud) -> None:
    body = {**GOOD, "accountId": "a" * 64, "event": "e" * 128, "id": "i" * 128, "externalId": "\U0001f3c1" * 255}
    assert call("publish_event", operator(), body=body).status == 202
    attributes = {name: value["stringValue"] for name, value in message(cloud)["messageAttributes"].items()}
    assert (attributes["eventId"], attributes["externalId"]) == (body["id"], body["externalId"])


def test_repeated_event_is_accepted_under_a_receipt_of_its_own(cloud: Cloud) -> None:
    for _ in range(2):
        assert call("publish_event", operator(), body={**GOOD, "id": "order-1"}).body == {"id": "order-1"}
    records = cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]
    assert len({record["messageAttributes"]["receipt"]["stringValue"] for record in records}) == 2


# ---- Event types ----

NUMBERED = {
    "properties": {"number": {"type": "integer"}, "lines": {"items": {"required": ["a/b"]}}},
    "required": ["number"],
}


def test_entity_that_does_not_fit_its_types_schema_is_422_and_pointed_into(cloud: Cloud) -> None:
    registered("order.created", schema=NUMBERED)
    response = call("publish_event", operator(), body={**GOOD, "entity": {"lines": [{"a/b": 1}, {}]}})
    assert (response.status, response.code) == (422, "invalid_fields")
    assert sorted(response.pointers) == ["/entity/lines/1/a~1b", "/entity/number"]
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_no_value_of_an_entity_stands_in_what_is_said_of_it() -> None:
    registered("order.created", schema=NUMBERED)
    response = call("publish_event", operator(), body={**GOOD, "entity": {"number": "SECRET"}})
    assert response.status == 422
    assert "SECRET" not in response.text


def test_entity_that_fits_is_accepted_and_so_is_what_is_not_registered(cloud: Cloud) -> None:
    registered("order.created", schema=NUMBERED)
    for body in ({**GOOD, "entity": {"number": 1}}, {**GOOD, "event": "order.paid"}):
        assert call("publish_event", operator(), body=body).status == 202
    assert cloud.waiting(EVENT_QUEUE) == 2


def test_a_type_without_schema_takes_anything() -> None:
    registered("order.created", description="An order.")
    assert call("publish_event", operator(), body=GOOD).status == 202


def test_half_a_character_in_an_entity_is_no_fault_of_ours() -> None:
    registered("order.created", schema={"properties": {"odd": {"const": "x"}}})
    response = call("publish_event", operator(), body={**GOOD, "entity": {"odd": "\ud800"}})
    assert (response.status, response.pointers) == (422, ["/entity/odd"])


def test_type_is_read_once_in_a_minute_and_a_change_of_it_is_seen_then(fail_operation: Fail) -> None:
    assert call("publish_event", operator(), body=GOOD).status == 202
    registered("order.created", schema=NUMBERED)
    with fail_operation("dynamodb", "GetItem", DENIED):
        assert call("publish_event", operator(), body=GOOD).status == 202
    bootstrap.event_type_cache().forget()
    assert call("publish_event", operator(), body=GOOD).status == 422


def test_outage_while_the_type_is_read_is_503_and_nothing_is_accepted(cloud: Cloud, fail_operation: Fail) -> None:
    with fail_operation("dynamodb", "GetItem", DENIED):
        response = call("publish_event", operator(), body=GOOD)
    assert (response.status, response.code) == (503, "temporarily_unavailable")
    assert cloud.waiting(EVENT_QUEUE) == 0
    assert call("publish_event", operator(), body=GOOD).status == 202


def test_schema_that_can_not_be_read_any_more_is_our_own_fault(cloud: Cloud) -> None:
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
