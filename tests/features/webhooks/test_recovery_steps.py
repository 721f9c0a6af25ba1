"""The steps of a recovery: the deliveries that they send, their progress, and their end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.rates import RateLimit
from latchhook.webhooks.delivery import MAX_ATTEMPTS, DeliveryTask
from latchhook.webhooks.pacing import REACH, SLOW_REACH
from latchhook.webhooks.recovery import Kind, Recovery, Step
from latchhook.webhooks.recovery_steps import (
    AHEAD,
    MOST_PAGES,
    MOST_SENT,
    MOST_WAITS,
    PAGE,
    SLOW_AHEAD,
    STEP_EVERY,
    TOO_LATE,
    Seen,
    SeenPage,
    StepTaker,
)
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, MovableClock, event, recovery, task, webhook

RETENTION = timedelta(days=30)


def seen(number: int, *, attempts: int = 1, failed: bool = True, is_test: bool = False, days_ago: float = 0.01) -> Seen:
    """Return a recorded delivery. A higher number is a later event."""
    of = event(f"evt_{number}", accepted_at=NOW - timedelta(days=days_ago) + number * MILLISECOND)
    return Seen(task(of).delivery_id, of.id, attempts, failed, is_test)


def missed(number: int, *, days_ago: float = 0.01) -> Seen:
    return seen(number, attempts=0, failed=False, days_ago=days_ago)


@dataclass
class World:
    """A webhook, its deliveries, a recovery and the queues. Their state survives a crash of a run."""

    deliveries: list[Seen] = field(default_factory=list)
    misses: list[Seen] = field(default_factory=list)
    webhook: Webhook | None = field(default_factory=webhook)
    recovery: Recovery | None = field(default_factory=recovery)
    sent: list[DeliveryTask] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    delays: list[timedelta] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    clock: MovableClock = field(default_factory=MovableClock)
    looks: int = 0
    planned: list[tuple[DeliveryTask, datetime]] = field(default_factory=list)
    free_at: datetime = NOW
    taken_meanwhile: timedelta = timedelta(0)

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        return self.recovery

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        assert (account_id, webhook_id) == (ACCOUNT, webhook().id)
        return self.webhook

    def _page(self, of: Sequence[Seen], after: UUID | None, limit: int) -> SeenPage:
        assert limit == PAGE
        self.looks += 1
        left = [each for each in of if after is None or each.delivery_id > after]
        return SeenPage(left[:limit], len(left) > limit)

    def attempted(
        self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int
    ) -> SeenPage:
        assert self.recovery is not None
        assert (webhook_id, since, until) == (webhook().id, self.recovery.since, self.recovery.until)
        return self._page(self.deliveries, after, limit)

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int) -> SeenPage:
        return self._page(self.misses, after, limit)

    def send(self, what: Step | Sequence[DeliveryTask], *, delay: timedelta | None = None) -> None:
        if isinstance(what, Step):
            assert delay is not None
            self.steps.append(what)
            self.delays.append(delay)
        else:
            self.sent += what

    def advance(self, before: Recovery, after: Recovery) -> bool:
        now = self.recovery
        if now is None or now.step != before.step or now.status != "running":
            return False
        self.recovery = after
        return True

    def finish(self, before: Recovery, after: Recovery, entry: AuditEntry) -> bool:
        if not self.advance(before, after):
            return False
        self.entries.append(entry)
        return True

    def cancel(self, recovery: Recovery, entry: AuditEntry) -> bool:
        if self.recovery is None or self.recovery.status != "running":
            return False
        self.recovery = replace(self.recovery, status="cancelled", ended_at=entry.origin.at)
        self.entries.append(entry)
        return True

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        self.planned += tasks
        self.sent += [task for task, _ in tasks]

    def next_free(self, webhook_id: UUID, *, step_micros: int, now: datetime) -> datetime:
        assert webhook_id == webhook().id
        return max(now, self.free_at)

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        assert count, "called with a count of 0"
        step = timedelta(microseconds=step_micros)
        first = max(now, self.free_at) + self.taken_meanwhile
        slots = [first + number * step for number in range(count) if first + number * step <= until]
        self.free_at = slots[-1] + step if slots else self.free_at
        return slots

    @property
    def now(self) -> Recovery:
        assert self.recovery is not None
        return self.recovery

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.now.examined, self.now.sent, self.now.skipped


FIRST = Step(ACCOUNT, webhook().id, recovery().id, 0, NOW)


def _take(world: World, step: Step = FIRST, *, run: Run | None = None) -> bool:
    outside = world if run is None else run.watches(world)
    return StepTaker(outside, outside, outside, outside, outside, outside, 10, world.clock, Random(1), RETENTION).take(
        step
    )


def _run(world: World, *, most: int = 1000) -> None:
    """Process the queued steps until the queue is empty."""
    for _ in range(most):
        if not world.steps:
            return
        _take(world, world.steps.pop(0))
    raise AssertionError("the queue does not become empty")


def _started(world: World) -> World:
    world.steps.append(FIRST)
    return world


def _only(kind: Kind) -> Recovery:
    return recovery(only=kind, looks_for=kind)


# ---- The deliveries that are sent ----


def test_failed_delivery_gets_its_next_attempt() -> None:
    world = _started(World([seen(1, attempts=1), seen(2, attempts=3)]))

    _run(world)

    assert [(each.event_id, each.attempt, each.trigger) for each in world.sent] == [
        ("evt_1", 2, "recover"),
        ("evt_2", 4, "recover"),
    ]
    assert world.sent[0] == replace(
        task(event("evt_1", accepted_at=NOW - timedelta(days=0.01) + MILLISECOND), attempt=2),
        trigger="recover",
        uncounted=1,
    )
    assert [each.counted for each in world.sent] == [1, 1], "the retry schedule restarts"
    assert (world.now.status, world.counts) == ("finished", (2, 2, 0))


def test_missed_delivery_gets_its_first_attempt() -> None:
    world = _started(World(misses=[missed(1), missed(2)], recovery=_only("missing")))

    _run(world)

    assert [(each.event_id, each.attempt, each.trigger) for each in world.sent] == [
        ("evt_1", 1, "recover"),
        ("evt_2", 1, "recover"),
    ]
    assert (world.now.status, world.counts) == ("finished", (2, 2, 0))


@pytest.mark.parametrize(("only", "ids"), [(None, ["evt_1", "evt_2"]), ("failed", ["evt_1"]), ("missing", ["evt_2"])])
def test_recovery_covers_failed_or_missed_deliveries_or_both(only: Kind | None, ids: list[str]) -> None:
    world = _started(World([seen(1)], [missed(2)], recovery=recovery(only=only, looks_for=only or "failed")))

    _run(world)

    assert [each.event_id for each in world.sent] == ids
    assert world.counts == (len(ids), len(ids), 0)


def test_successful_delivery_is_not_sent_again() -> None:
    world = _started(World([seen(1, attempts=2, failed=False)], [seen(2, failed=False)]))

    _run(world)

    assert (world.sent, world.counts) == ([], (2, 0, 0))


def test_test_deliveries_are_not_sent_again() -> None:
    world = _started(World([seen(1, is_test=True)]))

    _run(world)

    assert (world.sent, world.counts) == ([], (1, 0, 0))


def test_delivery_gets_at_most_the_maximum_number_of_attempts() -> None:
    world = _started(World([seen(1, attempts=MAX_ATTEMPTS - 1), seen(2, attempts=MAX_ATTEMPTS)]))

    _run(world)

    assert ([each.attempt for each in world.sent], world.counts) == ([MAX_ATTEMPTS], (2, 1, 1))


@pytest.mark.parametrize("kind", ["failed", "missing"])
def test_delivery_past_the_retention_of_its_event_is_skipped(kind: Kind) -> None:
    old = [replace(seen(number, days_ago=30), attempts=int(kind == "failed"), failed=True) for number in (0, 1)]
    world = _started(World(old, old, recovery=_only(kind)))

    _run(world)

    assert ([each.event_id for each in world.sent], world.counts) == (["evt_1"], (2, 1, 1))


# ---- Progress ----


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, MOST_SENT, MOST_SENT + 1, 7 * PAGE + 3])
def test_all_deliveries_are_sent_once_in_order(count: int) -> None:
    world = _started(World([seen(number) for number in range(count)], [missed(9000 + number) for number in range(3)]))

    _run(world)

    assert [each.event_id for each in world.sent] == [f"evt_{number}" for number in [*range(count), 9000, 9001, 9002]]
    assert (world.now.status, world.counts) == ("finished", (count + 3, count + 3, 0))
    assert (world.now.ended_at, world.now.updated_at) == (NOW, NOW)


def test_step_sends_100_deliveries_and_the_next_follows_in_two_seconds() -> None:
    world = World([seen(number) for number in range(3 * MOST_SENT)])

    _take(world)

    assert len(world.sent) == MOST_SENT == 100
    assert (world.steps, world.delays) == ([replace(FIRST, number=1)], [STEP_EVERY])
    assert (world.now.step, world.counts, world.now.after) == (1, (100, 100, 0), world.sent[-1].delivery_id)


def test_step_examines_1000_deliveries_if_there_is_little_to_send() -> None:
    world = World([seen(number, failed=number == 1500) for number in range(2000)])

    _take(world)

    assert (world.looks, world.counts) == (MOST_PAGES, (1000, 0, 0))
    assert MOST_PAGES * PAGE == 1000


def test_finished_recovery_is_audited_with_its_counts() -> None:
    world = _started(World([seen(1), seen(2, attempts=MAX_ATTEMPTS)]))

    _run(world)

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


# ---- The end of a recovery ----


@pytest.mark.parametrize("status", ["cancelled", "finished"])
def test_step_of_an_ended_recovery_does_nothing(status: str) -> None:
    ended = recovery(status=status)
    world = World([seen(1)], recovery=ended)

    _take(world)

    assert (world.sent, world.steps, world.recovery) == ([], [], ended)


@pytest.mark.parametrize("became", [None, webhook(status="disabled"), webhook(url=None)])
def test_recovery_of_an_inactive_webhook_is_cancelled(became: Webhook | None) -> None:
    world = World([seen(1)], webhook=became)

    _take(world)

    assert (world.sent, world.steps, world.now.status, world.now.ended_at) == ([], [], "cancelled", NOW)
    assert [entry.action for entry in world.entries] == ["webhook.recovery_cancelled"]


def test_recovery_of_a_paused_webhook_continues() -> None:
    world = _started(World([seen(1)], webhook=webhook(status="paused")))

    _run(world)

    assert (len(world.sent), world.now.status) == (1, "finished")


def test_recovery_cancelled_during_a_step_sends_only_this_step() -> None:
    world = World([seen(number) for number in range(500)])

    class Cancelling(Run):
        def call(self, method, *arguments, **named):  # type: ignore[no-untyped-def]
            if method.__name__ == "advance":
                world.recovery = replace(world.now, status="cancelled")
            return super().call(method, *arguments, **named)

    _take(world, run=Cancelling())
    _run(world)

    assert (len(world.sent), world.counts, world.now.status) == (MOST_SENT, (0, 0, 0), "cancelled")


# ---- Early, late and repeated messages ----


def test_step_without_its_recovery_is_requeued() -> None:
    world = World(recovery=None)
    world.clock.now = NOW + TOO_LATE - MILLISECOND

    _take(world)

    assert (world.steps, world.delays) == ([FIRST], [STEP_EVERY])


def test_step_whose_recovery_never_appears_is_discarded() -> None:
    world = World(recovery=None)
    world.clock.now = NOW + TOO_LATE

    _take(world)

    assert world.steps == []


def test_completed_step_is_not_repeated() -> None:
    world = World([seen(number) for number in range(500)], recovery=recovery(step=3))

    _take(world, replace(FIRST, number=2))

    assert (world.sent, world.steps) == ([], [])


def test_step_ahead_of_the_recovery_takes_the_due_step() -> None:
    """The previous run queued the next step and crashed before it recorded its progress."""
    world = World([seen(number) for number in range(500)])

    _take(world, replace(FIRST, number=1))

    assert (world.steps, world.now.step) == ([replace(FIRST, number=1)], 1)


def test_only_one_of_two_parallel_runs_of_a_step_counts() -> None:
    world = World([seen(number) for number in range(500)])

    class Twice(Run):
        def call(self, method, *arguments, **named):  # type: ignore[no-untyped-def]
            if method.__name__ == "advance":
                _take(world)
            return super().call(method, *arguments, **named)

    _take(world, run=Twice())

    assert (world.now.step, world.counts) == (1, (100, 100, 0))
    _run(world)
    assert (world.now.status, world.counts) == ("finished", (500, 500, 0))
    assert len(set(world.sent)) == 500


def test_last_step_that_overtakes_the_previous_run_is_taken_again() -> None:
    world = World([seen(1)])

    class Overtaken(Run):
        def call(self, method, *arguments, **named):  # type: ignore[no-untyped-def]
            if method.__name__ == "finish":
                world.recovery = replace(world.now, step=1)
            return super().call(method, *arguments, **named)

    _take(world, replace(FIRST, number=1), run=Overtaken())

    before = world.now.status
    _run(world)
    assert (before, world.now.status) == ("running", "finished")


def _world() -> World:
    return _started(World([seen(number) for number in range(2 * MOST_SENT + 1)], [missed(9000)]))


def _whole_run(world: World, run: Run) -> None:
    """Process the queue as SQS does: a message stays until its run completes."""
    for _ in range(100):
        if not world.steps:
            return
        step = world.steps[0]
        try:
            _take(world, step, run=run)
        except CrashError:
            continue
        world.steps.remove(step)
    raise AssertionError("the queue does not become empty")


def _all_crashes() -> list[Crash]:
    whole = Run()
    _whole_run(_world(), whole)
    return every_crash(whole)


@pytest.mark.parametrize("crash", _all_crashes(), ids=lambda crash: f"{crash.when}-{crash.call}")
def test_recovery_completes_and_counts_once_after_a_crash_at_any_call(crash: Crash) -> None:
    world = _world()

    _whole_run(world, Run(crash))

    assert {each.event_id for each in world.sent} == {f"evt_{number}" for number in [*range(201), 9000]}
    assert (world.now.status, world.counts, world.steps) == ("finished", (202, 202, 0), [])
    assert len(world.sent) <= 202 + MOST_SENT
    assert len(world.entries) == 1


@pytest.mark.parametrize("kind", ["failed", "missing"])
def test_delivery_attempted_after_a_crash_counts_as_examined_not_as_sent(kind: Kind) -> None:
    """The first run sent the task and crashed. The attempt was made before the second run."""
    world = World([seen(1)], [missed(1)], recovery=_only(kind))
    whole = Run()
    _take(World([seen(1)], [missed(1)], recovery=_only(kind)), run=whole)
    last = Crash(whole.calls - 1, "before")
    with pytest.raises(CrashError):
        _take(world, run=Run(last))
    world.deliveries = world.misses = [seen(1, attempts=2, failed=False)]

    _take(world)

    assert (len(world.sent), world.counts, world.now.status) == (1, (1, 0, 0), "finished")


def test_step_is_late_only_after_the_longest_start_of_a_recovery() -> None:
    assert timedelta(seconds=10) < TOO_LATE, "the timeout of the start in the template"
    assert STEP_EVERY == 2 * SECOND


# ---- Rate-limited webhooks ----

LIMITED = webhook(rate_limit=RateLimit(1, 2, burst=1))
SLOW = webhook(slow_seconds=16)


def _run_in_time(world: World) -> list[timedelta]:
    """Process each step at its due time. Return the time from now until each planned attempt."""
    world.steps.append(FIRST)
    world.delays.append(timedelta(0))
    for _ in range(10_000):
        if not world.steps:
            return [due - NOW for _, due in world.planned]
        world.clock.now += world.delays.pop(0)
        _take(world, world.steps.pop(0))
    raise AssertionError("the queue does not become empty")


@pytest.mark.parametrize(
    ("of", "step", "most_steps"),
    [
        (LIMITED, 2.25 * SECOND, 400 / 13 + 2),
        (SLOW, 1.6 * SECOND, 400 + 2),
        (replace(SLOW, failing_since=NOW, failures=10), 16 * SECOND, 400 + 2),
        (webhook(rate_limit=RateLimit(200, 1, burst=1)), 5 * MILLISECOND, 4 + 2),
    ],
)
def test_recovery_reserves_its_attempts_within_the_rate_limit(of: Webhook, step: timedelta, most_steps: float) -> None:
    world = World([seen(number) for number in range(400)], webhook=of)
    due = _run_in_time(world)
    assert [each for each, _ in world.planned] == world.sent
    assert all(each.paced for each in world.sent)
    assert len({each.delivery_id for each in world.sent}) == len(due) == 400
    assert min(later - earlier for earlier, later in pairwise(due)) >= step
    assert due[-1] <= max(400 * step * 1.1, 4 * STEP_EVERY)
    assert (world.now.status, world.counts) == ("finished", (400, 400, 0))
    assert world.now.step <= most_steps


@pytest.mark.parametrize(("of", "ahead", "reach"), [(LIMITED, AHEAD, REACH), (SLOW, SLOW_AHEAD, SLOW_REACH)])
def test_new_tasks_can_reserve_after_the_reservations_of_a_step(
    of: Webhook, ahead: timedelta, reach: timedelta
) -> None:
    world = World([seen(number) for number in range(400)], webhook=of)
    _take(world)
    assert world.planned[-1][1] <= NOW + ahead < NOW + reach
    assert ahead / 2 <= world.delays[-1] + SECOND


@pytest.mark.parametrize(
    ("busy", "wait"),
    [
        (AHEAD + MILLISECOND, STEP_EVERY),
        (AHEAD + 3 * SECOND, 3 * SECOND),
        (REACH, REACH - AHEAD),
        (timedelta(days=1), timedelta(minutes=14)),
    ],
)
def test_recovery_waits_while_new_tasks_use_the_next_reservations(busy: timedelta, wait: timedelta) -> None:
    world = World([seen(1)], webhook=LIMITED, free_at=NOW + busy)
    _take(world)
    assert (world.sent, world.looks, world.now.step) == ([], 0, 0)
    assert (world.steps, world.delays) == ([replace(FIRST, waits=1)], [wait])


def test_recovery_can_use_the_last_reservation_within_its_limit() -> None:
    world = World([seen(1), seen(2)], webhook=LIMITED, free_at=NOW + AHEAD)
    _take(world)
    assert [due for _, due in world.planned] == [NOW + AHEAD]
    assert (world.now.step, world.counts) == (1, (1, 1, 0))


def test_task_that_lost_its_reservation_is_sent_without_one() -> None:
    world = World([seen(number) for number in range(40)], webhook=LIMITED, taken_meanwhile=50 * SECOND)
    _take(world)
    assert (len(world.sent), len(world.planned)) == (27, 5)
    assert [each.paced for each in world.sent] == [True] * 5 + [False] * 22


def test_skipped_deliveries_use_no_reservation() -> None:
    old = [seen(number, days_ago=31) for number in range(30)]
    world = World([*old, *(seen(number) for number in range(40))], webhook=LIMITED)
    _take(world)
    assert (len(world.planned), world.counts) == (20, (50, 20, 30))
    assert world.delays == [STEP_EVERY]  # there can be reservations left


def test_recovery_of_a_paused_webhook_is_not_rate_limited() -> None:
    world = World([seen(number) for number in range(150)], webhook=replace(LIMITED, status="paused"))
    _take(world)
    assert (len(world.sent), world.planned, world.delays) == (100, [], [STEP_EVERY])


def _paced_world() -> World:
    return World([seen(number) for number in range(40)], [missed(99)], webhook=LIMITED)


def _whole_paced_run() -> Run:
    run = Run()
    _take(_paced_world(), run=run)
    return run


@pytest.mark.parametrize("crash", every_crash(_whole_paced_run()))
def test_crash_at_any_call_of_a_rate_limited_step_loses_nothing(crash: Crash) -> None:
    world = _paced_world()
    with pytest.raises(CrashError):
        _take(world, run=Run(crash))
    _run_in_time(world)
    assert world.now.status == "finished"
    assert len({each.delivery_id for each in world.sent}) == 41


def test_steps_without_a_reservation_are_counted_until_one_succeeds() -> None:
    world = World([seen(1)], webhook=LIMITED, free_at=NOW + timedelta(days=1))
    assert _take(world)
    assert _take(world, world.steps.pop(0))
    assert [(each.number, each.waits) for each in world.steps] == [(0, 2)]

    world = World([seen(number) for number in range(200)])
    assert _take(world, replace(FIRST, waits=MOST_WAITS - 1))
    assert [(each.number, each.waits) for each in world.steps] == [(1, 0)]


def test_recovery_without_any_reservation_is_cancelled_at_the_limit() -> None:
    world = World([seen(1)], webhook=LIMITED, free_at=NOW + timedelta(days=1))
    assert _take(world, replace(FIRST, waits=MOST_WAITS - 1))
    assert not _take(world, world.steps.pop(0))
    assert (world.now.status, world.steps, world.sent) == ("cancelled", [], [])
    assert [entry.action for entry in world.entries] == ["webhook.recovery_cancelled"]
