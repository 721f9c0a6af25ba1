"""The deliveries that a recovery sends, its progress in steps, and its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from latchhook.rates import RateLimit
from latchhook.webhooks.delivery import MAX_ATTEMPTS
from latchhook.webhooks.draining import LONGEST_PAUSE, Released
from latchhook.webhooks.rate_limiter import REACH, SLOW_REACH
from latchhook.webhooks.recovery import Kind, Recovery
from latchhook.webhooks.recovery_scan import AHEAD, MOST_EXAMINED, MOST_SENT, SLOW_AHEAD, STEP_EVERY
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.crashes import CrashError, Run
from tests.features.webhooks.draining_world import (
    LIMITED,
    SLOW,
    Meanwhile,
    World,
    drain,
    missed,
    recovering,
    scan_of,
    seen,
    start,
    take,
)
from tests.samples import MILLISECOND, NOW, SECOND, event, recovery, task, webhook

MANY = [seen(number) for number in range(400)]


def _release(world: World, *, run: Run | None = None) -> Released:
    """Release deliveries as in one step of the drain."""
    return scan_of(world if run is None else run.watches(world)).release(LIMITED.id, world.webhook, world.clock())


def _only(kind: Kind | None) -> Recovery:
    return recovery(only=kind, looks_for=kind or "failed")


# ---- The deliveries that are sent ----


def test_failed_delivery_gets_its_next_attempt() -> None:
    world = recovering(failed=[seen(1, attempts=1), seen(2, attempts=3)])
    _release(world)
    first = task(event("evt_1", accepted_at=NOW - timedelta(days=0.01) + MILLISECOND), attempt=2)
    assert world.sent[0] == replace(first, trigger="recover", uncounted=1)
    assert [(each.event_id, each.attempt) for each in world.sent] == [("evt_1", 2), ("evt_2", 4)]
    assert [each.counted for each in world.sent] == [1, 1], "the retry schedule restarts"
    assert world.progress == ("finished", 2, 2, 0)


def test_missed_delivery_gets_its_first_attempt_and_is_then_deleted() -> None:
    world = recovering(missed_ones=[missed(1), missed(2, days_ago=31)])

    def check() -> None:
        assert [(each.event_id, each.attempt, each.trigger) for each in world.sent] == [("evt_1", 1, "recover")]
        assert (world.progress, len(world.missed_ones)) == (("running", 2, 1, 1), 2)

    _release(world, run=Meanwhile("delete_missed", check))
    assert (world.progress, world.missed_ones) == (("finished", 2, 1, 1), [])


def test_delivery_that_is_missed_again_during_its_recovery_stays_parked() -> None:
    """The webhook is disabled after the step has read it, and the worker parks the sent delivery."""
    again = missed(1, parked_at=1)
    world = recovering(missed_ones=[missed(1)])
    _release(world, run=Meanwhile("advance", lambda: world.missed_ones.append(again)))
    assert world.missed_ones == [again]


@pytest.mark.parametrize(("only", "ids"), [(None, ["evt_1", "evt_2"]), ("failed", ["evt_1"]), ("missing", ["evt_2"])])
def test_recovery_covers_failed_or_missed_deliveries_or_both(only: Kind | None, ids: list[str]) -> None:
    world = recovering(failed=[seen(1)], missed_ones=[missed(2)], recovery=_only(only))
    _release(world)
    assert (world.ids, world.progress) == (ids, ("finished", len(ids), len(ids), 0))


@pytest.mark.parametrize("unwanted", [seen(1, attempts=2, failed=False), seen(1, is_test=True)])
def test_successful_and_test_deliveries_are_not_sent_again(unwanted: object) -> None:
    world = recovering(failed=[unwanted])
    _release(world)
    assert (world.sent, world.progress) == ([], ("finished", 1, 0, 0))


def test_delivery_gets_at_most_the_maximum_number_of_attempts() -> None:
    world = recovering(failed=[seen(1, attempts=MAX_ATTEMPTS - 1), seen(2, attempts=MAX_ATTEMPTS)])
    _release(world)
    assert ([each.attempt for each in world.sent], world.progress) == ([MAX_ATTEMPTS], ("finished", 2, 1, 1))


@pytest.mark.parametrize(("kind", "of"), [("failed", seen), ("missing", missed)])
def test_delivery_past_the_retention_of_its_event_is_skipped(kind: Kind, of: Callable[..., object]) -> None:
    old = [of(number, days_ago=30) for number in (0, 1)]
    world = recovering(failed=old, missed_ones=old, recovery=_only(kind))
    _release(world)
    assert (world.ids, world.progress) == (["evt_1"], ("finished", 2, 1, 1))


# ---- Progress and end ----


@pytest.mark.parametrize("count", [0, 1, MOST_SENT - 3, MOST_SENT, 2 * MOST_SENT + 1])
def test_all_deliveries_are_sent_once_in_order(count: int) -> None:
    world = recovering(failed=MANY[:count], missed_ones=[missed(9000 + number) for number in range(3)])
    start(world)
    drain(world)
    assert world.ids == [f"evt_{number}" for number in [*range(count), 9000, 9001, 9002]]
    assert (world.progress, world.missed_ones) == (("finished", count + 3, count + 3, 0), [])
    assert world.recovery is not None
    assert world.recovery.ended_at == world.recovery.updated_at == world.clock()


def test_step_sends_100_deliveries_and_the_next_follows_in_two_seconds() -> None:
    world = recovering(failed=MANY)
    assert _release(world) == Released(MOST_SENT, NOW + STEP_EVERY)
    assert (len(world.sent), world.progress) == (100, ("running", 100, 100, 0))
    assert world.recovery is not None
    assert world.recovery.after == world.sent[-1].delivery_id
    assert STEP_EVERY == 2.5 * SECOND


def test_step_examines_1000_deliveries_if_there_is_little_to_send() -> None:
    world = recovering(failed=[seen(number, failed=number == 1500) for number in range(2000)])
    assert _release(world) == Released(MOST_EXAMINED, NOW + STEP_EVERY)
    assert (world.examined, world.progress) == (1001, ("running", 1000, 0, 0))


def test_finished_recovery_is_audited_with_its_counts() -> None:
    world = recovering(failed=[seen(1), seen(2, attempts=MAX_ATTEMPTS)])
    assert _release(world) == Released(2, None)
    (entry,) = world.entries
    assert (entry.action, entry.target_id) == ("webhook.recovery_finished", str(webhook().id))
    assert (entry.origin.caller.kind, entry.origin.caller.actor_id) == ("system", "recoveries")
    assert entry.details == {
        "recoveryId": str(recovery().id),
        "only": None,
        "since": "2027-03-15T11:00:00Z",
        "examined": 2,
        "sent": 1,
        "skipped": 1,
    }


def test_recovery_cancelled_during_a_step_sends_only_this_step() -> None:
    world = recovering(failed=MANY)
    cancelled = recovery(status="cancelled")
    start(world)
    world.steps.clear()
    take(world, run=Meanwhile("advance", lambda: setattr(world, "recovery", cancelled)))
    drain(world)
    assert (len(world.sent), world.recovery, world.entries) == (MOST_SENT, cancelled, [])


def test_delivery_attempted_after_a_crash_counts_as_examined_not_as_sent() -> None:
    """The first run sent the task and crashed. The attempt was made before the second run."""
    world = recovering(failed=[seen(1)])
    with pytest.raises(CrashError):
        _release(world, run=_CrashAt("advance"))
    world.failed = [seen(1, attempts=2, failed=False)]
    _release(world)
    assert (len(world.sent), world.progress) == (1, ("finished", 1, 0, 0))


class _CrashAt(Run):
    """A run that crashes before the method `name`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def call(self, method: Callable[..., object], *arguments: object, **named: object) -> object:
        if method.__name__ == self._name:
            raise CrashError
        return super().call(method, *arguments, **named)


# ---- Rate-limited webhooks ----


@pytest.mark.parametrize(
    ("of", "interval", "most"),
    [
        (LIMITED, 2.25 * SECOND, 400 / 13 + 2),
        (SLOW, 1.6 * SECOND, 400 + 2),
        (replace(SLOW, failing_since=NOW, failures=10), 16 * SECOND, 400 + 2),
        (webhook(rate_limit=RateLimit(200, 1, burst=1)), 6.25 * MILLISECOND, 4 + 2),
    ],
)
def test_recovery_reserves_its_attempts_within_the_rate_limit(of: Webhook, interval: timedelta, most: float) -> None:
    world = recovering(webhook=of, failed=MANY)
    start(world)
    drain(world)
    times = [each.reserved_at - NOW for each in world.sent if each.reserved_at is not None]
    assert len({each.delivery_id for each in world.sent}) == len(times) == 400
    assert min(later - earlier for earlier, later in pairwise(times)) >= interval
    assert times[-1] <= max(400 * interval * 1.1, 5 * STEP_EVERY)
    assert (world.progress, world.is_drained) == (("finished", 400, 400, 0), True)
    assert len(world.reaches) <= most


@pytest.mark.parametrize(("of", "ahead", "reach"), [(LIMITED, AHEAD, REACH), (SLOW, SLOW_AHEAD, SLOW_REACH)])
def test_new_tasks_can_reserve_after_the_reservations_of_a_step(
    of: Webhook, ahead: timedelta, reach: timedelta
) -> None:
    world = recovering(webhook=of, failed=MANY)
    released = _release(world)
    assert (world.reaches, ahead < reach) == ([ahead], True)
    assert world.examined == len(world.sent) + 1, "reads only as many as it can send"
    assert released == Released(len(world.sent), NOW + max(STEP_EVERY, ahead / 2))


@pytest.mark.parametrize(
    ("busy", "wait"),
    [
        (AHEAD + MILLISECOND, STEP_EVERY),
        (AHEAD + 3 * SECOND, 3 * SECOND),
        (REACH, REACH - AHEAD),
        (timedelta(days=1), timedelta(days=1) - AHEAD),
    ],
)
def test_recovery_waits_while_new_tasks_use_the_next_reservations(busy: timedelta, wait: timedelta) -> None:
    world = recovering(webhook=LIMITED, failed=MANY, free_at=NOW + busy)
    assert _release(world) == Released(0, NOW + wait)
    assert (world.examined, world.progress) == (0, ("running", 0, 0, 0))


def test_drain_waits_at_most_14_minutes_for_a_reservation_of_a_recovery() -> None:
    world = recovering(webhook=LIMITED, failed=MANY, free_at=NOW + timedelta(days=1))
    take(world)
    ((due, step),) = world.steps
    assert (due - NOW, step.idle) == (LONGEST_PAUSE, 1)


def test_recovery_can_use_the_last_reservation_within_its_limit() -> None:
    world = recovering(webhook=LIMITED, failed=MANY[:2], free_at=NOW + AHEAD)
    assert _release(world) == Released(1, NOW + AHEAD / 2)
    assert ([each.reserved_at for each in world.sent], world.progress[1:]) == ([NOW + AHEAD], (1, 1, 0))


@pytest.mark.parametrize("left", [0, 5])
def test_deliveries_without_a_reservation_are_sent_by_a_later_step(left: int) -> None:
    """Other tasks took the reservations after the step had looked for the next free time."""
    world = recovering(webhook=LIMITED, failed=MANY[:40], missed_ones=[missed(9000)], free=left)
    assert _release(world) == Released(left, NOW + AHEAD / 2)
    assert (len(world.sent), world.progress) == (left, ("running", left, left, 0))

    world.free = 1000
    start(world)
    drain(world)
    assert len(world.sent) == len(set(world.ids)) == 41
    assert world.progress == ("finished", 41, 41, 0)


def test_missed_deliveries_without_a_reservation_stay_parked() -> None:
    world = recovering(webhook=LIMITED, missed_ones=[missed(number) for number in range(5)], free=2)
    _release(world)
    assert (len(world.sent), [each.event_id for each in world.missed_ones]) == (2, ["evt_2", "evt_3", "evt_4"])


def test_skipped_deliveries_use_no_reservation() -> None:
    world = recovering(webhook=LIMITED, failed=[*(seen(number, days_ago=31) for number in range(30)), *MANY[:20]])
    assert _release(world) == Released(50, None)
    assert (len(world.sent), world.progress) == (20, ("finished", 50, 20, 30))
