"""The worker that counts attempts from the deliveries table's stream."""

import io
import json
from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook import aws
from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import Fail
from tests.functions.environment import COUNT_DEAD_LETTER_QUEUE, queue_url
from tests.functions.streams import stream_sources
from tests.template_tables import DELIVERIES

WORKER = "count_attempts"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateItem")
DAY_MILLIS = 86_400_000


def record(number: int, *, webhook: int = 1, account_id: str = ACCOUNT, days: int = 0, **image: Any) -> dict[str, Any]:
    """Return a stream record with a new attempt, `days` days after that of the example event."""
    made = deepcopy(own_event(WORKER)["Records"][0])
    change = made["dynamodb"]
    change["SequenceNumber"] = f"{number:021d}"
    owner = f"WEBHOOK#5b0c7f0e-3c1d-4e57-9a52-{webhook:012d}"
    attempted_at = int(change["NewImage"]["attemptedAt"]["N"]) + days * DAY_MILLIS
    change["Keys"]["pk"]["S"] = change["NewImage"]["pk"]["S"] = owner
    change["NewImage"] |= {"accountId": {"S": account_id}, "attemptedAt": {"N": str(attempted_at)}, **image}
    assert isinstance(made, dict)
    return made


def counts(cloud: Cloud) -> dict[tuple[str, str], int]:
    """Return the number of attempts by account, last digits of the webhook's id, and day."""
    return {
        (item["pk"].removeprefix("STATS#"), f"{item['sk'][-2:]} {item['sk'][:8]}"): sum(
            value for name, value in item.items() if name[0] == "a" and name[1:].isdecimal()
        )
        for item in cloud.items(DELIVERIES)
        if item["pk"].startswith("STATS#")
    }


def test_attempt_is_counted_by_hour_and_latency(cloud: Cloud) -> None:
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    (item,) = cloud.items(DELIVERIES)
    assert (item["pk"], item["sk"]) == ("STATS#acme", "20260501#5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21")
    assert {name: value for name, value in item.items() if name[0] in "afb"} == {"a10": 1, "b28": 1}
    position = "2026-05-01T09:00:00.000/0000000000005163190000000000017450439117"
    assert {name: value for name, value in item.items() if name[0] == "m"} == {"m20260501": position}


def test_batch_makes_one_write_per_webhook_and_day(cloud: Cloud) -> None:
    records = [record(n, webhook=n % 3, days=n % 2) for n in range(60)]
    records.append(record(60, account_id=OTHER_ACCOUNT))
    calls = []
    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name), unique_id="calls")
    try:
        assert failed_ids(invoke(WORKER, {"Records": records})) == []
    finally:
        events.unregister("before-call.dynamodb", unique_id="calls")
    assert calls == ["UpdateItem"] * 7
    each = {(ACCOUNT, f"0{webhook} 2026050{day}"): 10 for webhook in range(3) for day in (1, 2)}
    assert counts(cloud) == {**each, (OTHER_ACCOUNT, "01 20260501"): 1}


@pytest.mark.parametrize("again", [range(20), range(5, 20), range(19, 20), range(7, 31)], ids=str)
def test_repeated_batch_adds_only_new_attempts(again: range, cloud: Cloud) -> None:
    invoke(WORKER, {"Records": [record(n, webhook=n % 4) for n in range(20)]})
    invoke(WORKER, {"Records": [record(n, webhook=n % 4) for n in again]})
    assert sum(counts(cloud).values()) == max(20, again.stop)


def test_repeated_batch_over_midnight_is_counted_once(cloud: Cloud) -> None:
    records = [record(n, days=n // 5) for n in range(10)]
    for _ in range(2):
        assert failed_ids(invoke(WORKER, {"Records": records})) == []
    assert counts(cloud) == {(ACCOUNT, "01 20260501"): 5, (ACCOUNT, "01 20260502"): 5}


def test_shards_are_counted_independently(cloud: Cloud) -> None:
    """Two webhooks of an account are in two shards, whose sequence numbers are unrelated."""
    for _ in range(2):
        invoke(WORKER, {"Records": [record(n, webhook=1) for n in (900, 901)]})
        invoke(WORKER, {"Records": [record(n, webhook=2) for n in (5, 6, 7)]})
    assert counts(cloud) == {(ACCOUNT, "01 20260501"): 2, (ACCOUNT, "02 20260501"): 3}


@pytest.mark.parametrize("crash_at", range(4))
def test_outage_between_webhooks_returns_the_first_uncounted_record(
    crash_at: int, cloud: Cloud, log: io.StringIO
) -> None:
    records = [record(n, webhook=n % 4) for n in range(20)]
    denied = f"5b0c7f0e-3c1d-4e57-9a52-{crash_at:012d}"

    def deny_one(model: Any, params: Any, **_: Any) -> None:
        if denied in params["body"].decode():
            raise DENIED

    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb.UpdateItem", deny_one)
    try:
        (first,) = failed_ids(invoke(WORKER, {"Records": records}))
    finally:
        events.unregister("before-call.dynamodb.UpdateItem", deny_one)
    assert int(first) == crash_at
    assert len(counts(cloud)) == 3
    assert "counting attempts will be retried" in log.getvalue()
    assert failed_ids(invoke(WORKER, {"Records": records[int(first) :]})) == []
    assert set(counts(cloud).values()) == {5}


def test_complete_outage_returns_the_whole_batch(cloud: Cloud, fail: Fail) -> None:
    records = [record(n, webhook=n) for n in range(5)]
    with fail(DENIED):
        assert failed_ids(invoke(WORKER, {"Records": records})) == [f"{0:021d}"]
    assert cloud.items(DELIVERIES) == []


def test_batch_without_enough_time_is_returned(cloud: Cloud) -> None:
    records = [record(n, webhook=n) for n in range(5)]
    assert failed_ids(invoke(WORKER, {"Records": records}, millis_left=10_000)) == [f"{0:021d}"]
    assert cloud.items(DELIVERIES) == []
    assert failed_ids(invoke(WORKER, {"Records": records}, millis_left=10_001)) == []
    assert len(counts(cloud)) == 5


def test_unreadable_record_is_set_aside_without_the_response(cloud: Cloud, log: io.StringIO) -> None:
    broken = record(2, status={"N": "1"}, responseBody={"B": "c2VjcmV0"})
    assert failed_ids(invoke(WORKER, {"Records": [record(1), broken, record(3)]})) == []
    assert counts(cloud) == {(ACCOUNT, "01 20260501"): 2}
    (message,) = cloud.sqs.receive_message(QueueUrl=queue_url(COUNT_DEAD_LETTER_QUEUE))["Messages"]
    keys = broken["dynamodb"]["Keys"]
    assert json.loads(message["Body"]) == {"Records": [{"dynamodb": {"Keys": keys, "SequenceNumber": f"{2:021d}"}}]}
    assert "uncounted attempt moved to dead-letter queue" in log.getvalue()


def test_unreadable_record_that_cannot_be_set_aside_is_returned(cloud: Cloud, fail_operation: Fail) -> None:
    records = [record(1), record(2, status={"N": "1"}), record(3)]
    with fail_operation("sqs", "SendMessage", DENIED):
        assert failed_ids(invoke(WORKER, {"Records": records})) == [f"{2:021d}"]
    assert counts(cloud) == {(ACCOUNT, "01 20260501"): 1}
    assert failed_ids(invoke(WORKER, {"Records": records[1:]})) == []
    assert counts(cloud) == {(ACCOUNT, "01 20260501"): 2}
    assert cloud.waiting(COUNT_DEAD_LETTER_QUEUE) == 1


def test_deliveries_are_counted_and_test_deliveries_are_not(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/fails", Behaviour(statuses=[500]))
    for path in ("/good", "/fails"):
        made_webhook(receiver.url(path))
    for _ in range(3):
        published(ACCOUNT)
    cloud.run_event_path()
    tested = made_webhook(receiver.url("/tested"), events=["never.happens"])
    assert call("send_test_delivery", admin(), object_id=tested["id"]).status == 200
    for _ in range(2):
        assert cloud.run_streams() == []
    items = [item for item in cloud.items(DELIVERIES) if item["pk"] == f"STATS#{ACCOUNT}"]
    totals = sorted(
        tuple(sum(value for name, value in item.items() if name[0] == kind and name[1:].isdecimal()) for kind in "afb")
        for item in items
    )
    assert totals == [(3, 0, 3), (3, 3, 3)]


@pytest.mark.parametrize(
    ("name", "owner", "passes"),
    [
        ("INSERT", "WEBHOOK#1", True),
        ("MODIFY", "WEBHOOK#1", False),
        ("REMOVE", "WEBHOOK#1", False),
        ("INSERT", "STATS#acme", False),
        ("MODIFY", "STATS#acme", False),
        ("INSERT", "EVENT#acme#1", False),
        ("INSERT", "PARKED#1", False),
    ],
)
def test_template_filter_passes_new_attempts_only(name: str, owner: str, passes: bool) -> None:
    (source,) = [each for each in stream_sources() if each.worker == "CountAttempts"]
    assert source.lets_through({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": owner}}}}) is passes


def test_empty_batch_returns_no_failures() -> None:
    assert invoke(WORKER, {"Records": []}) == {"batchItemFailures": []}
