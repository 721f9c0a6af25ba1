"""A webhook with parked deliveries, a recovery, reservations and queues, for the tests of drains."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Literal
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.rates import RateLimit
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.draining import Drainer, DrainStarter, DrainState, DrainStep, Parked
from latchhook.webhooks.parking import Parking, Reason
from latchhook.webhooks.rate_limiter import Release
from latchhook.webhooks.recovery import Recovery, Status
from latchhook.webhooks.recovery_scan import RecoveryScan, Seen
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run
from tests.samples import ACCOUNT, MILLISECOND, NOW, MovableClock, event, recovery, task, webhook

When = Literal["before", "after"]

LIMITED = webhook(rate_limit=RateLimit(1, 2, burst=1))
STEP = timedelta(seconds=2.25)
"""The time between two reservations of `LIMITED`."""
SLOW = webhook(slow_seconds=16)
PAUSED = replace(LIMITED, status="paused")
RETENTION = timedelta(days=30)
TASKS = [task(event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND)) for number in range(5)]
FIRST = DrainStep(ACCOUNT, LIMITED.id, 0)
DELIVERED_AGAIN_AFTER = timedelta(minutes=3)


def seen(number: int, *, attempts: int = 1, failed: bool = True, is_test: bool = False, days_ago: float = 0.01) -> Seen:
    """Return a delivery with attempts. A higher number is a later event."""
    of = event(f"evt_{number}", accepted_at=NOW - timedelta(days=days_ago) + number * MILLISECOND)
    return Seen(task(of).delivery_id, of.id, attempts, failed, is_test)


def missed(number: int, *, days_ago: float = 0.01, parked_at: int = 0) -> Seen:
    """Return a delivery that a disabled webhook missed."""
    return replace(seen(number, attempts=0, failed=False, days_ago=days_ago), parked_key=f"{number}-{parked_at}")


@dataclass
class World:
    """The state outside of the code. It survives a crash of a run."""

    webhook: Webhook | None = LIMITED
    parked: list[Parked] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    at: DrainState | None = None
    claimed_until: datetime = NOW
    steps: list[tuple[datetime, DrainStep]] = field(default_factory=list)
    """The queued steps and the times of their arrival."""
    free: int = 10_000
    """The number of available reservations."""
    free_at: datetime = NOW
    reaches: list[timedelta] = field(default_factory=list)
    guards: list[int] = field(default_factory=list)
    sent: list[DeliveryTask] = field(default_factory=list)
    """The tasks in the slow queue, each with its reservation if it has one."""
    recovery: Recovery | None = None
    failed: list[Seen] = field(default_factory=list)
    missed_ones: list[Seen] = field(default_factory=list)
    examined: int = 0
    """The number of deliveries that were read, also repeatedly."""
    entries: list[AuditEntry] = field(default_factory=list)
    clock: MovableClock = field(default_factory=MovableClock)

    # ---- Parked deliveries and drains ----

    def put(self, tasks: Sequence[DeliveryTask], *, reason: Reason, now: datetime) -> None:
        for each in tasks:
            self.parked.append(Parked(f"{reason}-{next(self.numbers)}", each, NOW + RETENTION))

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Parked]:
        assert webhook_id == LIMITED.id
        return [each for each in self.parked if not each.key.startswith("disabled")][:limit]

    def delete(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        self.parked = [each for each in self.parked if each.key not in keys]

    def state(self, webhook_id: UUID) -> DrainState | None:
        return self.at

    def claim(self, webhook_id: UUID, at: DrainState | None, *, now: datetime, until: datetime) -> bool:
        if self.at != at or self.claimed_until > now:
            return False
        self.claimed_until = until
        return True

    def move(self, webhook_id: UUID, before: DrainState | None, after: DrainState, *, now: datetime) -> bool:
        if self.at != before:
            return False
        self.at, self.claimed_until = after, NOW
        return True

    # ---- The webhook, its reservations and the queues ----

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        assert (account_id, webhook_id) == (ACCOUNT, LIMITED.id)
        return self.webhook

    def next_free(self, webhook_id: UUID, *, interval_micros: int, now: datetime) -> datetime:
        return max(now, self.free_at)

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
        assert count, "called with a count of 0"
        self.reaches.append(until - now)
        self.guards.append(guard_micros)
        first, apart = max(now, self.free_at), timedelta(microseconds=interval_micros + guard_micros)
        times = [first + number * apart for number in range(min(count, self.free)) if first + number * apart <= until]
        self.free -= len(times)
        self.free_at = times[-1] + apart if times else self.free_at
        return times

    def send(self, what: DrainStep | Sequence[DeliveryTask], *, delay: timedelta | None = None) -> None:
        if isinstance(what, DrainStep):
            assert delay is not None
            self.steps.append((self.clock() + delay, what))
        else:
            self.sent += what

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        assert all(each.reserved_at == due for each, due in tasks)
        self.sent += [each for each, _ in tasks]

    # ---- The recovery and its deliveries ----

    def running(self, webhook_id: UUID) -> Recovery | None:
        assert webhook_id == LIMITED.id
        return self.recovery if self.recovery is not None and self.recovery.status == "running" else None

    def advance(self, recovery: Recovery) -> bool:
        if self.running(recovery.webhook_id) is None:
            return False
        self.recovery = recovery
        return True

    def end(self, recovery: Recovery, status: Status, entry: AuditEntry) -> bool:
        running = self.running(recovery.webhook_id)
        if running is None:
            return False
        self.recovery = replace(running, status=status, ended_at=entry.origin.at)
        self.entries.append(entry)
        return True

    def attempted(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None) -> Iterator[Seen]:
        assert self.recovery is not None
        assert (since, until) == (self.recovery.since, self.recovery.until)
        return self._after(self.failed, after)

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None) -> Iterator[Seen]:
        assert self.recovery is not None
        assert (since, until) == (self.recovery.since, self.recovery.until)
        return self._after(self.missed_ones, after)

    def delete_missed(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        self.missed_ones = [each for each in self.missed_ones if each.parked_key not in keys]

    def _after(self, deliveries: Sequence[Seen], after: UUID | None) -> Iterator[Seen]:
        for each in list(deliveries):
            if after is None or each.delivery_id > after:
                self.examined += 1
                yield each

    # ---- For assertions ----

    @property
    def ids(self) -> list[str]:
        """The events of the sent tasks."""
        return [each.event_id for each in self.sent]

    @property
    def progress(self) -> tuple[str, int, int, int]:
        """The recovery's status, and its numbers of examined, sent and skipped deliveries."""
        assert self.recovery is not None
        return self.recovery.status, self.recovery.examined, self.recovery.sent, self.recovery.skipped

    @property
    def is_drained(self) -> bool:
        """Whether the drain has ended with nothing left to release."""
        has_ended = self.at is not None and not self.at.is_running
        return has_ended and not self.steps and not self.parked and self.running(LIMITED.id) is None


class Meanwhile(Run):
    """A run in which another run makes `change` at the first call of `method`, before or after the call's effect."""

    def __init__(
        self, method: str, change: Callable[[], Any], *, when: When = "before", crash: Crash | None = None
    ) -> None:
        super().__init__(crash)
        self._method, self._change, self._when = method, change, when
        self.has_changed = False

    def call(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call `method`, and make the change if it is due."""

        def changing(*arguments: Any, **named: Any) -> Any:
            if self.has_changed or method.__name__ != self._method:
                return method(*arguments, **named)
            self.has_changed = True
            if self._when == "before":
                self._change()
            response = method(*arguments, **named)
            if self._when == "after":
                self._change()
            return response

        return super().call(changing, *arguments, **named)


def recovering(**changes: Any) -> World:
    """Return a world with a running recovery of an unlimited webhook."""
    return World(changes.pop("webhook", webhook()), recovery=changes.pop("recovery", recovery()), **changes)


def scan_of(world: World) -> RecoveryScan:
    """Return the part of a drain that releases the recovery's deliveries."""
    return RecoveryScan(world, world, Release(world, world, 10), Random(1), RETENTION)


def start(world: World, *, run: Run | None = None) -> None:
    """Start the drain, as a change of the webhook or a new recovery does."""
    outside = world if run is None else run.watches(world)
    DrainStarter(outside, outside).start(ACCOUNT, LIMITED.id, now=world.clock())


def park(
    world: World,
    tasks: Sequence[DeliveryTask] = TASKS,
    reason: Reason = "rate_limit",
    *,
    of: Webhook = LIMITED,
    run: Run | None = None,
) -> None:
    """Park tasks of a webhook that was read as `of`."""
    outside = world if run is None else run.watches(world)
    Parking(outside, outside, DrainStarter(outside, outside), world.clock).park(of, tasks, reason)


def take(world: World, step: DrainStep = FIRST, *, run: Run | None = None) -> bool:
    """Take one step."""
    outside = world if run is None else run.watches(world)
    scan, release = scan_of(outside), Release(outside, outside, 10)
    drainer = Drainer(DrainStarter(outside, outside), outside, scan, release, world.clock, Random(1))
    return drainer.take(step)


def drain(world: World, *, run: Run | None = None) -> int:
    """Take the queued steps, each at its time, until the queue is empty. Return their number.

    As in SQS, the message of a crashed step arrives again.
    """
    for number in range(10_000):
        if not world.steps:
            return number
        due, step = world.steps.pop(min(range(len(world.steps)), key=lambda at: world.steps[at][0]))
        world.clock.now = max(world.clock.now, due)
        try:
            take(world, step, run=run)
        except CrashError:
            world.steps.append((world.clock() + DELIVERED_AGAIN_AFTER, step))
    raise AssertionError("the queue does not become empty")
