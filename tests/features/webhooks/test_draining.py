"""Drains: parked deliveries are released in order at the webhook's rate, and then the deliveries of its recovery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product

import pytest

from latchhook.webhooks.draining import (
    CLAIMED_FOR,
    FIRST_STEP_AFTER,
    LONGEST_PAUSE,
    MAX_IDLE_STEPS,
    MOST_RELEASED,
    SHORTEST_PAUSE,
    DrainState,
)
from latchhook.webhooks.rate_limiter import REACH, SLOW_REACH
from latchhook.webhooks.recovery import Recovery
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.crashes import Crash, Run, every_crash
from tests.features.webhooks.draining_world import (
    FIRST,
    LIMITED,
    PAUSED,
    SLOW,
    STEP,
    TASKS,
    Meanwhile,
    When,
    World,
    drain,
    missed,
    park,
    recovering,
    seen,
    start,
    take,
)
from tests.samples import MILLISECOND, NOW, SECOND, event, recovery, task, webhook

ALL = [each.event_id for each in TASKS]


def _ended(number: int) -> DrainState:
    return DrainState(number, is_running=False)


def _running(number: int) -> DrainState:
    return DrainState(number, is_running=True)


def _parked(of: Webhook | None = LIMITED, *, free: int = 10_000, count: int = 5) -> World:
    """Return a world with parked tasks and a running drain, without its message."""
    world = World(of, free=free)
    park(world, [task(event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND)) for number in range(count)])
    world.steps.clear()
    return world


# ---- Parked deliveries ----


def test_parked_tasks_are_released_in_order_with_reservations() -> None:
    world = World()
    park(world)
    drain(world)
    times = [NOW + FIRST_STEP_AFTER + number * STEP for number in range(5)]
    assert world.sent == [replace(each, reserved_at=time) for each, time in zip(TASKS, times, strict=True)]
    assert (world.at, world.is_drained) == (_ended(1), True)


@pytest.mark.parametrize(("of", "reach"), [(LIMITED, REACH), (SLOW, SLOW_REACH)])
@pytest.mark.parametrize("free", [0, 2])
def test_tasks_without_a_reservation_wait_for_an_early_next_step(free: int, of: Webhook, reach: timedelta) -> None:
    world = _parked(of, free=free)
    take(world)
    assert (world.ids, world.reaches) == (ALL[:free], [2 * reach])
    assert [each.task for each in world.parked] == TASKS[free:]
    ((due, step),) = world.steps
    assert (step, world.at) == (replace(FIRST, number=1, idle=0 if free else 1), _running(1))
    assert 0.8 * reach <= due - NOW <= reach


@pytest.mark.parametrize(
    ("count", "least", "most"),
    [
        (5, timedelta(0), SHORTEST_PAUSE),
        (240, 0.8 * 117.75 * SECOND, 117.75 * SECOND),  # The last reservation is in 537.75 s. New tasks reach 420 s.
    ],
)
def test_next_step_comes_before_new_tasks_can_reserve_again(count: int, least: timedelta, most: timedelta) -> None:
    world = _parked(count=count)
    take(world)
    assert (len(world.sent), world.parked) == (count, [])
    assert least <= world.steps[0][0] - NOW <= most


def test_reservations_and_pauses_fit_into_the_longest_queue_delay() -> None:
    assert timedelta(minutes=15) > 2 * REACH
    assert timedelta(minutes=15) > LONGEST_PAUSE


@pytest.mark.parametrize("of", [webhook(), replace(LIMITED, status="disabled"), replace(SLOW, status="disabled")])
def test_tasks_without_a_limit_or_of_a_disabled_webhook_are_sent_at_once(of: Webhook) -> None:
    world = _parked(of, count=MOST_RELEASED + 1)
    take(world)
    assert (len(world.sent), len(world.parked), world.reaches) == (MOST_RELEASED, 1, [])
    assert world.steps[0][0] - NOW <= SHORTEST_PAUSE
    drain(world)
    assert (len(world.sent), world.is_drained) == (MOST_RELEASED + 1, True)
    assert {each.reserved_at for each in world.sent} == {None}


def test_tasks_of_a_deleted_webhook_are_discarded() -> None:
    world = World(None)
    park(world)
    drain(world)
    assert (world.sent, world.is_drained) == ([], True)


def test_tasks_past_the_retention_of_their_events_are_discarded() -> None:
    world = _parked(free=4)
    world.parked[1] = replace(world.parked[1], until=NOW)
    world.parked[2] = replace(world.parked[2], until=NOW + MILLISECOND)
    take(world)
    assert (world.ids, world.parked, world.free) == ([ALL[0], *ALL[2:]], [], 0)


def test_copies_of_a_task_are_released_once() -> None:
    world = _parked(free=5)
    park(world)
    take(world)
    assert (world.ids, world.parked) == (ALL, [])


def test_task_parked_again_during_its_release_stays_parked() -> None:
    world = _parked(webhook())
    take(world, run=Meanwhile("send", lambda: park(world, TASKS[:2]), when="after"))
    assert [each.task for each in world.parked] == TASKS[:2]


# ---- Paused webhooks ----


def test_paused_webhook_releases_nothing_until_it_is_resumed() -> None:
    world = recovering(webhook=PAUSED, failed=[seen(6)])
    park(world, reason="paused", of=PAUSED)
    start(world)
    drain(world)
    assert (world.sent, len(world.parked), world.progress) == ([], 5, ("running", 0, 0, 0))
    assert (world.at, world.steps) == (_ended(0), [])

    world.webhook = LIMITED
    start(world)
    drain(world)
    assert (world.ids, world.progress, world.is_drained) == ([*ALL, "evt_6"], ("finished", 1, 1, 0), True)


def test_webhook_that_is_paused_during_a_step_keeps_the_rest() -> None:
    world = _parked(webhook(), count=MOST_RELEASED + 1)
    take(world, run=Meanwhile("oldest", lambda: setattr(world, "webhook", PAUSED)))
    drain(world)
    assert (len(world.sent), len(world.parked), world.steps) == (MOST_RELEASED, 1, [])


# ---- Recoveries ----


def test_drain_without_parked_tasks_goes_on_while_a_recovery_runs() -> None:
    world = recovering(failed=[seen(number) for number in range(250)])
    start(world)
    assert drain(world) == 3
    assert (len(world.sent), world.progress, world.is_drained) == (250, ("finished", 250, 250, 0), True)


def test_recovery_gets_no_reservation_before_the_parked_tasks() -> None:
    world = recovering(webhook=LIMITED, failed=[seen(number) for number in range(5, 10)])
    park(world, [task(event(f"evt_{number}")) for number in range(400)])
    take(world)
    (_, following), *_ = world.steps[1:]
    assert (world.examined, len(world.parked), following.number) == (0, 26, 1)
    drain(world)
    assert [each.trigger for each in world.sent] == ["event"] * 400 + ["recover"] * 5
    assert (world.progress, world.is_drained) == (("finished", 5, 5, 0), True)


def test_step_of_an_unlimited_webhook_releases_both_without_a_pause() -> None:
    world = recovering(failed=[seen(number) for number in range(5, 205)])
    park(world)
    world.steps.clear()
    take(world)
    assert (world.ids[:6], len(world.sent), world.progress) == ([*ALL, "evt_5"], 105, ("running", 100, 100, 0))
    assert world.steps[0][0] - NOW < SHORTEST_PAUSE


@pytest.mark.parametrize("became", [None, webhook(status="disabled"), webhook(url=None)])
def test_recovery_of_an_inactive_webhook_is_cancelled(became: Webhook | None) -> None:
    world = recovering(webhook=became, failed=[seen(1)])
    start(world)
    drain(world)
    assert (world.sent, world.progress, world.is_drained) == ([], ("cancelled", 0, 0, 0), True)
    assert [entry.action for entry in world.entries] == ["webhook.recovery_cancelled"]


@pytest.mark.parametrize("gone", [None, recovery(status="cancelled"), recovery(status="finished")])
def test_drain_without_a_running_recovery_ends(gone: Recovery | None) -> None:
    world = World(recovery=gone, failed=[seen(1)])
    start(world)
    drain(world)
    assert (world.sent, world.recovery, world.at, world.steps) == ([], gone, _ended(0), [])


# ---- Steps that release nothing ----


def test_drain_continues_and_counts_steps_without_a_reservation() -> None:
    world = _parked(free=0)
    step = FIRST
    for number in (1, 2, 3):
        assert take(world, step)
        ((_, step),) = world.steps
        world.steps.clear()
        assert (step, world.at) == (replace(FIRST, number=number, idle=number), _running(number))


@pytest.mark.parametrize(
    "world",
    [_parked(free=1), _parked(webhook()), recovering(failed=[seen(number) for number in range(200)])],
    ids=["limited", "unlimited", "recovery"],
)
def test_step_that_releases_a_task_resets_the_count_of_idle_steps(world: World) -> None:
    assert take(world, replace(FIRST, idle=MAX_IDLE_STEPS - 1))
    assert [step.idle for _, step in world.steps] == [0]


def test_drain_stops_at_its_limit_and_the_next_task_starts_it_again() -> None:
    world = _parked(free=0)
    world.recovery = recovery()
    assert take(world, replace(FIRST, idle=MAX_IDLE_STEPS - 1))
    ((_, last),) = world.steps
    world.steps.clear()
    assert not take(world, last)
    assert (world.steps, len(world.parked), world.at) == ([], 5, _ended(1))
    assert [entry.action for entry in world.entries] == ["webhook.recovery_cancelled"]
    assert take(world, last), "a repeated message of the last step"
    assert world.steps == []

    world.free = 6
    park(world, [replace(TASKS[0], attempt=2)])
    assert [step for _, step in world.steps] == [replace(FIRST, number=2)]
    drain(world)
    assert (len(world.sent), world.is_drained) == (6, True)


# ---- Repeated, late and concurrent steps ----


def test_step_without_anything_to_release_ends_the_drain() -> None:
    world = World()
    take(world)
    assert (world.steps, world.at) == ([], _ended(0))


@pytest.mark.parametrize("at", [_running(1), _ended(7)])
def test_late_step_has_no_effect(at: DrainState) -> None:
    world = _parked()
    world.at = at
    take(world)
    assert (world.sent, world.steps, world.at) == ([], [], at)


def test_restarted_drain_continues_the_numbers_of_steps() -> None:
    world = World(at=_ended(7))
    park(world)
    assert ([step.number for _, step in world.steps], world.at) == ([8], _running(8))


@pytest.mark.parametrize(("before", "number"), [(None, 0), (_running(0), 1), (_ended(7), 8)])
def test_early_step_is_taken_before_it_is_recorded(before: DrainState | None, number: int) -> None:
    world = _parked()
    world.at = before
    take(world, replace(FIRST, number=number))
    assert (world.ids, world.at) == (ALL, _running(number + 1))


def test_step_that_another_run_has_claimed_is_queued_again() -> None:
    world = _parked()
    world.claimed_until = NOW + MILLISECOND
    for step in (FIRST, replace(FIRST, number=1)):
        assert take(world, step)
        assert world.steps.pop() == (NOW + CLAIMED_FOR, replace(step, idle=1))
    assert (world.sent, world.at) == ([], _running(0))
    world.clock.now += MILLISECOND
    take(world)
    assert (world.ids, world.at) == (ALL, _running(1))


@pytest.mark.parametrize("method", ["claim", "move"])
def test_only_one_of_two_runs_of_a_step_continues_the_drain(method: str) -> None:
    world = recovering(failed=[seen(number) for number in range(250)])
    start(world)
    world.steps.clear()
    take(world, run=Meanwhile(method, lambda: take(world)))
    drain(world)
    assert (len(set(world.sent)), world.progress) == (250, ("finished", 250, 250, 0))
    assert (len(world.sent), world.is_drained) == (250, True)


@pytest.mark.parametrize("when", ["before", "after"])
def test_slow_start_of_a_drain_does_not_leave_it_without_messages(when: When) -> None:
    world = World()
    park(world, TASKS[:2], run=Meanwhile("move", lambda: drain(world), when=when))
    assert world.is_drained
    park(world, TASKS[2:])
    drain(world)
    assert (world.ids, world.is_drained) == (ALL, True)


def test_drain_ends_even_if_its_last_step_overtakes_the_previous_one() -> None:
    world = World(at=_running(0))
    take(world, replace(FIRST, number=1), run=Meanwhile("oldest", lambda: setattr(world, "at", _running(1))))
    drain(world)
    assert (world.at, world.is_drained) == (_ended(1), True)


# ---- Changes while a drain ends, and crashes ----


def _recover(world: World) -> None:
    world.recovery, world.failed = recovery(), [seen(number) for number in range(5)]
    start(world)


def _resume(world: World) -> None:
    world.webhook = LIMITED
    start(world)


def _ending(change: Callable[[World], None]) -> World:
    """Return a world with a drain that has nothing to release until the change."""
    world = _parked(PAUSED) if change is _resume else World(at=_running(0))
    world.steps.append((NOW, FIRST))
    return world


def _crashes_at_the_end(change: Callable[[World], None]) -> list[Crash | None]:
    whole = Run()
    drain(_ending(change), run=whole)
    return [None, *every_crash(whole)]


CHANGES = [park, _recover, _resume]


@pytest.mark.parametrize(
    ("change", "crash"), [(change, crash) for change in CHANGES for crash in _crashes_at_the_end(change)]
)
def test_change_while_a_drain_ends_takes_effect(change: Callable[[World], None], crash: Crash | None) -> None:
    """The change finds the drain running and does not start it. The run of the last step can also crash."""
    whens: tuple[When, ...] = ("before", "after")
    for method, when in product(("find_webhook", "claim", "oldest", "running", "move"), whens):
        world = _ending(change)
        run = Meanwhile(method, partial(change, world), when=when, crash=crash)
        drain(world, run=run)
        if not run.has_changed:
            change(world)
            drain(world)
        assert (sorted(set(world.ids)), world.is_drained) == (ALL, True), (method, when)


def _busy() -> World:
    world = recovering(webhook=LIMITED, failed=[seen(number) for number in range(10, 40)], missed_ones=[missed(90)])
    park(world)
    return world


def _whole_run() -> Run:
    run = Run()
    drain(_busy(), run=run)
    return run


@pytest.mark.parametrize("crash", every_crash(_whole_run()))
def test_crash_at_any_call_loses_no_delivery_and_the_drain_ends(crash: Crash) -> None:
    world = _busy()
    drain(world, run=Run(crash))
    assert sorted(set(world.ids)) == sorted([*ALL, *(f"evt_{number}" for number in (*range(10, 40), 90))])
    assert (world.progress, len(world.entries), world.is_drained) == (("finished", 31, 31, 0), 1, True)
