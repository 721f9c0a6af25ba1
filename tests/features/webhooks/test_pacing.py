"""The rate limiter: an attempt is made at once, at its reservation, or after its release from the backlog."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.rates import RateLimit
from latchhook.webhooks.attempts import MadeAttempt, Prepared
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.pacing import (
    LATE,
    MOST_MISSED_SLOTS,
    REACH,
    SLOW_REACH,
    Admission,
    Lane,
    Pacer,
    called_webhook,
    step_micros,
    with_slot,
)
from latchhook.webhooks.webhook import Webhook
from tests.samples import NOW, SECOND, MovableClock, event, task, webhook

TASKS = [task(event(f"evt_{number}")) for number in range(5)]
LIMITED = webhook(rate_limit=RateLimit(1, 2, burst=1))
STEP = 2.25 * SECOND
"""The window of two seconds plus the tolerance."""
SLOW = webhook(slow_seconds=16)


class Outside:
    """Up to `free` reservations at equal distances, the slow queue, and the backlog."""

    def __init__(self, free: int = 1000) -> None:
        self.free = free
        self.reach = REACH
        self.asked: list[int] = []
        self.guards: list[int] = []
        self.planned: list[tuple[DeliveryTask, datetime]] = []
        self.kept: list[DeliveryTask] = []

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, guard_micros: int = 0, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        assert now == NOW
        self.reach = until - now
        self.asked.append(count)
        self.guards.append(guard_micros)
        apart = timedelta(microseconds=step_micros + guard_micros)
        return [now + number * apart for number in range(min(count, self.free))]

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        assert tasks, "called without tasks"
        self.planned += tasks

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        assert now == NOW
        assert tasks, "called without tasks"
        self.kept += tasks


def _admit(
    outside: Outside, of: Webhook, tasks: Sequence[DeliveryTask], *, lane: Lane = "first"
) -> Sequence[float | None]:
    admitted = Pacer(outside, outside, outside, lane, 10, MovableClock()).admit(of, tasks)
    return [None if each is None else each.wait_seconds for each in admitted]


@pytest.mark.parametrize("lane", ["first", "second"])
def test_unlimited_webhook_is_called_at_once_without_a_reservation(lane: Lane) -> None:
    outside = Outside()
    assert _admit(outside, webhook(), TASKS, lane=lane) == [0] * 5
    assert (outside.asked, outside.planned) == ([], [])


@pytest.mark.parametrize("lane", ["first", "second"])
def test_batch_reserves_once_and_later_tasks_wait(lane: Lane) -> None:
    outside = Outside()
    assert _admit(outside, LIMITED, TASKS, lane=lane) == [0, None, None, None, None]
    assert outside.asked == [5]
    assert outside.planned == [
        (replace(each, paced=True, slot_at=NOW + number * STEP), NOW + number * STEP)
        for number, each in enumerate(TASKS)
        if number
    ]


def test_reservation_within_a_second_is_awaited_by_the_worker() -> None:
    outside = Outside()
    tenths = webhook(rate_limit=RateLimit(9, 4, burst=1))
    assert _admit(outside, tenths, TASKS) == [0, 0.5, 1, None, None]
    assert [due - NOW for _, due in outside.planned] == [1.5 * SECOND, 2 * SECOND]


@pytest.mark.parametrize(("early", "wait"), [(0.999, 0.999), (1.25, 1.25), (1.251, None)])
def test_early_task_waits_for_its_reservation(early: float, wait: float | None) -> None:
    outside = Outside()
    slot = NOW + timedelta(seconds=early)
    assert _admit(outside, LIMITED, [with_slot(TASKS[0], slot)], lane="second") == [wait]
    assert outside.planned == ([] if wait is not None else [(with_slot(TASKS[0], slot), slot)])
    assert outside.asked == []


@pytest.mark.parametrize(("missed", "tolerance"), [(0, 0.25), (1, 0.5), (4, 4)])
def test_latest_time_of_a_call_includes_the_guard_of_its_reservation(missed: int, tolerance: float) -> None:
    outside = Outside()
    pacer = Pacer(outside, outside, outside, "second", 10, MovableClock())
    task_ = replace(TASKS[0], missed_slots=missed)
    (admission,) = pacer.admit(LIMITED, [task_])
    assert admission == Admission(0, NOW + timedelta(seconds=tolerance))
    assert outside.guards == [(tolerance - 0.25) * 1_000_000]
    (admission,) = pacer.admit(LIMITED, [with_slot(task_, NOW)])
    assert admission == Admission(0, NOW + timedelta(seconds=tolerance))


def test_calls_without_a_limit_have_no_latest_time() -> None:
    outside = Outside()
    pacer = Pacer(outside, outside, outside, "second", 10, MovableClock())
    assert pacer.admit(webhook(), TASKS[:1]) == [Admission(0, None)]
    assert pacer.admit(SLOW, TASKS[:1]) == [Admission(0, None)]


@pytest.mark.parametrize(("window", "tolerance"), [(1, 0.25), (2, 0.25), (4, 0.5), (8, 1), (60, 1), (86_400, 1)])
def test_reservations_are_separated_by_window_plus_tolerance(window: int, tolerance: float) -> None:
    limited = webhook(rate_limit=RateLimit(10, window, burst=1))
    assert step_micros(limited, concurrency=10) == (window + tolerance) * 100_000


def test_task_with_a_reservation_does_not_reserve_again() -> None:
    outside = Outside()
    paced = [with_slot(each, NOW) for each in TASKS[:2]]
    assert _admit(outside, LIMITED, [*paced, TASKS[2]], lane="second") == [0, 0, 0]
    assert outside.asked == [1]
    assert _admit(outside, LIMITED, paced, lane="second") == [0, 0]
    assert outside.asked == [1]


@pytest.mark.parametrize(("seconds", "is_late"), [(0, False), (0.25, False), (0.251, True), (3600, True)])
def test_late_task_requests_a_new_reservation(seconds: float, is_late: bool) -> None:
    outside = Outside()
    late = with_slot(TASKS[0], NOW - timedelta(seconds=seconds))
    assert _admit(outside, LIMITED, [late, with_slot(TASKS[1], NOW)], lane="second") == [0, 0]
    assert outside.asked == ([1] if is_late else [])


def test_late_tasks_after_an_outage_are_spread_again() -> None:
    outside = Outside()
    late = [with_slot(each, NOW - timedelta(hours=1)) for each in TASKS]
    assert _admit(outside, LIMITED, late, lane="second") == [0, None, None, None, None]
    assert outside.asked == [5]
    assert outside.guards == [250_000]
    assert [(each.slot_at, each.missed_slots) for each, _ in outside.planned] == [
        (NOW + number * 2.5 * SECOND, 1) for number in range(1, 5)
    ]


def test_task_that_missed_many_reservations_is_sent_however_late() -> None:
    for missed, asked in ((MOST_MISSED_SLOTS - 1, [1]), (MOST_MISSED_SLOTS, [])):
        outside = Outside(free=0)
        late = replace(with_slot(TASKS[0], NOW - timedelta(days=365)), missed_slots=missed)
        assert _admit(outside, LIMITED, [late], lane="second") == ([None] if asked else [0])
        assert outside.asked == asked


@pytest.mark.parametrize(("missed", "within"), [(0, LATE), (1, 2 * LATE), (5, 32 * LATE)])
def test_tolerance_doubles_with_each_missed_reservation(missed: int, within: timedelta) -> None:
    for lateness, asked in ((within, []), (within + SECOND, [1])):
        outside = Outside(free=0)
        task_ = replace(with_slot(TASKS[0], NOW - lateness), missed_slots=missed)
        _admit(outside, SLOW, [task_], lane="second")
        assert outside.asked == asked
        assert [each.missed_slots for each in outside.kept] == [missed + 1] * len(asked)


def test_paced_task_without_a_reservation_time_is_accepted() -> None:
    outside = Outside()
    assert _admit(outside, LIMITED, [replace(TASKS[0], paced=True)], lane="second") == [0]
    assert outside.asked == []


def test_tasks_without_a_reservation_go_to_the_backlog_unchanged() -> None:
    outside = Outside(free=2)
    assert _admit(outside, LIMITED, TASKS) == [0, None, None, None, None]
    assert [each for each, _ in outside.planned] == [with_slot(TASKS[1], NOW + STEP)]
    assert outside.kept == TASKS[2:]
    assert outside.reach == REACH
    assert _admit(outside, LIMITED, TASKS[:2]) == [0, None]
    assert outside.kept == TASKS[2:]


@pytest.mark.parametrize("lane", ["first", "second"])
def test_new_tasks_of_a_slow_webhook_reserve_only_seconds_ahead(lane: Lane) -> None:
    outside = Outside(free=0)
    old = task(event("evt_old", accepted_at=NOW - timedelta(days=2)))
    assert _admit(outside, SLOW, [old], lane=lane) == [None]
    assert (outside.reach, outside.kept, outside.planned) == (SLOW_REACH, [old], [])


def test_attempts_of_a_slow_webhook_go_to_the_slow_queue() -> None:
    outside = Outside()
    assert _admit(outside, SLOW, TASKS[:2], lane="first") == [None, None]
    assert [due - NOW for _, due in outside.planned] == [0 * SECOND, 1.6 * SECOND]
    assert all(each.paced for each, _ in outside.planned)
    within_a_second = [with_slot(each, NOW + 0.9 * SECOND) for each in TASKS[:2]]
    assert _admit(Outside(), SLOW, within_a_second, lane="second") == [0, 0]


def test_failure_to_queue_a_waiting_task_is_raised() -> None:
    class Broken(Outside):
        def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
            raise DependencyUnavailableError("send_message_batch: timeout")

    with pytest.raises(DependencyUnavailableError):
        _admit(Broken(), LIMITED, TASKS)


@pytest.mark.parametrize(
    ("of", "micros"),
    [
        (webhook(), None),
        (LIMITED, 2_250_000),
        (SLOW, 1_600_000),
        (webhook(slow_seconds=16, rate_limit=RateLimit(1, 1, burst=1)), 1_600_000),
        (webhook(slow_seconds=4, rate_limit=RateLimit(1, 1, burst=1)), 1_250_000),
        (webhook(rate_limit=RateLimit(3, 1, burst=1)), 416_667),
        (replace(SLOW, failing_since=NOW, failures=9), 1_600_000),
        (replace(SLOW, failing_since=NOW, failures=10), 16_000_000),
        (replace(SLOW, failing_since=None, failures=10), 1_600_000),
        (webhook(failing_since=NOW, failures=10), None),
        (replace(LIMITED, failing_since=NOW, failures=10), 2_250_000),
    ],
)
def test_stricter_of_rate_limit_and_slowness_applies(of: Webhook, micros: int | None) -> None:
    assert step_micros(of, concurrency=10) == micros


def test_only_tasks_that_call_a_receiver_use_the_rate_limiter() -> None:
    made = MadeAttempt(200, None, NOW)
    assert called_webhook(Prepared(webhook(), event(), None)) == webhook()
    for prepared in (
        Prepared(None, event(), None),
        Prepared(webhook(), None, None),
        Prepared(webhook(), event(), made),
        Prepared(webhook(url=None), event(), None),
        Prepared(webhook(status="paused"), event(), None),
        Prepared(webhook(status="disabled"), event(), None),
    ):
        assert called_webhook(prepared) is None
