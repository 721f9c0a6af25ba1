"""Histories that hypothesis generates action by action, and shortens when they break a guarantee."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.simulation.actions import ACCOUNTS, BEHAVIOURS
from tests.simulation.history import History
from tests.simulation.model import WebhookModel
from tests.simulation.wiring import wired

WEBHOOKS = st.integers(0, 3)
SECONDS = st.sampled_from((0.0, 0.01, 0.05, 0.2, 1.0, 5.0, 60.0, 900.0, 20_000.0))


class EventPath(RuleBasedStateMachine):
    """A deployment. Each rule starts an action, which runs concurrently with other actions and the workers."""

    @initialize(seed=st.integers(0, 2**32))
    def deploy(self, seed: int) -> None:
        self._resources = ExitStack()
        self.history = History(self._resources.enter_context(wired()), seed)
        self._busy: set[str] = set()
        self._create(ACCOUNTS[0])
        self.history.run()
        self.history.break_things()

    @rule(seconds=SECONDS)
    def pass_time(self, seconds: float) -> None:
        world = self.history.world
        until = world.time.seconds + seconds
        world.time.run(until=until)
        world.time.seconds = max(world.time.seconds, until)
        if self.history.errors:
            raise self.history.errors[0]

    @rule(count=st.integers(1, 12), is_batch=st.booleans())
    def publish(self, count: int, is_batch: bool) -> None:
        self.history.do(partial(self.history.actions.publish, ACCOUNTS[0], count, is_batch=is_batch))

    @rule(at=st.integers(0, 100))
    def publish_again(self, at: int) -> None:
        if events := list(self.history.model.events.values()):
            self.history.do(partial(self.history.actions.publish_again, events[at % len(events)]))

    @precondition(lambda self: len(self.history.model.webhooks) < 4)
    @rule()
    def create(self) -> None:
        self._create(ACCOUNTS[0])

    @rule(at=WEBHOOKS, change=st.sampled_from(("pause", "resume", "move", "choose", "limit", "rotate", "retry")))
    def change(self, at: int, change: str) -> None:
        self._of_webhook(at, getattr(self.history.actions, change))

    @rule(at=WEBHOOKS, only=st.sampled_from((None, "failed", "missing")))
    def recover(self, at: int, only: str | None) -> None:
        self._of_webhook(at, partial(self.history.actions.recover, hours=10, only=only))

    @rule(at=WEBHOOKS)
    def delete(self, at: int) -> None:
        self._of_webhook(at, self.history.actions.delete)

    @rule(at=WEBHOOKS, behaviour=st.sampled_from(sorted(BEHAVIOURS)))
    def behave(self, at: int, behaviour: str) -> None:
        if (webhook := self._webhook(at)) is not None:
            self.history.actions.behave(webhook, behaviour)

    def teardown(self) -> None:
        try:
            if hasattr(self, "history"):
                self.history.settle_and_check()
        finally:
            if hasattr(self, "_resources"):
                self._resources.close()

    def _create(self, account: str) -> None:
        self.history.do(partial(self.history.actions.create, account))

    def _webhook(self, at: int) -> WebhookModel | None:
        webhooks = self.history.webhooks
        return webhooks[at % len(webhooks)] if webhooks else None

    def _of_webhook(self, at: int, action: Callable[[WebhookModel], None]) -> None:
        """Run at most one action per webhook, because the model does not support concurrent changes of a webhook."""
        webhook = self._webhook(at)
        if webhook is None or webhook.id in self._busy:
            return
        self._busy.add(webhook.id)

        def act() -> None:
            try:
                if not webhook.is_deleted:
                    action(webhook)
            finally:
                self._busy.discard(webhook.id)

        self.history.do(act)


TestEventPath = EventPath.TestCase
TestEventPath.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
