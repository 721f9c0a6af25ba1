"""The worker of the bus queue, which publishes events of the event bus."""

import io
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from latchhook.webhooks.event import MAX_BODY_BYTES
from tests.functions.callers import made_webhook, operator, registered
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record
from tests.functions.conftest import Fail
from tests.functions.environment import BUS_DEAD_LETTER_QUEUE, DELIVERY_QUEUE, EVENT_QUEUE, queue_url
from tests.functions.events.test_publish_event import BAD, GOOD

WORKER = "publish_bus_event"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "SendMessage")

(OWN,) = own_event(WORKER)["Records"]
ENVELOPE: Mapping[str, Any] = json.loads(OWN["body"])


def put(detail: Any, **envelope: Any) -> dict[str, Any]:
    """Return the record of an event on the bus, with an id from EventBridge."""
    return record(WORKER, {**ENVELOPE, "id": str(uuid4()), "detail": detail, **envelope}, messageId=str(uuid4()))


def work(*records: Mapping[str, Any]) -> list[str]:
    """Run the worker and return the ids of the messages to retry."""
    return failed_ids(invoke(WORKER, {"Records": list(records)}))


def published(cloud: Cloud) -> list[dict[str, Any]]:
    """Receive and delete all messages of the event queue."""
    found: list[dict[str, Any]] = []
    while batch := cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]:
        for each in batch:
            cloud.sqs.delete_message(QueueUrl=queue_url(EVENT_QUEUE), ReceiptHandle=each["receiptHandle"])
        found += batch
    return found


def attributes(message: Mapping[str, Any]) -> dict[str, str]:
    return {name: value["stringValue"] for name, value in message["messageAttributes"].items()}


def dead_letters(cloud: Cloud) -> list[str]:
    """Return the message bodies of the dead-letter queue."""
    return [each["body"] for each in cloud.batch(BUS_DEAD_LETTER_QUEUE, WORKER)["Records"]]


def test_bus_event_is_published_as_over_http(cloud: Cloud) -> None:
    assert work(OWN) == []
    (from_bus,) = published(cloud)
    assert call("publish_event", operator()).status == 202
    (over_http,) = published(cloud)
    assert from_bus["body"] == over_http["body"]
    assert attributes(from_bus).keys() == attributes(over_http).keys()
    for name in ("accountId", "eventId", "eventName", "externalId"):
        assert attributes(from_bus)[name] == attributes(over_http)[name]
    assert dead_letters(cloud) == []


def test_event_without_id_and_time_gets_those_of_eventbridge(cloud: Cloud) -> None:
    put_once = put(GOOD, time="2026-05-01T10:00:07Z")
    assert work(put_once) == []
    (message,) = published(cloud)
    body = json.loads(message["body"])
    assert body["id"] == attributes(message)["eventId"] == json.loads(put_once["body"])["id"]
    assert body["occurredAt"] == "2026-05-01T10:00:07Z"


def test_occurred_at_keeps_its_precision(cloud: Cloud) -> None:
    assert work(put({**GOOD, "occurredAt": "2026-05-01T09:59:58.123456+00:00"})) == []
    assert json.loads(published(cloud)[0]["body"])["occurredAt"] == "2026-05-01T09:59:58.123456Z"


def test_any_source_and_detail_type_is_accepted(cloud: Cloud) -> None:
    assert work(put(GOOD, source="", **{"detail-type": "Anything at all"}), put(GOOD, **{"replay-name": "again"})) == []
    assert len(published(cloud)) == 2


def test_entity_is_queued_unchanged(cloud: Cloud) -> None:
    entity = {"z": 1, "a": "Grüße, 世界 🌍", "nested": {"b": [None, True, 1.5, 10**20]}, "odd": "\ud800\uffff\u0000"}
    work(put({**GOOD, "entity": entity}))
    (message,) = published(cloud)
    received = json.loads(message["body"])["entity"]
    assert received == entity
    assert list(received) == list(entity)


def test_event_delivered_twice_by_eventbridge_is_sent_once(cloud: Cloud) -> None:
    made_webhook()
    for detail in (GOOD, {**GOOD, "id": "order-1"}):
        twice = put(detail)
        assert work(twice) == []
        assert work({**twice, "messageId": "another message"}) == []
    messages = published(cloud)
    assert len(messages) == 4
    assert failed_ids(invoke("fan_out_event", {"Records": messages})) == []
    tasks = [json.loads(each["body"]) for each in cloud.batch(DELIVERY_QUEUE, "deliver_webhook")["Records"]]
    # The attempt's record stops the second of two equal tasks.
    assert len({(task["deliveryId"], task["attempt"]) for task in tasks}) == 2


def test_event_put_twice_with_its_own_id_is_a_repeated_event(cloud: Cloud) -> None:
    work(put({**GOOD, "id": "order-1"}), put({**GOOD, "id": "order-1"}))
    first, second = (attributes(message) for message in published(cloud))
    assert first["eventId"] == second["eventId"]
    assert first["receipt"] != second["receipt"]


# ---- Refusals ----


@pytest.mark.parametrize("flaw", BAD)
def test_event_that_http_would_refuse_is_moved_to_the_dead_letter_queue(flaw: str, cloud: Cloud) -> None:
    bad = put(BAD[flaw][0])
    assert work(put(GOOD), bad, put(GOOD)) == []
    assert len(published(cloud)) == 2
    assert dead_letters(cloud) == [bad["body"]]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        '{"detail": NaN}',
        "[" * 100_000,
        json.dumps({**ENVELOPE, "detail": None}),
        json.dumps({**ENVELOPE, "detail": json.dumps(GOOD)}),
        json.dumps({**ENVELOPE, "id": ""}),
        json.dumps({**ENVELOPE, "time": "yesterday"}),
        json.dumps({**ENVELOPE, "detail": {**GOOD, "entity": {"n": 5}}}).replace('"n": 5', '"n": 1e999'),
        json.dumps({name: value for name, value in ENVELOPE.items() if name != "id"}),
        json.dumps(GOOD),
    ],
)
def test_message_that_is_no_bus_event_is_moved_to_the_dead_letter_queue(body: str, cloud: Cloud) -> None:
    assert work(record(WORKER, body)) == []
    assert published(cloud) == []
    assert dead_letters(cloud) == [body]


def test_event_nested_too_deeply_is_refused(cloud: Cloud) -> None:
    def nested(levels: int) -> Any:
        """Return an event that makes the message `levels` levels deep."""
        inner: Any = {}
        for _ in range(levels - 3):
            inner = {"a": inner}
        return {**GOOD, "entity": inner}

    assert work(put(nested(64)), put(nested(65)), put(nested(500))) == []
    assert len(published(cloud)) == 1
    assert len(dead_letters(cloud)) == 2


def test_too_large_event_is_refused_and_the_largest_is_published(cloud: Cloud) -> None:
    work(put({**GOOD, "id": "i", "entity": {"x": ""}}))
    (empty,) = published(cloud)
    room = MAX_BODY_BYTES - len(empty["body"].encode())
    fits, grows = ({**GOOD, "id": "i", "entity": {"x": "y" * (room + more)}} for more in (0, 1))
    assert work(put(fits), put(grows)) == []
    assert len(published(cloud)) == 1
    (waiting,) = dead_letters(cloud)
    assert json.loads(waiting)["detail"] == grows


def test_refusal_is_logged_without_content(cloud: Cloud, log: io.StringIO) -> None:
    bad = put({**GOOD, "event": "Order created", "entity": "card 4111", "p" * 5_000: 1})
    assert work(bad) == []
    (line,) = (json.loads(each) for each in log.getvalue().splitlines())
    assert (line["level"], line["message"], line["code"]) == ("ERROR", "bus event refused", "invalid_fields")
    assert line["message_id"] == bad["messageId"]
    assert "/detail/event: Must be lowercase words" in line["errors"][0]
    assert "/detail/entity: Must be an object." in line["errors"]
    for content in ("4111", "Order created", "p" * 201):
        assert content not in log.getvalue()


def test_at_most_ten_reasons_are_logged(cloud: Cloud, log: io.StringIO) -> None:
    work(put({**GOOD, **{f"field{number}": 1 for number in range(50)}}))
    assert len(json.loads(log.getvalue())["errors"]) == 10


# ---- Outages ----


def test_outage_returns_valid_and_invalid_messages(cloud: Cloud, fail_operation: Fail) -> None:
    good, bad = put(GOOD), put({**GOOD, "event": "Order"})
    with fail_operation("sqs", "SendMessage", DENIED):
        assert work(good, bad) == [good["messageId"], bad["messageId"]]
    assert published(cloud) == []
    assert dead_letters(cloud) == []
    assert work(good, bad) == []
    assert len(published(cloud)) == len(dead_letters(cloud)) == 1


def test_unexpected_error_returns_the_message(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    good = put(GOOD)
    monkeypatch.setattr("latchhook.edge.published_events.event_body", broken)
    assert work(good) == [good["messageId"]]
    assert dead_letters(cloud) == []


def test_entity_that_violates_its_schema_is_refused(cloud: Cloud) -> None:
    registered("order.created", schema={"required": ["number"]})
    assert work(put(GOOD), put({**GOOD, "entity": {"number": 1}})) == []
    assert len(published(cloud)) == 1
    assert cloud.waiting(BUS_DEAD_LETTER_QUEUE) == 1
