"""A batch of delivery tasks: read together, attempted at the same time, and returned on dependency errors."""

import io
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.task_queues import task_from_json, task_to_json
from latchhook.webhooks.attempts import AttemptMaker, MadeAttempt, Prepared, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.health import Health
from latchhook.webhooks.outcome import HttpOutcome
from latchhook.webhooks.parking import Reason
from latchhook.webhooks.rate_limiter import RateLimiter
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.slowness import Slowness
from latchhook.webhooks.webhook import Status, Webhook
from latchhook.workers.attempt_threads import AttemptThreads
from latchhook.workers.delivery_batch import MARGIN_SECONDS, THREADS, DeliveryBatches
from tests.samples import MovableClock, event, task, webhook

TIMEOUT_SECONDS = 15.0
AMPLE_MILLIS = 30_000
TASKS = [task(event(f"evt_{number}")) for number in range(10)]


class Outside:
    """All dependencies of attempts. The test chooses the results of `post`."""

    def __init__(self, post: Callable[[str], HttpOutcome] = lambda _: HttpOutcome(200)) -> None:
        self._post = post
        self._lock = threading.Lock()
        self.prepared: list[Sequence[DeliveryTask]] = []
        self.recorded: list[Attempt] = []
        self.together: list[int] = []
        """The number of attempts in each write."""
        self.unrecorded: Mapping[str, DependencyUnavailableError] = {}
        self.planned: list[DeliveryTask] = []
        self.sent: list[str] = []
        self.noted: list[int | None] = []
        self.parked: list[tuple[Sequence[DeliveryTask], Reason]] = []

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        self.prepared.append(tasks)
        return [Prepared(webhook(), event(each.event_id), None) for each in tasks]

    def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
        with self._lock:
            self.together.append(len(attempts))
            self.recorded += attempts
        return [self.unrecorded.get(str(each.task.delivery_id), made_attempt(each)) for each in attempts]

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        return "a secret of sixteen characters"

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        with self._lock:
            self.sent.append(headers["webhook-id"])
        return self._post(headers["webhook-id"])

    def plan(self, task: DeliveryTask, **_: Any) -> None:
        with self._lock:
            self.planned.append(task)

    def note_failure(self, webhook: Webhook, *, now: datetime) -> None:
        """The webhook is inactive, so nothing is recorded."""

    def note_success(self, webhook: Webhook) -> None:
        raise AssertionError("no webhook here has failed before")

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        raise AssertionError("no webhook here has failed for long")

    def disable(self, webhook: Webhook, **_: Any) -> None:
        raise AssertionError("no receiver here is gone")

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        with self._lock:
            self.noted.append(slow_seconds)

    def next_free(self, webhook_id: UUID, **_: Any) -> datetime:
        raise AssertionError("only drains call this")

    def reserve(self, webhook_id: UUID, count: int, **_: Any) -> Sequence[datetime]:
        raise AssertionError("no webhook here has a rate limit")

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        raise AssertionError("no task here has a reservation")

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        raise AssertionError("only drains call this")

    def park(self, webhook: Webhook, tasks: Sequence[DeliveryTask], reason: Reason) -> None:
        self.parked.append((tasks, reason))


def attempt_maker(outside: Outside, clock: MovableClock) -> AttemptMaker:
    """Return an attempt maker with the dependencies of `outside`."""
    return AttemptMaker(
        records=outside,
        vault=outside,
        sender=outside,
        retries=outside,
        health=Health(outside, Random(2)),
        clock=clock,
        rng=Random(1),
        header_prefix="X-Latchhook",
        schedule_seconds=(5,),
    )


class Context:
    def __init__(self, millis: int) -> None:
        self._millis = millis

    def get_remaining_time_in_millis(self) -> int:
        return self._millis


def _run(outside: Outside, *bodies: str, millis: int = AMPLE_MILLIS, preparations: Any = None) -> list[str]:
    """Run a batch of messages `m0`, `m1`, …. Return the ids of the messages to retry."""
    clock = MovableClock()
    batches = DeliveryBatches(
        attempt_maker(outside, clock),
        preparations or outside,
        task_from_json,
        RateLimiter(outside, outside, outside, "fast", 10, clock),
        Slowness(outside, TIMEOUT_SECONDS),
        AttemptThreads(THREADS),
        timeout_seconds=TIMEOUT_SECONDS,
    )
    records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
    response = batches.run({"Records": records}, Context(millis))
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_batch_is_read_at_once_and_every_attempt_is_made() -> None:
    outside = Outside()

    assert _run(outside, *map(task_to_json, TASKS)) == []

    assert outside.prepared == [TASKS]
    assert {attempt.task.delivery_id for attempt in outside.recorded} == {each.delivery_id for each in TASKS}


def test_repeated_task_is_attempted_once_and_its_messages_share_the_result() -> None:
    by_hand = replace(TASKS[0], trigger="manual")
    twice = [task_to_json(each) for each in (TASKS[0], TASKS[1], TASKS[0], by_hand)]
    outside = Outside()

    assert _run(outside, *twice) == []
    assert outside.prepared == [TASKS[:2]]
    assert sorted(outside.sent) == sorted(str(each.delivery_id) for each in TASKS[:2])

    def ours_fails_for_the_first(webhook_id: str) -> HttpOutcome:
        if webhook_id == str(TASKS[0].delivery_id):
            raise DependencyUnavailableError
        return HttpOutcome(200)

    assert _run(Outside(ours_fails_for_the_first), *twice) == ["m0", "m2", "m3"]


def test_attempts_of_a_batch_run_at_the_same_time() -> None:
    everybody = threading.Barrier(10, timeout=120)

    def wait_for_all(_: str) -> HttpOutcome:
        everybody.wait()
        return HttpOutcome(200)

    assert _run(Outside(wait_for_all), *map(task_to_json, TASKS)) == []


def test_receivers_failure_plans_a_retry() -> None:
    outside = Outside(lambda _: HttpOutcome(500))

    assert _run(outside, task_to_json(TASKS[0])) == []
    assert [each.attempt for each in outside.planned] == [2]


@pytest.mark.parametrize(
    "poison",
    [
        "", "{", "null", "5", "[]", "{}", '"text"',
        task_to_json(TASKS[0]).replace(str(TASKS[0].webhook_id), "no id"),
        task_to_json(TASKS[0]).replace(f'"{TASKS[0].delivery_id}"', "5"),
        task_to_json(TASKS[0]).replace(f'"{TASKS[0].webhook_id}"', "null"),
        task_to_json(TASKS[0]).replace('"attempt": 1', '"attempt": []'),
    ],
)  # fmt: skip
def test_malformed_message_is_returned_and_the_others_are_attempted(poison: str) -> None:
    outside = Outside()

    assert _run(outside, task_to_json(TASKS[0]), poison, task_to_json(TASKS[1])) == ["m1"]
    assert len(outside.recorded) == 2


def test_attempt_with_a_dependency_error_is_returned_alone() -> None:
    unlucky = str(TASKS[3].delivery_id)

    def post(delivery_id: str) -> HttpOutcome:
        if delivery_id == unlucky:
            raise DependencyUnavailableError("decrypt: timeout")
        return HttpOutcome(200)

    outside = Outside(post)

    assert _run(outside, *map(task_to_json, TASKS)) == ["m3"]
    assert len(outside.recorded) == 9


@pytest.mark.parametrize("error", [DependencyUnavailableError("batch_get_item: timeout"), RuntimeError("anything")])
def test_batch_that_cannot_be_read_is_returned_and_nothing_is_sent(error: Exception) -> None:
    class Unreadable:
        def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
            raise error

    outside = Outside()

    assert sorted(_run(outside, *map(task_to_json, TASKS), preparations=Unreadable())) == [f"m{n}" for n in range(10)]
    assert outside.sent == []


def test_batch_without_enough_time_is_returned_before_sending() -> None:
    outside = Outside()
    too_little = int((TIMEOUT_SECONDS + MARGIN_SECONDS) * 1000) - 1

    given_back = _run(outside, *map(task_to_json, TASKS), "poison", millis=too_little)

    assert sorted(given_back) == sorted(f"m{number}" for number in range(11))
    assert (outside.sent, outside.recorded, outside.planned) == ([], [], [])


def test_batch_with_just_enough_time_is_attempted() -> None:
    assert _run(Outside(), task_to_json(TASKS[0]), millis=int((TIMEOUT_SECONDS + MARGIN_SECONDS) * 1000)) == []


def test_batch_of_malformed_messages_sends_nothing() -> None:
    outside = Outside()

    assert _run(outside, "x", "y") == ["m0", "m1"]
    assert outside.sent == []


def test_slow_receiver_delays_no_other() -> None:
    slow = str(TASKS[0].delivery_id)
    done = threading.Semaphore(0)

    def post(delivery_id: str) -> HttpOutcome:
        if delivery_id == slow:
            for _ in TASKS[1:]:
                assert done.acquire(timeout=120)
        else:
            done.release()
        return HttpOutcome(200)

    assert _run(Outside(post), *map(task_to_json, TASKS)) == []


def test_unrecorded_attempt_is_returned_alone() -> None:
    outside = Outside()
    outside.unrecorded = {
        str(TASKS[4].delivery_id): DependencyUnavailableError("batch_execute_statement: ThrottlingError")
    }

    assert _run(outside, *map(task_to_json, TASKS)) == ["m4"]


@pytest.mark.parametrize(
    "error", [DependencyUnavailableError("batch_execute_statement: timeout"), RuntimeError("anything")]
)
def test_batch_that_cannot_be_recorded_is_returned(error: Exception) -> None:
    class Unwritable(Outside):
        def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
            raise error

    outside = Unwritable()

    assert sorted(_run(outside, *map(task_to_json, TASKS))) == [f"m{number}" for number in range(10)]
    assert len(outside.sent) == 10


def test_failure_whose_retry_cannot_be_planned_is_returned_alone() -> None:
    broken = TASKS[7]

    class Unplannable(Outside):
        def plan(self, task: DeliveryTask, **_: Any) -> None:
            raise DependencyUnavailableError("send_message: timeout")

    outside = Unplannable(lambda each: HttpOutcome(500 if each == str(broken.delivery_id) else 200))

    assert _run(outside, *map(task_to_json, TASKS)) == ["m7"]
    assert len(outside.recorded) == 10


class Inactive(Outside):
    """All webhooks have the same status."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        return [Prepared(webhook(status=self._status), event(each.event_id), None) for each in tasks]


@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_tasks_of_an_inactive_webhook_are_parked_together(status: Status, log: io.StringIO) -> None:
    outside = Inactive(status)

    assert _run(outside, *map(task_to_json, TASKS[:2])) == []
    assert (outside.parked, outside.sent) == ([(TASKS[:2], status)], [])
    logged = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["message"], line["reason"]) for line in logged] == [("delivery parked", status)] * 2


@pytest.mark.parametrize("error", [DependencyUnavailableError("batch_write_item: timeout"), RuntimeError("anything")])
def test_tasks_that_cannot_be_parked_are_returned(error: Exception) -> None:
    class Unwritable(Inactive):
        def park(self, webhook: Webhook, tasks: Sequence[DeliveryTask], reason: Reason) -> None:
            raise error

    assert _run(Unwritable("paused"), *map(task_to_json, TASKS[:2])) == ["m0", "m1"]


def test_reason_for_a_skipped_attempt_is_logged(log: io.StringIO) -> None:
    class Deleted(Outside):
        def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
            return [Prepared(None, event(each.event_id), None) for each in tasks]

    assert _run(Deleted(), task_to_json(TASKS[0])) == []
    assert json.loads(log.getvalue())["reason"] == "deleted"
