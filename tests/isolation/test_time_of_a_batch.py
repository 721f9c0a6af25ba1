"""The duration of a batch, and the messages it returns when Lambda's time ends, in virtual time."""

from collections.abc import Mapping
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook
from latchhook.workers.attempt_run import QUICK_SECONDS, TOGETHER
from tests.isolation.fair_queue import Context
from tests.isolation.parked import CALL_SECONDS
from tests.isolation.stack import Stack
from tests.samples import webhook

TEN = [webhook(number) for number in range(10)]
SLOW = TEN[3]


def _stack(seconds: float) -> Stack:
    return Stack(TEN, lambda each: seconds if each.id == SLOW.id else 0.1, polls=False)


def _run(stack: Stack, batch: Mapping[str, Any], *, seconds_left: float = 30) -> tuple[list[str], float]:
    """Run a batch on the fast queue's worker. Return the ids of the messages to retry and the seconds it took."""
    answered: list[tuple[list[str], float]] = []
    began = stack.time.seconds

    def run() -> None:
        response = stack.fast_worker.run(batch, Context(stack.time, seconds_left))
        ids = [each["itemIdentifier"] for each in response["batchItemFailures"]]
        answered.append((ids, stack.time.seconds - began))

    stack.time.start(run)
    stack.run()
    (only,) = answered
    return only


def _slow(of: Stack) -> Webhook:
    return of.webhooks[SLOW.id]


def test_batch_takes_as_long_as_its_slowest_receiver() -> None:
    stack = _stack(10)
    again, took = _run(stack, stack.batch(TEN))
    assert again == []
    assert 10 <= took < 10 + 5 * CALL_SECONDS
    assert (len(stack.made), stack.recorded) == (10, 10)
    assert _slow(stack).slow_seconds == 16


def test_ten_fast_calls_need_one_thread_and_one_write() -> None:
    stack = Stack(TEN, lambda _: 0.0002, polls=False)
    assert _run(stack, stack.batch(TEN))[0] == []
    assert [count for _, count in stack.writes] == [10]
    assert stack.time.submitted == 2


@pytest.mark.parametrize("slow_at", range(10))
def test_slow_calls_run_concurrently_and_delay_no_other(slow_at: int) -> None:
    slow = TEN[slow_at]
    stack = Stack(TEN, lambda each: 10 if each.id == slow.id else 0.0001, polls=False)
    assert _run(stack, stack.batch(TEN))[0] == []
    began = [calls.began[0] for calls in stack.calls.values()]
    assert max(began) - min(began) < QUICK_SECONDS + 0.001


def test_attempts_wait_a_bounded_time_to_be_written_together() -> None:
    takes = {each.id: 0.1 * (1 + number // 5) + 0.001 * (number % 5) for number, each in enumerate(TEN)}
    stack = Stack(TEN, lambda each: takes[each.id], polls=False)
    assert _run(stack, stack.batch(TEN))[0] == []
    (first, fives), (last, others) = stack.writes
    assert (fives, others) == (5, 5)
    began = CALL_SECONDS
    assert began + 0.1 + TOGETHER.total_seconds() <= first < began + 0.1 + TOGETHER.total_seconds() + 2 * QUICK_SECONDS
    assert last < began + 0.204 + 2 * QUICK_SECONDS, "the write waits for no attempt when all have ended"


class BusyVault(Stack):
    """A stack in which decrypting a secret takes `seconds`."""

    seconds = 0.0

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        self.time.sleep(self.seconds)
        return super().reveal(account_id, webhook_id, secret)


def test_slow_calls_to_aws_do_not_make_a_receiver_slow() -> None:
    stack = BusyVault(TEN, lambda _: 1.9, polls=False)
    stack.seconds = 1.9
    stack.stalls[SLOW.id] = 5
    again, took = _run(stack, stack.batch(TEN))
    assert again == []
    assert 8.8 < took < 8.8 + 5 * CALL_SECONDS
    assert [each.slow_seconds for each in stack.webhooks.values()] == [None] * 10


def test_slow_call_that_began_late_is_recorded_while_it_runs() -> None:
    stack = BusyVault(TEN, lambda each: 10 if each.id == SLOW.id else 0.1, polls=False)
    stack.seconds = 1.9
    batch = stack.batch(TEN)
    seen: list[int | None] = []
    stack.time.start(lambda: seen.append(_slow(stack).slow_seconds), after=3.9)
    stack.time.start(lambda: seen.append(_slow(stack).slow_seconds), after=4.6)
    again, _ = _run(stack, batch)
    assert again == []
    assert seen == [None, 16]


@pytest.mark.parametrize(
    ("slow_calls", "while_they_run", "after"), [(1, None, None), (4, None, None), (5, 16, 4), (10, 16, 4)]
)
def test_webhook_is_slow_if_half_of_its_calls_are_slow(
    slow_calls: int, while_they_run: int | None, after: int | None
) -> None:
    calls = count()
    stack = Stack([SLOW], lambda _: 3 if next(calls) < slow_calls else 0.1, polls=False)
    seen: list[int | None] = []
    stack.time.start(lambda: seen.append(_slow(stack).slow_seconds), after=2.8)
    again, _ = _run(stack, stack.batch([SLOW] * 10))
    assert again == []
    assert (seen, _slow(stack).slow_seconds) == ([while_they_run], after)


def test_fast_batch_takes_as_long_as_its_calls_and_records_no_slowness() -> None:
    stack = _stack(0.1)
    again, took = _run(stack, stack.batch(TEN))
    assert again == []
    assert took < 0.1 + 3 * CALL_SECONDS
    assert _slow(stack).slow_seconds is None


def test_unfinished_attempt_at_the_timeout_is_returned_and_recorded_once() -> None:
    stack = _stack(0.5)
    stack.stalls[SLOW.id] = 60
    batch = stack.batch(TEN)
    again, took = _run(stack, batch, seconds_left=21)
    assert again == ["m3"]
    assert 19 < took < 21
    assert (len(stack.made), stack.recorded) == (10, 10)
    again, _ = _run(stack, batch)
    assert again == []
    assert (len(stack.made), stack.recorded) == (10, 10)
    assert [len(stack.calls[each.id].began) for each in TEN] == [1] * 10


def test_sent_attempts_at_the_timeout_are_recorded() -> None:
    stack = BusyVault(TEN, lambda each: 12 if each.id == SLOW.id else 10.07, polls=False)
    stack.seconds = 9
    batch = stack.batch(TEN)
    again, took = _run(stack, batch, seconds_left=20.1)
    assert again == ["m3"]
    assert 19.1 <= took < 19.6
    assert [count for _, count in stack.writes] == [9, 1]
    assert _run(stack, batch)[0] == []
    assert [len(stack.calls[each.id].began) for each in TEN] == [1] * 10


def test_message_repeated_during_its_attempt_is_recorded_once() -> None:
    stack = _stack(0.1)
    stack.stalls[SLOW.id] = 60
    batch = stack.batch(TEN)

    def first() -> None:
        stack.fast_worker.run(batch, Context(stack.time, 21))

    def second() -> None:
        stack.slow_worker.run(batch, Context(stack.time, 30))

    stack.time.start(first)
    stack.time.start(second, after=30)
    stack.run()
    assert (len(stack.made), stack.recorded) == (10, 10)
