"""The queues return events and tasks unchanged, and tasks that wait for hours wait in a schedule."""

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, get_args

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.queues import DeadLetters, EventQueue, UseQueue, event_from_record, uses_from_json
from latchhook.transport.task_queues import (
    SCHEDULE_NAME_PREFIX,
    DeliveryQueue,
    RetryQueue,
    RetryTargets,
    task_from_json,
    task_to_json,
)
from latchhook.webhooks.delivery import DeliveryTask, Trigger
from latchhook.webhooks.event import MAX_BODY_BYTES, Event, event_body
from tests.samples import ACCOUNT, MILLISECOND, NOW, event, task, webhook

MINUTES = timedelta(minutes=1)
MEBIBYTE = 1024 * 1024


class Recorder:
    """A client that records its requests and returns the test's response."""

    def __init__(self, response: Mapping[str, Any] | Exception | None = None) -> None:
        self.response = response or {}
        self.requests: list[Mapping[str, Any]] = []

    def _take(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.requests.append(request)
        if isinstance(self.response, Exception):
            raise self.response
        return self.response

    def send_message(self, **request: Any) -> Mapping[str, Any]:
        return self._take(request)

    def send_message_batch(self, **request: Any) -> Mapping[str, Any]:
        return self._take(request)


@pytest.fixture
def aws() -> Iterator[Any]:
    """SQS and EventBridge Scheduler in moto."""
    with mock_aws():
        yield boto3.session.Session()


def _queue(aws: Any, name: str = "queue") -> tuple[Any, str]:
    """Create a queue that accepts the largest event, like template.yaml's event queue."""
    client = aws.client("sqs")
    attributes = {"MaximumMessageSize": str(1024 * 1024)}
    return client, client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def _records(client: Any, url: str) -> list[dict[str, Any]]:
    """Return the queue's messages as Lambda passes them to a worker."""
    received = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [
        {
            "messageId": message["MessageId"],
            "body": message["Body"],
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in message.get("MessageAttributes", {}).items()
            },
        }
        for message in received.get("Messages", [])
    ]


def _event_queue(client: Any, url: str = "https://queue/", **changes: Any) -> EventQueue:
    """Return the event queue. A test without its own `sleep` fails if the queue waits."""
    return EventQueue(client, url=url, **{"rng": Random(1), "sleep": _no_sleep, **changes})


def _no_sleep(seconds: float) -> None:
    raise AssertionError(f"an unexpected wait of {seconds} s")


# ---- Events ----


@pytest.mark.parametrize(
    "accepted",
    [
        event(),
        event(external_id=None),
        event("!#$%&'()*+,-./:;<=>?@[]^_`{|}~", external_id="Zoë \U0001f3c1"),
        event(accepted_at=NOW + 250 * MILLISECOND),
    ],
    ids=["plain", "no external id", "signs", "milliseconds"],
)
def test_accepted_event_is_received_unchanged(aws: Any, accepted: Any) -> None:
    client, url = _queue(aws)

    _event_queue(client, url).publish(accepted, receipt="receipt-1")

    (record,) = _records(client, url)
    assert event_from_record(record) == (accepted, "receipt-1")


def test_largest_event_with_special_characters_is_accepted(aws: Any) -> None:
    client, url = _queue(aws)
    head = len(event_body(event_id="e", name="lap", account_id=ACCOUNT, entity={"text": ""}, occurred_at=NOW))
    text = "\uffff\ud800\U0001f3c1" * ((MAX_BODY_BYTES - head) // 16)
    body = event_body(event_id="e", name="lap", account_id=ACCOUNT, entity={"text": text}, occurred_at=NOW)
    largest = event("i" * 128, name="n" * 128, external_id="\U0001f3c1" * 255, body=body)

    _event_queue(client, url).publish(largest, receipt="r" * 36)

    (record,) = _records(client, url)
    assert event_from_record(record)[0] == largest


def test_accepting_an_event_needs_one_call() -> None:
    recorder: Any = Recorder()

    _event_queue(recorder).publish(event(), receipt="r")

    assert len(recorder.requests) == 1


def test_failed_publication_is_a_dependency_error(aws: Any) -> None:
    client, url = _queue(aws)

    with pytest.raises(DependencyUnavailableError):
        _event_queue(client, url + "-that-is-not-there").publish(event(), receipt="r")


@pytest.mark.parametrize("missing", ["eventId", "accountId", "eventName", "acceptedAt", "receipt"])
def test_message_without_event_attributes_is_refused(aws: Any, missing: str) -> None:
    client, url = _queue(aws)
    _event_queue(client, url).publish(event(), receipt="r")
    (record,) = _records(client, url)
    del record["messageAttributes"][missing]

    with pytest.raises(KeyError):
        event_from_record(record)


def test_account_is_the_message_group_of_its_events() -> None:
    recorder: Any = Recorder()
    _event_queue(recorder).publish(event(account_id="acct_2"), receipt="r")
    _event_queue(recorder).publish_all([event("evt_1"), event("evt_2", account_id="acct_2")], receipt="r")
    single, many = recorder.requests
    assert single["MessageGroupId"] == "acct_2"
    assert [entry["MessageGroupId"] for entry in many["Entries"]] == [ACCOUNT, "acct_2"]


# ---- Many events ----


def _events(count: int, **changes: Any) -> list[Event]:
    return [event(f"evt_{number}", **changes) for number in range(count)]


def _large_event(size: int) -> Event:
    """Return an event that SQS counts as `size` bytes."""
    empty = event(external_id="\U0001f3c1", body="")
    return replace(empty, body="x" * (size - _bytes_of(empty)))


def _bytes_of(accepted: Event) -> int:
    """Return the bytes that SQS counts for an event: the body, and names, types and values of the attributes."""
    recorder: Any = Recorder()
    _event_queue(recorder).publish(accepted, receipt="r")
    (request,) = recorder.requests
    counted = request["MessageBody"] + "".join(
        name + value["DataType"] + value["StringValue"] for name, value in request["MessageAttributes"].items()
    )
    return len(counted.encode())


class Refusing(Recorder):
    """An SQS that refuses the given entries the given number of times."""

    def __init__(self, times: Mapping[str, int]) -> None:
        super().__init__()
        self.times = dict(times)

    def send_message_batch(self, **request: Any) -> Mapping[str, Any]:
        self._take(request)
        refused = [entry["Id"] for entry in request["Entries"] if self.times.get(entry["Id"], 0) > 0]
        for each in refused:
            self.times[each] -= 1
        return {"Failed": [{"Id": each, "Code": "InternalError", "SenderFault": False} for each in refused]}

    @property
    def sent(self) -> list[list[str]]:
        """The entry ids of each call."""
        return [[entry["Id"] for entry in request["Entries"]] for request in self.requests]


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (10, 1), (11, 2), (100, 10)])
def test_events_are_sent_in_order_with_ten_per_call(count: int, calls: int) -> None:
    recorder: Any = Recorder()
    accepted = _events(count)

    _event_queue(recorder).publish_all(accepted, receipt="r")

    assert len(recorder.requests) == calls
    entries = [entry for request in recorder.requests for entry in request["Entries"]]
    assert [entry["MessageBody"] for entry in entries] == [each.body for each in accepted]
    assert len({entry["Id"] for entry in entries}) == count
    assert all(len(request["Entries"]) <= 10 for request in recorder.requests)


def test_batch_events_are_received_unchanged_with_their_receipt(aws: Any) -> None:
    client, url = _queue(aws)
    accepted = [*_events(3), event("evt_x", external_id=None), event("evt_y", external_id="Zoë \U0001f3c1")]

    _event_queue(client, url).publish_all(accepted, receipt="receipt-1")

    found = [event_from_record(record) for record in _records(client, url)]
    assert sorted(found, key=lambda each: each[0].id) == [(each, "receipt-1") for each in accepted]


@pytest.mark.parametrize(
    ("sizes", "calls"),
    [
        ([MEBIBYTE // 4] * 4, [4]),
        ([MEBIBYTE // 4] * 3 + [MEBIBYTE // 4 + 1], [3, 1]),
        ([MEBIBYTE // 4] * 10, [4, 4, 2]),
        ([1000] * 10 + [MEBIBYTE // 4] * 4, [10, 4]),
        ([300_000, 1000, 300_000, 300_000, 300_000], [4, 1]),
    ],
    ids=str,
)
def test_no_call_exceeds_the_size_limit_of_sqs(sizes: list[int], calls: list[int], aws: Any) -> None:
    recorder: Any = Recorder()
    client, url = _queue(aws)
    accepted = [_large_event(size) for size in sizes]

    _event_queue(recorder).publish_all(accepted, receipt="r")
    _event_queue(client, url).publish_all(accepted, receipt="r")  # moto enforces SQS's size limit

    assert [len(request["Entries"]) for request in recorder.requests] == calls


def test_refused_entries_alone_are_retried_with_jitter() -> None:
    refusing = Refusing({"3": 1, "14": 2})
    waits: list[float] = []

    _event_queue(refusing, sleep=waits.append).publish_all(_events(20), receipt="r")

    assert refusing.sent[2:] == [["3", "14"], ["14"]]
    bodies = {entry["Id"]: entry["MessageBody"] for request in refusing.requests for entry in request["Entries"]}
    assert refusing.requests[-1]["Entries"][0]["MessageBody"] == bodies["14"] == event("evt_14").body
    assert len(waits) == 2
    assert all(0 <= wait <= 0.4 for wait in waits)
    assert len(set(waits)) == 2


def test_waits_of_two_environments_differ() -> None:
    waits: list[float] = []
    for seed in range(20):
        _event_queue(Refusing({"0": 1}), sleep=waits.append, rng=Random(seed)).publish_all(_events(1), receipt="r")

    assert len(set(waits)) == 20


@pytest.mark.parametrize(("times", "accepted"), [(3, True), (4, False)])
def test_entries_refused_four_times_are_a_dependency_error(times: int, accepted: bool) -> None:
    refusing = Refusing({"1": times})
    with nullcontext() if accepted else pytest.raises(DependencyUnavailableError, match="InternalError"):
        _event_queue(refusing, sleep=lambda _: None).publish_all(_events(2), receipt="r")

    assert refusing.sent == [["0", "1"], *[["1"]] * min(times, 3)]


def test_batch_without_a_response_is_a_dependency_error(aws: Any) -> None:
    client, url = _queue(aws)

    with pytest.raises(DependencyUnavailableError):
        _event_queue(client, url + "-that-is-not-there").publish_all(_events(2), receipt="r")


# ---- First attempts ----


TRIGGERS = st.sampled_from(get_args(Trigger))


@given(st.builds(DeliveryTask, st.text(), st.uuids(), st.text(), st.uuids(), st.integers(1, 999), TRIGGERS))
def test_task_is_restored_unchanged(made: DeliveryTask) -> None:
    assert task_from_json(task_to_json(made)) == made


@pytest.mark.parametrize(("attempt", "trigger"), [(1, "event"), (2, "retry"), (11, "retry")])
def test_task_without_trigger_from_an_older_version_is_read(attempt: int, trigger: Trigger) -> None:
    waited = json.loads(task_to_json(task(attempt=attempt)))
    del waited["trigger"]

    assert task_from_json(json.dumps(waited)) == replace(task(attempt=attempt), trigger=trigger)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "5",
        '"a"',
        '{"accountId": "a", "webhookId": 5}',
        task_to_json(task()).replace('"acct_1"', "5"),
        task_to_json(task()).replace('"evt_1"', "[]"),
    ],
)
def test_malformed_task_message_is_refused(body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        task_from_json(body)


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (50, 5)])
def test_tasks_are_sent_with_ten_per_call(count: int, calls: int) -> None:
    recorder: Any = Recorder()
    tasks = [task(event(), webhook(number)) for number in range(count)]

    DeliveryQueue(recorder, url="https://queue/").send(tasks)

    assert len(recorder.requests) == calls
    entries = [entry for request in recorder.requests for entry in request["Entries"]]
    assert [task_from_json(entry["MessageBody"]) for entry in entries] == tasks
    for request in recorder.requests:
        assert len({entry["Id"] for entry in request["Entries"]}) == len(request["Entries"]) <= 10


def test_webhook_is_the_message_group() -> None:
    recorder: Any = Recorder()
    DeliveryQueue(recorder, url="https://queue/").send([task()])

    assert recorder.requests[0]["Entries"][0]["MessageGroupId"] == str(webhook().id)


def test_refused_task_is_a_dependency_error() -> None:
    refused: Any = Recorder({"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}], "Successful": []})

    with pytest.raises(DependencyUnavailableError, match="InternalError"):
        DeliveryQueue(refused, url="https://queue/").send([task()])


def test_every_task_is_received(aws: Any) -> None:
    client, url = _queue(aws)
    tasks = [task(event(), webhook(number)) for number in range(10)]

    DeliveryQueue(client, url=url).send(tasks)

    assert {task_from_json(record["body"]) for record in _records(client, url)} == set(tasks)


# ---- Later attempts ----

TARGETS = RetryTargets(
    queue_url="https://queue/retry",
    queue_arn="arn:aws:sqs:us-east-1:123456789012:retry",
    dead_letter_queue_arn="arn:aws:sqs:us-east-1:123456789012:retry-dlq",
    schedule_role_arn="arn:aws:iam::123456789012:role/schedules",
)


def _never() -> Any:
    raise AssertionError("this client is not needed")


def _planned_by_queue(due: datetime) -> Any:
    recorder: Any = Recorder()
    RetryQueue(lambda: recorder, _never, TARGETS, lambda: NOW).plan(task(attempt=2), due=due, now=NOW)
    (request,) = recorder.requests
    return request


@pytest.mark.parametrize(
    ("wait", "delay"),
    [
        (timedelta(seconds=5), 5), (timedelta(seconds=4, milliseconds=1), 5), (15 * MINUTES, 900),
        (15 * MINUTES - MILLISECOND, 900), (timedelta(), 0), (-MINUTES, 0),
    ],
    ids=str,
)  # fmt: skip
def test_attempt_within_fifteen_minutes_waits_in_the_queue(wait: timedelta, delay: int) -> None:
    request = _planned_by_queue(NOW + wait)

    assert request["DelaySeconds"] == delay
    assert request["QueueUrl"] == TARGETS.queue_url
    assert task_from_json(request["MessageBody"]) == task(attempt=2)
    assert request["MessageGroupId"] == str(webhook().id)


def _schedules(aws: Any) -> list[dict[str, Any]]:
    scheduler = aws.client("scheduler")
    return [scheduler.get_schedule(Name=each["Name"]) for each in scheduler.list_schedules()["Schedules"]]


def _plan(aws: Any, due: datetime, *, attempt: int = 4) -> None:
    scheduler = aws.client("scheduler")
    RetryQueue(_never, lambda: scheduler, TARGETS, lambda: NOW).plan(task(attempt=attempt), due=due, now=NOW)


def test_later_attempt_waits_in_a_one_time_schedule(aws: Any) -> None:
    _plan(aws, NOW + timedelta(hours=2, seconds=7))

    (schedule,) = _schedules(aws)
    assert schedule["ScheduleExpression"] == "at(2027-03-15T14:00:07)"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = schedule["Target"]
    assert (target["Arn"], target["RoleArn"]) == (TARGETS.queue_arn, TARGETS.schedule_role_arn)
    assert target["DeadLetterConfig"] == {"Arn": TARGETS.dead_letter_queue_arn}
    assert task_from_json(target["Input"]) == task(attempt=4)


def test_attempt_planned_twice_is_scheduled_once(aws: Any) -> None:
    _plan(aws, NOW + 2 * 60 * MINUTES)
    _plan(aws, NOW + 3 * 60 * MINUTES)

    (schedule,) = _schedules(aws)
    assert schedule["ScheduleExpression"] == "at(2027-03-15T14:00:00)"


def test_each_attempt_has_its_own_schedule_with_a_known_prefix(aws: Any) -> None:
    _plan(aws, NOW + 60 * MINUTES, attempt=4)
    _plan(aws, NOW + 60 * MINUTES, attempt=5)

    names = {schedule["Name"] for schedule in _schedules(aws)}
    assert names == {f"{SCHEDULE_NAME_PREFIX}{task().delivery_id}-{attempt}" for attempt in (4, 5)}
    assert all(len(name) <= 64 for name in names)


def test_failed_schedule_is_a_dependency_error() -> None:
    class Denying:
        def create_schedule(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "CreateSchedule")

    denying: Any = Denying

    with pytest.raises(DependencyUnavailableError, match="AccessDeniedException"):
        RetryQueue(_never, denying, TARGETS, lambda: NOW).plan(task(), due=NOW + 60 * MINUTES, now=NOW)


# ---- Uses of hot keys ----


@pytest.mark.parametrize("uses", [1, 25, -1])
def test_uses_are_received_with_their_key_and_day(uses: int, aws: Any) -> None:
    client, url = _queue(aws)
    key_id = webhook(7).id

    UseQueue(lambda: client, url=url).count_later(key_id, NOW, uses=uses)

    (record,) = _records(client, url)
    assert uses_from_json(record["body"]) == (key_id, "20270315", uses)


def test_number_of_uses_defaults_to_one(aws: Any) -> None:
    client, url = _queue(aws)

    UseQueue(lambda: client, url=url).count_later(webhook().id, NOW)

    (record,) = _records(client, url)
    assert uses_from_json(record["body"])[2] == 1


USES = {"keyId": str(webhook().id), "day": "20270315", "uses": 1}


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", *(
    json.dumps({**USES, **flaw})
    for flaw in ({"keyId": 5}, {"keyId": "x"}, {"day": "20271315"}, {"day": 5}, {"uses": "many"}, {"uses": None})
), *(json.dumps({name: value for name, value in USES.items() if name != missing}) for missing in USES)])  # fmt: skip
def test_malformed_use_message_is_refused(body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        uses_from_json(body)


def test_clients_are_created_when_they_are_needed() -> None:
    RetryQueue(_never, _never, TARGETS, lambda: NOW)
    UseQueue(_never, url="https://queue/")


# ---- Dead letters of a stream ----


def test_stream_record_is_kept_as_a_batch_of_one() -> None:
    client = Recorder()
    record = {"eventID": "1", "dynamodb": {"SequenceNumber": "7", "NewImage": {"name": {"S": "Zoë"}}}}

    DeadLetters(lambda: client, url="https://sqs.example/dead").keep(record)  # type: ignore[arg-type, return-value]

    (request,) = client.requests
    assert request["QueueUrl"] == "https://sqs.example/dead"
    assert json.loads(request["MessageBody"]) == {"Records": [record]}


def test_message_is_kept_unchanged_for_redrive(aws: Any) -> None:
    client, url = _queue(aws)
    body = '{"detail": {"b": 1, "a": "Zoë \U0001f3c1"}}'

    DeadLetters(lambda: client, url=url).keep_message(body)

    (record,) = _records(client, url)
    assert (record["body"], record["messageAttributes"]) == (body, {})


def test_failed_dead_letter_is_a_dependency_error() -> None:
    failure = ClientError({"Error": {"Code": "InternalFailure", "Message": "oops"}}, "SendMessage")

    with pytest.raises(DependencyUnavailableError):
        DeadLetters(lambda: Recorder(failure), url="x").keep({})  # type: ignore[arg-type, return-value]
