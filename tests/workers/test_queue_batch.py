"""A batch of queue messages. Failed messages are returned alone."""

import json
from collections.abc import Mapping
from typing import Any

from latchhook.workers.queue_batch import each_group, each_record, failures


def _batch(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def _failed(response: Mapping[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_messages_are_processed_in_order() -> None:
    worked: list[str] = []

    response = each_record(_batch("a", "b"), lambda record: worked.append(record["body"]))

    assert worked == ["a", "b"]
    assert response == {"batchItemFailures": []}


def test_malformed_message_is_returned_and_the_others_are_processed() -> None:
    worked: list[int] = []

    response = each_record(_batch("1", "poison", "3"), lambda record: worked.append(int(record["body"])))

    assert worked == [1, 3]
    assert _failed(response) == ["m1"]


def test_messages_without_enough_time_are_returned() -> None:
    worked: list[str] = []

    response = each_record(
        _batch("a", "b", "c"), lambda record: worked.append(record["body"]), may_go_on=lambda: len(worked) < 1
    )

    assert worked == ["a"]
    assert _failed(response) == ["m1", "m2"]


def test_failures_have_the_form_of_lambda() -> None:
    assert failures(["a", "b"]) == {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}


def _group_of(body: str) -> str:
    group = json.loads(body)["group"]
    assert isinstance(group, str)
    return group


def test_messages_of_a_group_are_processed_once_with_their_number() -> None:
    worked: dict[str, int] = {}
    batch = _batch('{"group":"a"}', '{"group":"b"}', '{"group":"a"}')

    assert _failed(each_group(batch, _group_of, worked.__setitem__)) == []
    assert worked == {"a": 2, "b": 1}


def test_failed_group_is_returned_and_the_others_are_processed() -> None:
    worked: dict[str, int] = {}

    def work(group: str, count: int) -> None:
        if group == "a":
            raise RuntimeError
        worked[group] = count

    batch = _batch('{"group":"a"}', '{"group":"b"}', '{"group":"a"}')

    assert _failed(each_group(batch, _group_of, work)) == ["m0", "m2"]
    assert worked == {"b": 1}


def test_unreadable_message_is_returned_alone() -> None:
    worked: dict[str, int] = {}

    response = each_group(_batch("{", "[]", "{}", '{"group":"a"}'), _group_of, worked.__setitem__)

    assert _failed(response) == ["m0", "m1", "m2"]
    assert worked == {"a": 1}
