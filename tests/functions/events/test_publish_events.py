"""POST /events/batch. One request publishes up to 100 events. One invalid event refuses all."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from latchhook import aws
from tests.functions.callers import (
    OTHER_ACCOUNT,
    admin,
    holder,
    made_key,
    made_webhook,
    operator,
    operator_key,
    registered,
)
from tests.functions.calls import Answered, call, invoke
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import Fail
from tests.functions.environment import DELIVERY_QUEUE, EVENT_QUEUE, queue_url
from tests.functions.events.test_publish_event import BAD, GOOD

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "SendMessageBatch")


def publish(*events: Any) -> Answered:
    return call("publish_events", operator(), body={"events": list(events)})


def numbered(count: int) -> list[dict[str, Any]]:
    return [{**GOOD, "id": f"order-{number}", "entity": {"number": number}} for number in range(count)]


def records(cloud: Cloud) -> list[Mapping[str, Any]]:
    """Receive and delete all messages of the event queue."""
    found: list[Mapping[str, Any]] = []
    while batch := cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]:
        for record in batch:
            cloud.sqs.delete_message(QueueUrl=queue_url(EVENT_QUEUE), ReceiptHandle=record["receiptHandle"])
        found += batch
    return found


def test_example_events_are_queued_in_order_with_bodies_for_receivers(cloud: Cloud) -> None:
    response = call("publish_events", holder(operator_key("events:write")["key"]))
    assert response.status == 202
    assert [each["id"] for each in response.body["data"]] == ["order-1001-created", "order-1002-created"]
    bodies = {json.loads(record["body"])["id"]: record["body"] for record in records(cloud)}
    assert bodies["order-1001-created"] == (
        '{"event":"order.created","accountId":"acme","entity":{"number":1001,"total":"49.90"},'
        '"id":"order-1001-created","occurredAt":"2026-05-01T09:59:58Z"}'
    )
    assert set(bodies) == {"order-1001-created", "order-1002-created"}


def test_message_equals_that_of_a_single_publication(cloud: Cloud) -> None:
    event = {
        **GOOD,
        "id": "order-1",
        "entity": {
            "z": 1,
            "a": "Grüße, 世界 🌍",
            "nested": {"b": [None, True, 1.5, 10**20]},
            "odd": "\ud800\uffff\u0000",
        },
        "externalId": "Zoë",
        "occurredAt": "2026-05-01T09:59:58.125+02:00",
    }
    assert call("publish_event", operator(), body=event).status == 202
    (alone,) = records(cloud)
    assert publish(event).status == 202
    (of_a_batch,) = records(cloud)
    assert of_a_batch["body"] == alone["body"]
    differing = {"receipt", "acceptedAt"}
    same = [{k: v for k, v in each["messageAttributes"].items() if k not in differing} for each in (alone, of_a_batch)]
    assert same[0] == same[1]
    assert set(of_a_batch["messageAttributes"]) == set(alone["messageAttributes"])


def test_a_hundred_events_are_accepted_once_each(cloud: Cloud) -> None:
    response = publish(*numbered(100))
    assert [each["id"] for each in response.body["data"]] == [f"order-{number}" for number in range(100)]
    entities = [json.loads(record["body"])["entity"]["number"] for record in records(cloud)]
    assert sorted(entities) == list(range(100))


def test_events_without_ids_and_times_get_them(cloud: Cloud) -> None:
    ids = [each["id"] for each in publish(GOOD, GOOD, GOOD).body["data"]]
    assert len({UUID(each) for each in ids}) == 3
    bodies = [json.loads(record["body"]) for record in records(cloud)]
    assert sorted(body["id"] for body in bodies) == sorted(ids)
    assert len({body["occurredAt"] for body in bodies}) == 1


def test_one_batch_may_contain_events_of_several_accounts(cloud: Cloud) -> None:
    publish({**GOOD, "id": "same"}, {**GOOD, "id": "same", "accountId": OTHER_ACCOUNT})
    assert {json.loads(record["body"])["accountId"] for record in records(cloud)} == {"acme", OTHER_ACCOUNT}


def test_repeated_batch_with_ids_creates_no_new_deliveries(cloud: Cloud) -> None:
    made_webhook()
    batch = numbered(25)
    delivered = []
    for _ in range(2):
        publish(*batch)
        assert failed_ids(invoke("fan_out_event", {"Records": records(cloud)})) == []
        tasks = []
        while waiting := cloud.batch(DELIVERY_QUEUE, "deliver_webhook")["Records"]:
            tasks += [json.loads(record["body"])["eventId"] for record in waiting]
        delivered.append(tasks)
    assert sorted(delivered[0]) == sorted(event["id"] for event in batch)
    assert delivered[1] == []


def test_repeated_id_within_a_batch_is_the_first_event(cloud: Cloud) -> None:
    response = publish(
        {**GOOD, "id": "twice", "entity": {"number": 1}},
        {**GOOD, "id": "once"},
        {**GOOD, "id": "twice", "entity": {"number": 2}},
    )
    assert [each["id"] for each in response.body["data"]] == ["twice", "once", "twice"]
    accepted = sorted((json.loads(record["body"]) for record in records(cloud)), key=lambda body: str(body["id"]))
    assert [body["id"] for body in accepted] == ["once", "twice"]
    assert accepted[1]["entity"] == {"number": 1}


# ---- Refusals ----


@pytest.mark.parametrize("flaw", BAD)
def test_one_invalid_event_refuses_all_with_pointers(flaw: str, cloud: Cloud) -> None:
    bad, pointers = BAD[flaw]
    before = cloud.contents()
    response = publish(GOOD, GOOD, GOOD, bad, GOOD)
    assert (response.status, response.code) == (422, "invalid_fields")
    assert response.pointers == [f"/events/3{pointer}" for pointer in pointers]
    assert cloud.contents() == before


def test_every_invalid_event_is_pointed_at(cloud: Cloud) -> None:
    response = publish({**GOOD, "event": "Order"}, GOOD, {**GOOD, "entity": []})
    assert response.pointers == ["/events/0/event", "/events/2/entity"]
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_infinite_numbers_are_422_with_a_pointer_per_event(cloud: Cloud) -> None:
    raw = json.dumps({"events": [GOOD, {**GOOD, "entity": 5}, GOOD, {**GOOD, "entity": 5}]}).encode()
    response = call("publish_events", operator(), raw=raw.replace(b'"entity": 5', b'"entity": {"n": -1e999}'))
    assert (response.status, response.pointers) == (422, ["/events/1/entity", "/events/3/entity"])
    assert cloud.waiting(EVENT_QUEUE) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/events"),
        ({"events": []}, "/events"),
        ({"events": numbered(101)}, "/events"),
        ({"events": [*numbered(100), {**GOOD, "event": "Order"}]}, "/events"),
        ({"events": [{**GOOD, "event": "Order"}, *numbered(100)]}, "/events"),
        ({"events": {"0": GOOD}}, "/events"),
        ({"events": None}, "/events"),
        ({"events": [GOOD, 7]}, "/events/1"),
        ({"events": [GOOD], "atomic": True}, "/atomic"),
        (GOOD, "/events"),
    ],
    ids=["nothing", "none", "101", "101, the last bad", "101, the first bad", "object", "null", "number", "unknown",
         "a single event"],
)  # fmt: skip
def test_invalid_batch_is_422(body: Any, pointer: str, cloud: Cloud) -> None:
    response = call("publish_events", operator(), body=body)
    assert (response.status, response.code) == (422, "invalid_fields")
    assert pointer in response.pointers
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_batch_over_256_kib_is_413_and_the_largest_batch_is_accepted(cloud: Cloud) -> None:
    def sized(size: int) -> bytes:
        raw = json.dumps({"events": [*numbered(99), {**GOOD, "entity": {"x": ""}}]}).encode()
        return raw.replace(b'"x": ""', b'"x": "' + b"y" * (size - len(raw)) + b'"')

    response = call("publish_events", operator(), raw=sized(256 * 1024 + 1))
    assert (response.status, response.code) == (413, "content_too_large")
    assert cloud.waiting(EVENT_QUEUE) == 0
    assert call("publish_events", operator(), raw=sized(256 * 1024)).status == 202
    assert cloud.waiting(EVENT_QUEUE) == 100


def test_event_whose_delivered_body_exceeds_256_kib_refuses_all(cloud: Cloud) -> None:
    raw = json.dumps({"events": [GOOD, {**GOOD, "entity": {"x": []}}]}).encode()
    raw = raw.replace(b'"x": []', b'"x": [' + b",".join([b"1e15"] * 20_000) + b"]")
    assert len(raw) < 256 * 1024
    response = call("publish_events", operator(), raw=raw)
    assert (response.status, response.code) == (413, "content_too_large")
    assert cloud.waiting(EVENT_QUEUE) == 0


@pytest.mark.parametrize("scope", ["webhooks:write", "orders:write"])
def test_customers_key_cannot_publish(scope: str, cloud: Cloud) -> None:
    response = call("publish_events", holder(made_key(scope)["key"]))
    assert (response.status, response.code) == (403, "insufficient_scope")
    assert call("publish_events", admin()).status == 403
    assert cloud.waiting(EVENT_QUEUE) == 0


# ---- Failed entries of SQS ----


class Refusing:
    """SQS that refuses the entries with these ids in a number of calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int, ids: set[str]) -> None:
        self.times = times
        self._ids = ids
        self._send = aws.sqs().send_message_batch
        monkeypatch.setattr(aws.sqs(), "send_message_batch", self._send_but_these)

    def _send_but_these(self, **request: Any) -> Any:
        refused = [each["Id"] for each in request["Entries"] if each["Id"] in self._ids and self.times > 0]
        self.times -= bool(refused)
        rest = [each for each in request["Entries"] if each["Id"] not in refused]
        response: Any = self._send(**{**request, "Entries": rest}) if rest else {}
        return {**response, "Failed": [{"Id": each, "Code": "InternalError", "SenderFault": False} for each in refused]}


def test_event_that_sqs_accepts_on_retry_is_queued_once(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Refusing(monkeypatch, 2, {"3", "17"})
    assert publish(*numbered(25)).status == 202
    assert refusing.times == 0
    ids = [json.loads(record["body"])["id"] for record in records(cloud)]
    assert sorted(ids) == sorted(event["id"] for event in numbered(25))


def test_event_that_sqs_refuses_makes_the_batch_503_and_repeatable(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_webhook()
    with monkeypatch.context() as patched:
        Refusing(patched, 1_000, {"3"})
        response = publish(*numbered(25))
    assert (response.status, response.code) == (503, "temporarily_unavailable")
    assert response.headers["retry-after"]
    assert publish(*numbered(25)).status == 202

    assert failed_ids(invoke("fan_out_event", {"Records": records(cloud)})) == []
    tasks = []
    while waiting := cloud.batch(DELIVERY_QUEUE, "deliver_webhook")["Records"]:
        tasks += [json.loads(record["body"])["eventId"] for record in waiting]
    assert sorted(tasks) == sorted(event["id"] for event in numbered(25))


def test_queue_outage_is_503(cloud: Cloud, fail_operation: Fail) -> None:
    with fail_operation("sqs", "SendMessageBatch", DENIED):
        response = publish(GOOD)
    assert (response.status, response.code) == (503, "temporarily_unavailable")
    assert cloud.waiting(EVENT_QUEUE) == 0


def test_entities_that_violate_their_schemas_refuse_all_with_pointers(cloud: Cloud) -> None:
    registered("order.created", schema={"required": ["number"]})
    response = publish({**GOOD, "entity": {"number": 1}}, GOOD, {**GOOD, "event": "lap.created"}, GOOD)
    assert (response.status, response.pointers) == (422, ["/events/1/entity/number", "/events/3/entity/number"])
    assert records(cloud) == []
