"""The rate limiter: an attempt is made at once or at its reservation, or its delivery is queued or parked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.rates import RateLimit
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.parking import Reason
from latchhook.webhooks.rate_limiter import (
    LATE,
    MAX_MISSED_RESERVATIONS,
    REACH,
    SLOW_REACH,
    Admission,
    Postponed,
    RateLimiter,
    Release,
    Speed,
    interval_micros,
)
from latchhook.webhooks.webhook import Status, Webhook
from tests.samples import NOW, SECOND, MovableClock, event, task, webhook

TASKS = [task(event(f"evt_{number}")) for number in range(5)]
LIMITED = webhook(rate_limit=RateLimit(1, 2, burst=1))
STEP = 2.25 * SECOND
"""The window of two seconds plus the tolerance."""
SLOW = webhook(slow_seconds=16)
each_speed = pytest.mark.parametrize("speed", ["fast", "slow"])


class Outside:
    """Up to `free` reservations at equal distances, the slow queue, and the parked deliveries."""

    def __init__(self, free: int = 1000) -> None:
        self.free = free
        self.reach = timedelta(0)
        self.requested: list[int] = []
        self.guards: list[int] = []
        self.planned: list[tuple[DeliveryTask, datetime]] = []
        self.sent: list[DeliveryTask] = []
        self.parked: dict[Reason, list[DeliveryTask]] = {}

    def next_free(self, webhook_id: UUID, *, interval_micros: int, now: datetime) -> datetime:
        return now + timedelta(microseconds=interval_micros)

    def reserve(
        self,
        webhook_id: UUID,
        count: int,
        *,
        interval_micros: int,
        guard_micros: int = 0,
        now: datetime,
        until: datetime,
    ) -> Sequence[datetime]:
        assert (now, count > 0) == (NOW, True)
        self.reach = until - now
        self.requested.append(count)
        self.guards.append(guard_micros)
        apart = timedelta(microseconds=interval_micros + guard_micros)
        return [now + number * apart for number in range(min(count, self.free))]

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        self.sent += tasks

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        self.planned += tasks

    def park(self, webhook: Webhook, tasks: Sequence[DeliveryTask], reason: Reason) -> None:
        assert tasks, "called without tasks"
        assert reason not in self.parked, "all tasks are parked together"
        self.parked[reason] = list(tasks)


def _reserved(task_: DeliveryTask, after: timedelta = timedelta(0), *, missed: int = 0) -> DeliveryTask:
    return replace(task_, reserved_at=NOW + after, missed_reservations=missed)


def _admit(
    outside: Outside, of: Webhook, tasks: Sequence[DeliveryTask], *, speed: Speed = "slow"
) -> Sequence[Admission | Postponed]:
    return RateLimiter(outside, outside, outside, speed, 10, MovableClock()).admit(of, tasks)


def _waits(
    outside: Outside, of: Webhook, tasks: Sequence[DeliveryTask], *, speed: Speed = "slow"
) -> Sequence[float | Postponed]:
    admitted = _admit(outside, of, tasks, speed=speed)
    return [each.wait_seconds if isinstance(each, Admission) else each for each in admitted]


@each_speed
@pytest.mark.parametrize("status", ["paused", "disabled"])
@pytest.mark.parametrize("of", [webhook(), LIMITED, SLOW])
def test_tasks_of_an_inactive_webhook_are_parked(speed: Speed, status: Status, of: Webhook) -> None:
    outside = Outside()
    tasks = [*TASKS, _reserved(TASKS[0])]
    assert _waits(outside, replace(of, status=status), tasks, speed=speed) == [status] * 6
    assert (outside.parked, outside.requested, outside.planned) == ({status: tasks}, [], [])


@each_speed
def test_unlimited_webhook_is_called_at_once_without_a_reservation(speed: Speed) -> None:
    outside = Outside()
    assert _admit(outside, webhook(), TASKS, speed=speed) == [Admission(0, None)] * 5
    assert (outside.requested, outside.planned, outside.parked) == ([], [], {})


@each_speed
def test_batch_reserves_once_and_later_tasks_wait_in_the_queue(speed: Speed) -> None:
    outside = Outside()
    assert _waits(outside, LIMITED, TASKS, speed=speed) == [0, *["queued"] * 4]
    assert outside.requested == [5]
    assert outside.planned == [
        (_reserved(each, number * STEP), NOW + number * STEP) for number, each in enumerate(TASKS) if number
    ]


def test_reservation_within_a_second_is_awaited_by_the_worker() -> None:
    outside = Outside()
    tenths = webhook(rate_limit=RateLimit(9, 4, burst=1))
    assert _waits(outside, tenths, TASKS) == [0, 0.5, 1, "queued", "queued"]
    assert [due - NOW for _, due in outside.planned] == [1.5 * SECOND, 2 * SECOND]


@pytest.mark.parametrize(("early", "wait"), [(0.999, 0.999), (1.25, 1.25), (1.251, "queued")])
def test_early_task_waits_for_its_reservation(early: float, wait: float | Postponed) -> None:
    outside = Outside()
    early_task = _reserved(TASKS[0], early * SECOND)
    assert _waits(outside, LIMITED, [early_task]) == [wait]
    assert outside.planned == ([(early_task, NOW + early * SECOND)] if wait == "queued" else [])
    assert outside.requested == []


@pytest.mark.parametrize(("missed", "tolerance"), [(0, 0.25), (1, 0.5), (4, 4)])
def test_latest_time_of_a_call_includes_the_guard_of_its_reservation(missed: int, tolerance: float) -> None:
    outside = Outside()
    again = replace(TASKS[0], missed_reservations=missed)
    for each in (again, _reserved(again, missed=missed)):
        assert _admit(outside, LIMITED, [each]) == [Admission(0, NOW + tolerance * SECOND)]
    assert outside.guards == [(tolerance - 0.25) * 1_000_000]


@pytest.mark.parametrize(("window", "tolerance"), [(1, 0.25), (2, 0.25), (4, 0.5), (8, 1), (60, 1), (86_400, 1)])
def test_reservations_are_separated_by_window_plus_tolerance(window: int, tolerance: float) -> None:
    limited = webhook(rate_limit=RateLimit(10, window, burst=1))
    assert interval_micros(limited, concurrency=10) == (window + tolerance) * 100_000


def test_task_with_a_reservation_does_not_reserve_again() -> None:
    outside = Outside()
    assert _waits(outside, LIMITED, [*map(_reserved, TASKS[:2]), TASKS[2]]) == [0, 0, 0]
    assert outside.requested == [1]
    assert _waits(outside, LIMITED, [*map(_reserved, TASKS[:2])]) == [0, 0]
    assert outside.requested == [1]


@pytest.mark.parametrize(
    ("of", "missed", "within"),
    [
        (LIMITED, 0, 0.25 * SECOND),
        (LIMITED, 1, 0.5 * SECOND),
        (LIMITED, 5, 8 * SECOND),
        (SLOW, 0, LATE),
        (SLOW, 1, 2 * LATE),
        (SLOW, 5, 32 * LATE),
    ],
)
def test_late_task_reserves_again_and_its_tolerance_doubles(of: Webhook, missed: int, within: timedelta) -> None:
    for lateness, requested in ((within, []), (within + timedelta(milliseconds=1), [1])):
        outside = Outside(free=0)
        late = _reserved(TASKS[0], -lateness, missed=missed)
        assert _waits(outside, of, [late]) == (["rate_limit"] if requested else [0])
        assert outside.requested == requested
        parked = {"rate_limit": [replace(TASKS[0], missed_reservations=missed + 1)]} if requested else {}
        assert outside.parked == parked


def test_late_tasks_after_an_outage_are_spread_again() -> None:
    outside = Outside()
    late = [_reserved(each, -timedelta(hours=1)) for each in TASKS]
    assert _waits(outside, LIMITED, late) == [0, *["queued"] * 4]
    assert (outside.requested, outside.guards) == ([5], [250_000])
    assert [each for each, _ in outside.planned] == [
        _reserved(each, number * 2.5 * SECOND, missed=1) for number, each in enumerate(TASKS) if number
    ]


def test_each_number_of_missed_reservations_has_its_own_guard() -> None:
    """A call with the tolerance of the guard so stays one window from the next call. Other tasks need no guard."""
    outside = Outside()
    _admit(outside, LIMITED, [TASKS[0], replace(TASKS[1], missed_reservations=2), TASKS[2]])
    assert (outside.requested, outside.guards) == ([1, 2], [750_000, 0])


def test_release_sends_tasks_with_the_same_missed_reservations_together() -> None:
    outside = Outside()
    tasks = [TASKS[0], TASKS[1], replace(TASKS[2], missed_reservations=2)]
    sent, _ = Release(outside, outside, 10).send(LIMITED, tasks, now=NOW, until=NOW + REACH)
    assert (sent, outside.requested, outside.guards) == (2, [2], [0])


def test_task_that_missed_many_reservations_is_sent_however_late() -> None:
    outside = Outside(free=0)
    late = _reserved(TASKS[0], -timedelta(days=365), missed=MAX_MISSED_RESERVATIONS)
    assert _admit(outside, LIMITED, [late]) == [Admission(0, None)]
    assert _waits(outside, LIMITED, [replace(late, missed_reservations=MAX_MISSED_RESERVATIONS - 1)]) == ["rate_limit"]
    assert outside.requested == [1]


@each_speed
@pytest.mark.parametrize(("of", "reach"), [(LIMITED, REACH), (SLOW, SLOW_REACH)])
def test_tasks_without_a_reservation_are_parked_unchanged(speed: Speed, of: Webhook, reach: timedelta) -> None:
    outside = Outside(free=2)
    old = replace(TASKS[2], attempt=7, trigger="manual")
    assert _waits(outside, of, [*TASKS[:2], old, TASKS[3]], speed=speed)[2:] == ["rate_limit"] * 2
    assert (outside.parked, outside.reach) == ({"rate_limit": [old, TASKS[3]]}, reach)


def test_fast_worker_passes_tasks_of_a_slow_webhook_to_the_slow_queue() -> None:
    outside = Outside()
    assert _waits(outside, SLOW, TASKS[:2], speed="fast") == ["queued", "queued"]
    assert outside.planned == [
        (_reserved(each, at), NOW + at) for each, at in zip(TASKS[:2], (0 * SECOND, 1.6 * SECOND), strict=True)
    ]


def test_slow_webhook_is_called_without_a_second_wait_or_a_latest_time() -> None:
    early = [_reserved(each, 0.9 * SECOND) for each in TASKS[:2]]
    assert _admit(Outside(), SLOW, early) == [Admission(0, None)] * 2


@pytest.mark.parametrize("call", ["plan_all", "park"])
def test_failure_to_queue_or_park_a_task_is_raised(call: str) -> None:
    def fail(*_: Any) -> None:
        raise DependencyUnavailableError("timeout")

    outside = Outside(free=2)
    setattr(outside, call, fail)
    with pytest.raises(DependencyUnavailableError):
        _admit(outside, LIMITED, TASKS)


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
    assert interval_micros(of, concurrency=10) == micros


# ---- Release ----


@pytest.mark.parametrize(
    ("of", "ahead", "most", "free"),
    [
        (webhook(), 0 * SECOND, 5, (5, NOW)),
        (LIMITED, 0.999 * STEP, 5, (0, NOW + STEP)),
        (LIMITED, STEP, 5, (1, NOW + STEP)),
        (LIMITED, 4.999 * STEP, 5, (4, NOW + STEP)),
        (LIMITED, 9 * STEP, 5, (5, NOW + STEP)),
    ],
)
def test_free_reservations_are_counted(of: Webhook, ahead: timedelta, most: int, free: tuple[int, datetime]) -> None:
    outside = Outside()
    assert Release(outside, outside, 10).free(of, most=most, now=NOW, until=NOW + ahead) == free


@pytest.mark.parametrize(
    ("of", "free", "sent", "last"),
    [
        (LIMITED, 1000, 5, 4 * STEP),
        (LIMITED, 2, 2, STEP),
        (LIMITED, 0, 0, 0 * SECOND),
        (SLOW, 3, 3, 3.2 * SECOND),
    ],
)
def test_released_tasks_are_queued_in_order_with_reservations(
    of: Webhook, free: int, sent: int, last: timedelta
) -> None:
    outside = Outside(free)
    assert Release(outside, outside, 10).send(of, TASKS, now=NOW, until=NOW + REACH) == (sent, NOW + last)
    assert (outside.requested, outside.reach, outside.sent) == ([5], REACH, [])
    assert [replace(each, reserved_at=None) for each, _ in outside.planned] == TASKS[:sent]
    assert all(each.reserved_at == due for each, due in outside.planned)


@pytest.mark.parametrize(
    ("of", "tasks"),
    [(webhook(), TASKS), (LIMITED, []), (replace(LIMITED, status="disabled"), TASKS)],
    ids=["unlimited", "no tasks", "disabled"],
)
def test_released_tasks_without_a_limit_are_sent_at_once(of: Webhook, tasks: Sequence[DeliveryTask]) -> None:
    outside = Outside()
    assert Release(outside, outside, 10).send(of, tasks, now=NOW, until=NOW + REACH) == (len(tasks), NOW)
    assert (outside.sent, outside.requested, outside.planned) == (tasks, [], [])
