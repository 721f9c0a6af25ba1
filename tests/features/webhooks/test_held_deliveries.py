"""Parked deliveries of a paused webhook are released when it is resumed, even if the releasing run crashes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

import pytest

from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.held_deliveries import PAGE, HeldTask, Releaser
from latchhook.webhooks.webhook import Status, Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.samples import ACCOUNT, NOW, SECOND, event, task, webhook

RNG = Random(1)


@dataclass
class World:
    """A webhook, its parked deliveries, and the queue. `on_send` makes a concurrent change."""

    webhook: Webhook | None = field(default_factory=webhook)
    waiting: list[HeldTask] = field(default_factory=list)
    sent: list[DeliveryTask] = field(default_factory=list)
    on_send: Callable[[Sequence[DeliveryTask]], None] = lambda _: None

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        assert (account_id, webhook_id) == (ACCOUNT, webhook().id)
        return self.webhook

    def held(self, webhook_id: UUID, *, limit: int) -> Sequence[HeldTask]:
        assert webhook_id == webhook().id
        return self.waiting[:limit]

    def let_go(self, tasks: Sequence[HeldTask]) -> None:
        self.waiting = [each for each in self.waiting if each not in tasks]

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        self.sent.extend(tasks)
        self.on_send(tasks)

    def pause(self) -> None:
        self.webhook = webhook(status="paused")

    def hold(self, tasks: Sequence[DeliveryTask]) -> None:
        self.waiting += [_held(each) for each in tasks]


def _held(task_: DeliveryTask, *, until_seconds: float = 1) -> HeldTask:
    return HeldTask(task_, UUID(int=RNG.getrandbits(128), version=4), NOW + until_seconds * SECOND)


def _tasks(count: int) -> list[DeliveryTask]:
    return [task(event(f"evt_{number}")) for number in range(count)]


def _world(count: int, webhook_: Webhook | None = None) -> World:
    return World(webhook_ or webhook(), [_held(each) for each in _tasks(count)])


def _release(world: World, *, may_go_on: Callable[[], bool] = lambda: True, run: Run | None = None) -> bool:
    outside = world if run is None else run.watches(world)
    return Releaser(outside, outside, outside, lambda: NOW).release(ACCOUNT, webhook().id, may_go_on=may_go_on)


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 7])
def test_all_parked_tasks_are_released_once_in_order(count: int) -> None:
    world = _world(count)

    assert _release(world)
    assert (world.sent, world.waiting) == (_tasks(count), [])


def test_released_task_keeps_its_trigger() -> None:
    asked = replace(task(attempt=3), trigger="manual")
    world = World(waiting=[_held(asked)])

    _release(world)

    assert world.sent == [asked]


def test_webhook_that_is_paused_again_keeps_its_parked_tasks() -> None:
    world = _world(3, webhook(status="paused"))

    assert _release(world)
    assert (world.sent, len(world.waiting)) == ([], 3)


def test_webhook_that_is_paused_during_a_release_keeps_the_rest() -> None:
    world = _world(PAGE + 1)
    world.on_send = lambda _: world.pause()

    assert _release(world)
    assert (len(world.sent), len(world.waiting)) == (PAGE, 1)


def test_task_parked_again_during_its_release_is_not_lost() -> None:
    world = _world(3)

    def pause_and_hold(tasks: Sequence[DeliveryTask]) -> None:
        world.pause()
        world.hold(tasks)

    world.on_send = pause_and_hold

    assert _release(world)
    assert [each.task for each in world.waiting] == _tasks(3)


@pytest.mark.parametrize("status", ["disabled", "active"])
def test_tasks_of_an_active_or_disabled_webhook_are_released(status: Status) -> None:
    """The worker ends the tasks of a disabled webhook."""
    world = _world(3, webhook(status=status))

    assert _release(world)
    assert (len(world.sent), world.waiting) == (3, [])


def test_parked_tasks_of_a_deleted_webhook_are_discarded() -> None:
    world = _world(PAGE + 1)
    world.webhook = None

    assert _release(world)
    assert (world.sent, world.waiting) == ([], [])


def test_parked_tasks_past_the_retention_of_their_events_are_discarded() -> None:
    tasks = _tasks(3)
    world = World(waiting=[_held(each, until_seconds=left) for each, left in zip(tasks, (-1, 0, 0.001), strict=True)])

    assert _release(world)
    assert (world.sent, world.waiting) == ([tasks[2]], [])


def test_release_stops_between_pages_when_time_runs_out_and_continues() -> None:
    world = _world(2 * PAGE + 1)
    responses = iter([True, False])

    assert not _release(world, may_go_on=lambda: next(responses))
    assert (len(world.sent), len(world.waiting)) == (PAGE, PAGE + 1)
    assert _release(world)
    assert (world.sent, world.waiting) == (_tasks(2 * PAGE + 1), [])


def test_release_without_remaining_time_and_tasks_is_complete() -> None:
    assert _release(_world(0), may_go_on=lambda: False)


def _all_crashes() -> list[Crash]:
    whole = Run()
    _release(_world(PAGE + 1), run=whole)
    return every_crash(whole)


@pytest.mark.parametrize("crash", _all_crashes(), ids=lambda crash: f"{crash.when}-{crash.call}")
def test_release_after_a_crash_at_any_call_sends_all_tasks(crash: Crash) -> None:
    world = _world(PAGE + 1)
    with pytest.raises(CrashError):
        _release(world, run=Run(crash))

    assert _release(world)
    assert (set(world.sent), world.waiting) == (set(_tasks(PAGE + 1)), [])
