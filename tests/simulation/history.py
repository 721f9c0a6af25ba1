"""A random history from a seed: callers publish events and change webhooks while processes crash. Checks follow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.simulation.actions import ACCOUNTS, BEHAVIOURS, Actions
from tests.simulation.checks import Checks, Records, Violation
from tests.simulation.dynamodb import LAG_SECONDS
from tests.simulation.model import Model, WebhookModel
from tests.simulation.wiring import Outside
from tests.simulation.world import World

MOST_DAYS = 20.0
"""The longest history. Events are kept for 30 days, and a longer history counts as endless."""


@dataclass(frozen=True)
class Counts:
    """The size of a history."""

    events: int = 0
    crashes: int = 0
    posts: int = 0
    invocations: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.events + other.events,
            self.crashes + other.crashes,
            self.posts + other.posts,
            self.invocations + other.invocations,
        )


class History:
    """A deployment, its model and the actions on it."""

    def __init__(self, outside: Outside, seed: int, *, traces: bool = False) -> None:
        self.world = World(outside, seed)
        self.lines: list[str] = []
        if traces:
            self.world.trace_to(self.lines)
        self.model = Model()
        self.actions = Actions(self.world, self.model)
        self.rng = self.world.rng
        self.crash_rate = 0.0
        self.errors: list[BaseException] = []
        self.world.lambdas.crash_at = self._crash_at

    def _crash_at(self, function: str) -> int | None:
        if self.rng.random() >= self.crash_rate:
            return None
        return self.rng.choice((0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30))

    def do(self, work: Callable[[], Any], *, after: float = 0.0) -> None:
        """Run something in a task. An error ends the history."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001  # raised where the history is run
                self.errors.append(error)

        self.world.time.start(run, after=after)

    def run(self, *, days: float = MOST_DAYS) -> None:
        """Run until nothing is left to do."""
        is_idle = self.world.run_until_idle(days=days)
        if self.errors:
            raise self.errors[0]
        if not is_idle:
            left = {queue.name: queue.left for queue in self.world.sqs.queues.values() if queue.left}
            raise Violation(f"something goes on for {days} days: {left}")

    @property
    def webhooks(self) -> Sequence[WebhookModel]:
        """The webhooks that are not deleted."""
        return [webhook for webhook in self.model.webhooks if not webhook.is_deleted]

    def break_things(self) -> None:
        """Enable crashes, failing calls and repeated messages."""
        self.crash_rate = 0.1
        self.world.calls.faults.call_fails = 0.003
        self.world.calls.faults.answer_lost = 0.002
        self.world.sqs.repeats = 0.02
        self.world.sqs.refuses = 0.003
        self.world.scheduler.repeats = 0.05
        self.world.dynamodb.leaves_over = 0.02
        for stream in self.world.streams:
            stream.repeats = 0.1

    def calm_down(self) -> None:
        """Disable all faults and slow calls except those of receivers."""
        self.crash_rate = 0.0
        self.world.calls.faults.call_fails = self.world.calls.faults.answer_lost = 0.0
        self.world.sqs.refuses = self.world.dynamodb.leaves_over = self.world.calls.slow = 0.0

    # ---- End of a history ----

    def settle_and_check(self) -> None:
        """Run to the end and check the history. Then recover with working receivers, and check again."""
        checks = Checks(self.world, self.model)
        self.run()
        self.calm_down()
        for webhook in self.webhooks:
            if (webhook.current or {}).get("status") == "paused":
                self.do(partial(self.actions.resume, webhook))
        self.run()
        checks.requests()
        checks.rates()
        checks.nothing_waits()
        records = self._records(checks)
        checks.recorded(records)
        self._jobs_ended()
        checks.ended(records, was_disabled=self._disabled())
        self._recover_all()
        checks.requests()
        records = self._records(checks)
        checks.recorded(records)
        checks.nothing_waits()
        self._jobs_ended()
        checks.delivered(records)

    def _recover_all(self) -> None:
        for webhook in self.webhooks:
            self.actions.behave(webhook, "answers")
            self.do(partial(self._recover, webhook))
        self.run()

    def _recover(self, webhook: WebhookModel) -> None:
        self.actions.resume(webhook)
        hours = self.world.time.seconds / 3600
        before = len(webhook.recoveries)
        self.actions.recover(webhook, hours=hours)
        if len(webhook.recoveries) == before:
            raise Violation(f"webhook {webhook.id} can't be recovered: a recovery does not end")

    def _records(self, checks: Checks) -> Records:
        """Return the recorded attempts, read after all writes are visible."""
        found: dict[str, Any] = {}

        def read(webhook: WebhookModel) -> None:
            found[webhook.id] = checks.records_of(webhook)

        for webhook in self.webhooks:
            self.do(partial(read, webhook), after=2 * LAG_SECONDS)
        self.run()
        return found

    def _disabled(self) -> Mapping[str, bool]:
        """Return whether each webhook is disabled, or may have been disabled by a 410 response."""
        gone = {post.url.rsplit("/", 1)[0] for post in self.world.posts if post.status == 410}
        disabled: dict[str, bool] = {}

        def send_request(webhook: WebhookModel) -> None:
            answered = self.world.send_request("get_webhook", account=webhook.account, path={"id": webhook.id})
            disabled[webhook.id] = answered.body["status"] == "disabled" or webhook.base in gone

        for webhook in self.webhooks:
            self.do(partial(send_request, webhook))
        self.run()
        return disabled

    def _jobs_ended(self) -> None:
        def send_request(webhook: WebhookModel, recovery: str) -> None:
            path = {"id": webhook.id, "recoveryId": recovery}
            answered = self.world.send_request("get_webhook_recovery", account=webhook.account, path=path)
            if answered.status != 200 or answered.body["status"] == "running":
                raise Violation(f"recovery {recovery} of webhook {webhook.id} does not end: {answered.body}")

        for webhook in self.webhooks:
            for recovery in webhook.recoveries:
                self.do(partial(send_request, webhook, recovery))
        self.run()

    @property
    def counts(self) -> Counts:
        """The size of the history so far."""
        return Counts(
            len(self.model.events), self.world.calls.faults.crashes, len(self.world.posts), self.world.lambdas.count
        )


class RandomHistory(History):
    """A history determined by its seed."""

    def __init__(self, outside: Outside, seed: int, *, events: int = 200, traces: bool = False) -> None:
        super().__init__(outside, seed, traces=traces)
        self._events = events
        self._seconds = self.rng.choice((60, 600, 3600, 6 * 3600))
        """The duration of all actions in seconds."""
        self._pauses_once = self.rng.random() < 0.4
        """Whether each webhook is paused only once, during deliveries with slow calls. No later resume can hide a
        fault then.
        """
        if self._pauses_once:
            self._seconds = 60
            self.world.calls.slow = 0.12

    def play(self) -> Counts:
        """Play and check the history."""
        for account in ACCOUNTS[: self.rng.randint(1, 2)]:
            for _ in range(self.rng.randint(1, 2)):
                self.do(partial(self.actions.create, account))
        self.run()
        self.break_things()
        for at in self._moments(self._events // 10):
            self.do(self._publish_some, after=at)
        for webhook in self.webhooks:
            self.do(partial(self._administrate, webhook))
            for at in self._moments(6):
                self.do(partial(self._behave, webhook), after=at)
        self.settle_and_check()
        return self.counts

    def _moments(self, count: int) -> Iterator[float]:
        return (self.rng.uniform(0, self._seconds) for _ in range(count))

    def _publish_some(self) -> None:
        account = self.rng.choice(ACCOUNTS)
        count = self.rng.choice((1, 5, 10, 10, 25))
        self.actions.publish(account, count, is_batch=self.rng.random() < 0.8)
        if self.rng.random() < 0.1:
            self.actions.publish_again(self.rng.choice(list(self.model.events.values())))

    def _behave(self, webhook: WebhookModel) -> None:
        self.actions.behave(webhook, self.rng.choice((*BEHAVIOURS, "answers", "answers", "flaps")))

    def _pause_during_a_burst(self, webhook: WebhookModel) -> None:
        time = self.world.time
        time.sleep(self.rng.uniform(0, self._seconds))
        self.do(partial(self.actions.publish, webhook.account, 25, is_batch=True))
        time.sleep(2 * self.rng.random())
        self.actions.pause(webhook)
        time.sleep(2 * self.rng.random())
        self.actions.resume(webhook)

    def _administrate(self, webhook: WebhookModel) -> None:
        """Run the actions of one admin in sequence."""
        actions, time = self.actions, self.world.time
        end = time.seconds + self._seconds
        if self._pauses_once:
            self._pause_during_a_burst(webhook)
            return
        while not webhook.is_deleted:
            time.sleep(self.rng.expovariate(10 / self._seconds))
            if time.seconds > end:
                return
            if self.rng.random() < 0.4:
                for _ in range(self.rng.choice((1, 4, 8))):
                    actions.pause(webhook)
                    time.sleep(self.rng.choice((0.01, 0.1, 1, 10, 100)) * self.rng.random())
                    actions.resume(webhook)
                    time.sleep(0.2 * self.rng.random())
                continue
            draw = self.rng.uniform(0.4, 1)
            if draw < 0.5:
                actions.resume(webhook)
            elif draw < 0.6:
                self.rng.choice((actions.move, actions.choose, actions.rotate))(webhook)
            elif draw < 0.7:
                actions.limit(webhook)
            elif draw < 0.8:
                actions.recover(webhook, hours=10, only=self.rng.choice((None, "failed", "missing")))
            elif draw < 0.83:
                actions.cancel(webhook)
            elif draw < 0.93:
                actions.retry(webhook)
            elif draw < 0.94:
                self._replace(webhook)

    def _replace(self, webhook: WebhookModel) -> None:
        """Delete a webhook, and sometimes create another one."""
        self.actions.delete(webhook)
        if self.rng.random() < 0.5:
            self.actions.create(webhook.account)
