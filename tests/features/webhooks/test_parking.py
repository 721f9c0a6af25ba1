"""Parking: deliveries are stored with a reason, and their drain starts if nothing else will start it."""

from dataclasses import replace

import pytest

from latchhook.webhooks.draining import FIRST_STEP_AFTER, DrainState
from latchhook.webhooks.parking import Reason
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.features.webhooks.draining_world import FIRST, LIMITED, PAUSED, TASKS, Meanwhile, World, drain, park
from tests.samples import NOW

DISABLED = replace(LIMITED, status="disabled")


def test_first_parked_task_starts_the_drain_and_later_tasks_find_it() -> None:
    world = World()
    park(world, TASKS[:2])
    park(world, TASKS[2:])
    assert [each.task for each in world.parked] == TASKS
    assert (world.steps, world.at) == ([(NOW + FIRST_STEP_AFTER, FIRST)], DrainState(0, is_running=True))


def test_task_is_stored_before_the_state_of_the_drain_is_read() -> None:
    world, running = World(), DrainState(0, is_running=True)

    def read() -> None:
        assert [each.task for each in world.parked] == TASKS
        world.at = running  # a drain that still runs will find the tasks

    park(world, run=Meanwhile("state", read))
    assert (world.steps, world.at) == ([], running)


@pytest.mark.parametrize(
    ("reason", "read", "current", "starts"),
    [
        ("rate_limit", LIMITED, LIMITED, True),
        ("rate_limit", LIMITED, PAUSED, True),
        ("paused", PAUSED, PAUSED, False),
        ("paused", PAUSED, LIMITED, True),
        ("paused", PAUSED, DISABLED, True),
        ("paused", PAUSED, None, True),
        ("disabled", DISABLED, DISABLED, False),
        ("disabled", DISABLED, LIMITED, False),
    ],
)
def test_parking_starts_the_drain_unless_a_change_will_start_it(
    reason: Reason, read: Webhook, current: Webhook | None, starts: bool
) -> None:
    """A paused webhook that changed since it was read may have been drained before its tasks were stored."""
    world = World(read)
    park(world, TASKS, reason, of=read, run=Meanwhile("put", lambda: setattr(world, "webhook", current), when="after"))
    assert [each.task for each in world.parked] == TASKS
    assert bool(world.steps) == starts


@pytest.mark.parametrize(("reason", "stored"), [("rate_limit", [1, 2, 3]), ("paused", [1, 2, 3]), ("disabled", [1])])
def test_disabled_webhook_parks_only_first_attempts(reason: Reason, stored: list[int]) -> None:
    world = World()
    park(world, [replace(TASKS[0], attempt=number) for number in (1, 2, 3)], reason)
    assert [each.task.attempt for each in world.parked] == stored


def test_nothing_is_stored_and_no_drain_starts_without_tasks() -> None:
    for reason in ("rate_limit", "paused", "disabled"):
        world, run = World(), Run()
        park(world, [replace(each, attempt=2) for each in TASKS] if reason == "disabled" else [], reason, run=run)
        assert run.calls == 0


def _all_crashes(of: Webhook, reason: Reason) -> list[Crash]:
    whole = Run()
    park(World(), reason=reason, of=of, run=whole)
    return every_crash(whole)


@pytest.mark.parametrize(
    ("of", "reason", "crash"),
    [
        *((LIMITED, "rate_limit", crash) for crash in _all_crashes(LIMITED, "rate_limit")),
        *((PAUSED, "paused", crash) for crash in _all_crashes(PAUSED, "paused")),
    ],
)
@pytest.mark.parametrize("is_drained_first", [False, True])
def test_crash_while_parking_loses_no_task(of: Webhook, reason: Reason, crash: Crash, is_drained_first: bool) -> None:
    """The webhook of the reason `paused` was resumed in the meantime."""
    world = World()
    with pytest.raises(CrashError):
        park(world, reason=reason, of=of, run=Run(crash))
    if is_drained_first:
        drain(world)
    park(world, reason=reason, of=of)
    drain(world)
    assert {each.delivery_id for each in world.sent} == {each.delivery_id for each in TASKS}
    assert world.is_drained
