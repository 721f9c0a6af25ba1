"""The three ways to publish: one event, a batch, and the stack's event bus."""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.receiver import Receiver
from local.stack import RunningStack
from tests.journeys.product import (
    PATIENCE_SECONDS,
    admin,
    check_signatures,
    eventually,
    new_account,
    operator,
    publish,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "integrate" / "publish-events.md"
BATCH = 25
QUIET_SECONDS = 3


def made_webhook(stack: RunningStack, account_id: str, receiver: Receiver) -> Any:
    """Create a webhook for all events of an account."""
    return admin(stack, account_id).call("POST", "/webhooks", {"url": receiver.url("/")}, status=201)


def put_on_bus(stack: RunningStack, detail: Any) -> str:
    """Put an event on the stack's bus as in docs/integrate/publish-events.md, and return EventBridge's id."""
    entry = {
        "EventBusName": stack.outputs["EventBusName"],
        "Source": "shop",
        "DetailType": "order.created",
        "Detail": json.dumps(detail),
    }
    response = stack.client("events").put_events(Entries=[entry])
    assert response["FailedEntryCount"] == 0
    return str(response["Entries"][0]["EventId"])


def arrived(receiver: Receiver) -> list[str]:
    """Return the sorted ids of the events that have arrived."""
    return sorted(json.loads(request.body)["id"] for request in receiver.requests())


def test_event_from_the_bus_is_delivered_and_signed(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    webhook = made_webhook(stack, account_id, receiver)
    entity = {"z": 1, "a": "Grüße 🌍", "nested": {"y": None, "b": [1.5, True]}}

    put_at = datetime.now(UTC)
    event_id = put_on_bus(stack, {"accountId": account_id, "event": "order.created", "entity": entity})

    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(stack, request, webhook["secret"])
    body = json.loads(request.body)
    assert list(body) == ["event", "accountId", "entity", "id", "occurredAt"]
    assert (body["id"], body["event"], body["accountId"]) == (event_id, "order.created", account_id)
    assert json.dumps(body["entity"]) == json.dumps(entity)
    assert abs((datetime.fromisoformat(body["occurredAt"]) - put_at).total_seconds()) < PATIENCE_SECONDS


def test_documented_lines_publish_through_the_bus(
    stack: RunningStack, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = new_account()
    webhook = made_webhook(stack, account_id, receiver)
    for name, value in stack.aws_environment.items():
        monkeypatch.setenv(name, value)

    (lines,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(lines.splitlines()) == 3
    of_this_stack = lines.replace('"acme"', repr(account_id)).replace(
        '"latchhook"', repr(stack.outputs["EventBusName"])
    )
    exec(of_this_stack, {"boto3": boto3, "json": json})  # noqa: S102 - the manual's own lines

    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(stack, request, webhook["secret"])
    assert json.loads(request.body)["id"] == "order-1001-created"


def test_event_is_the_same_for_all_ways_of_publishing(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    made_webhook(stack, account_id, receiver)
    event = {"id": "order-1", "accountId": account_id, "event": "order.created", "entity": {"number": 1}}
    fields = {"externalId": "ORDER-1", "occurredAt": "2026-05-01T09:59:58Z"}

    publish(stack, account_id, "order.created", id="order-1", entity={"number": 1}, **fields)
    receiver.wait_for(1, PATIENCE_SECONDS)
    put_on_bus(stack, {**event, **fields})
    operator(stack).call("POST", "/events/batch", {"events": [{**event, **fields}]}, status=202)
    put_on_bus(stack, {**event, **fields, "id": "order-2"})
    operator(stack).call("POST", "/events/batch", {"events": [{**event, **fields, "id": "order-3"}]}, status=202)

    receiver.wait_for(3, PATIENCE_SECONDS)
    time.sleep(QUIET_SECONDS)
    assert arrived(receiver) == ["order-1", "order-2", "order-3"]
    bodies = {request.body.replace(json.loads(request.body)["id"].encode(), b"") for request in receiver.requests()}
    assert len(bodies) == 1


def test_batch_is_delivered_once_even_if_repeated(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    webhook = made_webhook(stack, account_id, receiver)
    batch: dict[str, list[dict[str, Any]]] = {
        "events": [
            {"id": f"lap-{number}", "accountId": account_id, "event": "lap.created", "entity": {"number": number}}
            for number in range(BATCH)
        ]
    }
    accepted = operator(stack).call("POST", "/events/batch", batch, status=202)
    assert [each["id"] for each in accepted["data"]] == [each["id"] for each in batch["events"]]

    receiver.wait_for(BATCH, PATIENCE_SECONDS)
    assert operator(stack).call("POST", "/events/batch", batch, status=202) == accepted
    publish(stack, account_id, "lap.created", id="the-last")
    eventually(lambda: arrived(receiver), lambda seen: "the-last" in seen)
    time.sleep(QUIET_SECONDS)

    assert arrived(receiver) == sorted([*(each["id"] for each in batch["events"]), "the-last"])
    for request in receiver.requests():
        check_signatures(stack, request, webhook["secret"])


def test_invalid_bus_event_goes_to_the_dead_letter_queue(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    made_webhook(stack, account_id, receiver)
    event = {"accountId": account_id, "event": "order.created", "entity": {}}
    refused = put_on_bus(stack, {**event, "event": "Order created"})
    taken = put_on_bus(stack, event)

    receiver.wait_for(1, PATIENCE_SECONDS)
    assert arrived(receiver) == [taken]
    sqs = stack.client("sqs")
    resource = {"StackName": stack.outputs["EventBusName"], "LogicalResourceId": "BusDeadLetterQueue"}
    described = stack.client("cloudformation").describe_stack_resource(**resource)
    queue = described["StackResourceDetail"]["PhysicalResourceId"]

    def waiting() -> list[Any]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1).get("Messages", [])
        return [letter for letter in map(json.loads, (each["Body"] for each in messages)) if letter["id"] == refused]

    (letter, *_) = eventually(waiting, bool)
    assert letter["detail"] == {**event, "event": "Order created"}
