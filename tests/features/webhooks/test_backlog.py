"""Backlogs: waiting deliveries are released in order at the webhook's rate, until the backlog is empty."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from latchhook.rates import RateLimit
from latchhook.webhooks.backlog import (
    CLAIMED_FOR,
    FIRST_STEP_AFTER,
    MOST_IDLE_STEPS,
    MOST_RELEASED,
    SHORTEST_PAUSE,
    BacklogKeeper,
    BacklogReleaser,
    ReleaseStep,
    Waiting,
    ended,
)
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.pacing import REACH, SLOW_REACH, with_slot
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, MovableClock, event, task, webhook

LIMITED = webhook(rate_limit=RateLimit(1, 2, burst=1))
SLOW = webhook(slow_seconds=16)
RETENTION = timedelta(days=30)
TASKS = [task(event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND)) for number in range(5)]
FIRST = ReleaseStep(ACCOUNT, LIMITED.id, 0)


@dataclass
class World:
    """A webhook, its backlog, its reservations and the queues. Their state survives a crash of a run."""

    webhook: Webhook | None = LIMITED
    free: int = 1000
    clock: MovableClock = field(default_factory=MovableClock)
    backlog: list[Waiting] = field(default_factory=list)
    at: int | None = None
    claimed_until: datetime = NOW
    sent: list[DeliveryTask] = field(default_factory=list)
    planned: list[tuple[DeliveryTask, datetime]] = field(default_factory=list)
    steps: list[ReleaseStep] = field(default_factory=list)
    delays: list[timedelta] = field(default_factory=list)
    reach: timedelta | None = None
    guards: list[int] = field(default_factory=list)

    def put(self, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        self.backlog += [Waiting(each, now, NOW + RETENTION, self.clock()) for each in tasks]

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        assert webhook_id == LIMITED.id
        return self.backlog[:limit]

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        self.backlog = [each for each in self.backlog if each not in waiting]

    def step(self, webhook_id: UUID) -> int | None:
        return self.at

    def claim(self, webhook_id: UUID, at: int | None, *, now: datetime, until: datetime) -> bool:
        if self.at != at or self.claimed_until > now:
            return False
        self.claimed_until = until
        return True

    def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
        if self.at != before:
            return False
        self.at, self.claimed_until = after, NOW
        return True

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        assert (account_id, webhook_id) == (ACCOUNT, LIMITED.id)
        return self.webhook

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, guard_micros: int = 0, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        assert count, "called with a count of 0"
        self.guards.append(guard_micros)
        self.reach = until - now
        given = min(count, self.free)
        self.free -= given
        return [now + number * timedelta(microseconds=step_micros) for number in range(given)]

    def send(self, what: ReleaseStep | Sequence[DeliveryTask], *, delay: timedelta | None = None) -> None:
        if isinstance(what, ReleaseStep):
            assert delay is not None
            self.steps.append(what)
            self.delays.append(delay)
        else:
            self.sent += what

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        self.planned += tasks

    @property
    def all_sent(self) -> set[UUID]:
        return {each.delivery_id for each in [*self.sent, *(task for task, _ in self.planned)]}


def _keep(world: World, tasks: Sequence[DeliveryTask] = TASKS, *, run: Run | None = None) -> None:
    outside = world if run is None else run.watches(world)
    BacklogKeeper(outside, outside).keep(LIMITED, tasks, now=NOW)


def _take(world: World, step: ReleaseStep = FIRST, *, run: Run | None = None) -> bool:
    outside = world if run is None else run.watches(world)
    keeper = BacklogKeeper(outside, outside)
    return BacklogReleaser(keeper, outside, outside, outside, 10, world.clock, Random(1)).take(step)


def _run(world: World) -> None:
    """Process the queued steps, each at its due time, until the queue is empty."""
    for _ in range(100):
        if not world.steps:
            return
        world.clock.now += world.delays.pop(0)
        _take(world, world.steps.pop(0))
    raise AssertionError("the queue does not become empty")


# ---- New tasks ----


def test_first_task_starts_a_chain_of_steps_and_later_tasks_find_it() -> None:
    world = World()
    _keep(world, TASKS[:2])
    _keep(world, TASKS[2:])
    assert [each.task for each in world.backlog] == TASKS
    assert (world.steps, world.delays, world.at) == ([FIRST], [FIRST_STEP_AFTER], 0)


def test_task_is_stored_before_the_worker_looks_for_a_chain() -> None:
    class Ending(World):
        def step(self, webhook_id: UUID) -> int | None:
            assert [each.task for each in self.backlog] == TASKS
            return super().step(webhook_id)

    _keep(Ending())


# ---- Releases ----


def test_waiting_tasks_are_released_in_order_with_reservations() -> None:
    world = World()
    _keep(world)
    _run(world)
    slots = [NOW + FIRST_STEP_AFTER + number * 2.25 * SECOND for number in range(5)]
    assert world.planned == [(with_slot(each, slot), slot) for each, slot in zip(TASKS, slots, strict=True)]
    assert (world.sent, world.backlog, world.at) == ([], [], ended(1))


@pytest.mark.parametrize(("of", "reach"), [(LIMITED, REACH), (SLOW, SLOW_REACH)])
@pytest.mark.parametrize("free", [0, 2])
def test_tasks_without_a_reservation_stay_for_an_early_next_step(free: int, of: Webhook, reach: timedelta) -> None:
    world = World(of, free=free)
    _keep(world)
    _take(world)
    assert ([replace(each, paced=False, slot_at=None) for each, _ in world.planned]) == TASKS[:free]
    assert world.reach == 2 * reach
    assert [each.task for each in world.backlog] == TASKS[free:]
    assert (world.steps[-1], world.at) == (replace(FIRST, number=1, idle=0 if free else 1), 1)
    assert 0.8 * reach <= world.delays[-1] <= reach


@pytest.mark.parametrize(
    ("tasks", "least", "most"),
    [
        (5, timedelta(0), SHORTEST_PAUSE),
        (240, 0.8 * 117.75 * SECOND, 117.75 * SECOND),  # The last reservation is in 537.75 s. New tasks reach 420 s.
        (MOST_RELEASED, 0.8 * 702.75 * SECOND, 702.75 * SECOND),
    ],
)
def test_next_step_follows_when_new_tasks_can_reserve_again(tasks: int, least: timedelta, most: timedelta) -> None:
    world = World()
    _keep(world, [task(event(f"evt_{number}")) for number in range(tasks)])
    _take(world)
    assert (len(world.planned), world.backlog) == (tasks, [])
    assert least <= world.delays[-1] <= most


def test_tasks_that_missed_reservations_get_a_longer_guard_time() -> None:
    world = World()
    missed = [replace(each, missed_slots=2 if number in (1, 2) else 0) for number, each in enumerate(TASKS)]
    _keep(world, missed)
    _run(world)
    assert [each.missed_slots for each, _ in world.planned] == [0, 2, 2, 0, 0]
    assert world.guards == [0, 750_000, 0]


def test_reservations_fit_into_the_longest_queue_delay() -> None:
    assert timedelta(minutes=15) > 2 * REACH


def test_next_step_follows_at_once_if_one_step_cannot_release_all() -> None:
    world = World(webhook())
    many = [task(event(f"evt_{number}")) for number in range(MOST_RELEASED + 1)]
    _keep(world, many)
    _take(world)
    assert (len(world.sent), len(world.backlog)) == (MOST_RELEASED, 1)
    assert world.delays[-1] <= SHORTEST_PAUSE


@pytest.mark.parametrize(
    "became", [webhook(), webhook(status="paused"), replace(LIMITED, status="disabled"), replace(SLOW, status="paused")]
)
def test_tasks_are_released_at_once_when_the_limit_is_gone(became: Webhook) -> None:
    world = World(became)
    _keep(world)
    _take(world)
    assert (world.sent, world.planned, world.backlog) == (TASKS, [], [])
    assert world.delays[-1] <= SHORTEST_PAUSE
    assert world.reach is None


def test_tasks_of_a_deleted_webhook_are_discarded() -> None:
    world = World(None)
    _keep(world)
    _run(world)
    assert (world.all_sent, world.backlog, world.at) == (set(), [], ended(1))


def test_tasks_past_the_retention_of_their_events_are_discarded() -> None:
    world = World(free=4)
    _keep(world)
    world.backlog[1] = replace(world.backlog[1], until=NOW + FIRST_STEP_AFTER)
    world.backlog[2] = replace(world.backlog[2], until=NOW + FIRST_STEP_AFTER + MILLISECOND)
    _run(world)
    assert world.all_sent == {each.delivery_id for each in TASKS if each != TASKS[1]}
    assert (world.backlog, world.free) == ([], 0)


def test_chain_continues_while_no_reservation_is_available() -> None:
    world = World(free=0)
    _keep(world)
    for number in range(3):
        _take(world, world.steps.pop(0))
        assert (world.steps, world.at) == ([replace(FIRST, number=number + 1, idle=number + 1)], number + 1)
    assert (world.all_sent, len(world.backlog)) == (set(), 5)


def test_step_that_releases_a_task_resets_the_count_of_idle_steps() -> None:
    world = World(free=1)
    _keep(world)
    assert _take(world, replace(world.steps.pop(0), idle=MOST_IDLE_STEPS - 1))
    assert (len(world.all_sent), [each.idle for each in world.steps]) == (1, [0])


def test_chain_that_releases_nothing_stops_and_keeps_its_backlog() -> None:
    world = World(free=0)
    _keep(world)
    assert _take(world, replace(world.steps.pop(0), idle=MOST_IDLE_STEPS - 1))
    assert not _take(world, world.steps.pop(0))
    assert (world.steps, len(world.backlog)) == ([], 5)


def test_next_task_starts_a_new_chain_after_a_stopped_one() -> None:
    world = World()
    _keep(world)
    assert not _take(world, replace(world.steps.pop(0), idle=MOST_IDLE_STEPS))
    _keep(world, TASKS[:1])
    assert [each.idle for each in world.steps] == [0]
    _run(world)
    assert (world.all_sent, world.backlog) == ({each.delivery_id for each in TASKS}, [])


def test_steps_that_meet_another_run_are_counted_as_idle() -> None:
    world = World()
    _keep(world)
    world.claimed_until = NOW + CLAIMED_FOR
    assert _take(world, world.steps.pop(0))
    assert [each.idle for each in world.steps] == [1]


# ---- Steps without effect, concurrent runs and crashes ----


def test_step_without_a_backlog_does_nothing() -> None:
    world = World()
    _take(world)
    assert (world.steps, world.at) == ([], None)


def test_repeated_step_does_nothing() -> None:
    world = World()
    _keep(world)
    world.at = 1
    _take(world)
    assert (world.all_sent, world.steps) == (set(), [FIRST])


def test_early_step_is_processed_before_its_chain_is_recorded() -> None:
    world = World()
    world.put(TASKS, now=NOW)
    _take(world)
    assert (len(world.planned), world.at) == (5, 1)


def test_only_one_of_two_runs_of_a_step_continues_the_chain() -> None:
    class Overtaken(World):
        def let_go(self, waiting: Sequence[Waiting]) -> None:
            super().let_go(waiting)
            self.at = 1

    world = Overtaken(at=0)
    world.put(TASKS, now=NOW)
    _take(world)
    assert (world.steps, world.at) == ([replace(FIRST, number=1)], 1)
    world.put(TASKS, now=NOW)
    _take(world)
    assert (len(world.steps), len(world.backlog)) == (1, 5)


def test_step_that_another_run_is_processing_is_requeued() -> None:
    world = World(at=0, claimed_until=NOW + MILLISECOND)
    world.put(TASKS, now=NOW)
    for step in (FIRST, replace(FIRST, number=1)):
        _take(world, step)
        assert (world.steps.pop(), world.delays.pop()) == (replace(step, idle=1), CLAIMED_FOR)
    assert (world.all_sent, world.at) == (set(), 0)
    world.clock.now += MILLISECOND
    _take(world)
    assert (len(world.all_sent), world.at) == (5, 1)


def test_task_stored_again_during_its_release_stays_in_the_backlog() -> None:
    class Again(World):
        def send(self, what: ReleaseStep | Sequence[DeliveryTask], *, delay: timedelta | None = None) -> None:
            if not isinstance(what, ReleaseStep):
                self.clock.now += MILLISECOND
                self.put(what[:2], now=NOW)
            super().send(what, delay=delay)

    world = Again(webhook(), at=0)
    world.put(TASKS, now=NOW)
    _take(world)
    assert [each.task for each in world.backlog] == TASKS[:2]


def test_copies_of_a_task_are_released_once() -> None:
    world = World(free=5)
    _keep(world)
    world.clock.now += MILLISECOND
    world.put(TASKS, now=NOW)
    _take(world)
    assert (len(world.planned), len(world.all_sent), world.backlog) == (5, 5, [])


def test_task_stored_while_a_chain_ends_is_released() -> None:
    class Entered(World):
        def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
            if after == ended(0):
                self.put(TASKS, now=NOW)  # its worker sees the chain and starts no other
            return super().advance(webhook_id, before, after, now=now)

    world = Entered(at=0)
    _take(world)
    assert (world.steps, world.at) == ([replace(FIRST, number=1)], 1)


def test_task_stored_while_a_chain_ends_twice_is_released() -> None:
    class Repeated(World):
        def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
            if after == ended(0):
                self.put(TASKS, now=NOW)  # its worker sees the chain and starts no other
                super().advance(webhook_id, before, after, now=now)  # the response is lost
            return super().advance(webhook_id, before, after, now=now)

    world = Repeated(at=0)
    _take(world)
    assert (world.steps, world.at) == ([replace(FIRST, number=1)], 1)


@pytest.mark.parametrize("is_written", [False, True])
def test_chain_that_ends_before_it_is_recorded_is_not_left_without_steps(is_written: bool) -> None:
    class Stalled(World):
        def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
            if (before, after) == (None, 0):
                if is_written:
                    super().advance(webhook_id, before, after, now=now)
                _run(self)  # the write is slow and is then retried
            return super().advance(webhook_id, before, after, now=now)

    world = Stalled()
    _keep(world, TASKS[:2])
    assert (world.backlog, world.steps) == ([], [])
    _keep(world, TASKS[2:])
    _run(world)
    assert world.all_sent == {each.delivery_id for each in TASKS}


def test_late_step_of_an_ended_chain_does_not_turn_back_the_new_chain() -> None:
    world = World(at=ended(7))
    _keep(world)
    assert (world.steps, world.at) == ([replace(FIRST, number=8)], 8)
    world.at = ended(7)
    _take(world, replace(FIRST, number=3))
    assert (world.steps[-1], world.at) == (replace(FIRST, number=8), 8)


def _whole(scenario: str) -> Run:
    run = Run()
    world = World()
    if scenario != "keep":
        _keep(world)
    if scenario == "end":
        world.let_go(world.backlog)
    (_keep if scenario == "keep" else _take)(world, run=run)
    return run


@pytest.mark.parametrize(
    ("scenario", "crash"),
    [(scenario, crash) for scenario in ("keep", "release", "end") for crash in every_crash(_whole(scenario))],
)
def test_crash_anywhere_loses_no_task_and_leaves_no_endless_chain(scenario: str, crash: Crash) -> None:
    world = World(free=8)
    if scenario == "keep":
        with pytest.raises(CrashError):
            _keep(world, run=Run(crash))
        _run(world)  # before the message is delivered again
        _keep(world)
    else:
        _keep(world)
        message = world.steps.pop(0)
        world.delays.clear()
        if scenario == "end":
            world.let_go(world.backlog)
        with pytest.raises(CrashError):
            _take(world, message, run=Run(crash))
        world.steps.append(message)
        world.delays.append(timedelta(minutes=3))
        if scenario == "end":
            _keep(world)
    world.free = 1000
    _run(world)
    assert world.all_sent == {each.delivery_id for each in TASKS}
    assert (world.backlog, world.at is not None and world.at < 0) == ([], True)


class _Overtaken(World):
    """The previous step's run records its end while the next step already reads the backlog."""

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        self.at = 1 if self.at == 0 else self.at
        return super().oldest(webhook_id, limit=limit)


def test_chain_ends_even_if_its_last_step_overtakes_the_previous_step() -> None:
    world = _Overtaken(at=0)
    _take(world, replace(FIRST, number=1))
    assert world.at == ended(1)
    _keep(world)
    assert [each.number for each in world.steps] == [2]
