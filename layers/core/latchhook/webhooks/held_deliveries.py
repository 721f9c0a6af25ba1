"""Releases the parked deliveries of a webhook when it is resumed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.webhook import Webhook

PAGE = 100


@dataclass(frozen=True, slots=True)
class HeldTask:
    """A parked task. A task that is parked again has another `hold_id`, so that deleting one keeps the other."""

    task: DeliveryTask
    hold_id: UUID
    until: datetime
    """The end of the event's retention."""


class HeldTasks(Protocol):
    """The storage of parked tasks."""

    def held(self, webhook_id: UUID, *, limit: int) -> Sequence[HeldTask]:
        """Return parked tasks of a webhook, oldest event first, with a strongly consistent read."""

    def let_go(self, tasks: Sequence[HeldTask]) -> None:
        """Delete these parked tasks."""


class Webhooks(Protocol):
    """The storage of webhooks."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """Return a webhook of the account, or None, with a strongly consistent read."""


class Tasks(Protocol):
    """The queue of delivery tasks."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Send all tasks to the queue. Raises `DependencyUnavailableError`."""


@dataclass(frozen=True, slots=True)
class Releaser:
    """Releases the parked tasks of webhooks that are no longer paused."""

    webhooks: Webhooks
    held: HeldTasks
    queue: Tasks
    clock: Clock

    def release(self, account_id: str, webhook_id: UUID, *, may_go_on: Callable[[], bool]) -> bool:
        """Release a webhook's parked tasks. Return False if `may_go_on` stops it before all are released.

        Tasks are sent before they are deleted. A run that stops in between sends some tasks twice, and the second task
        finds its recorded attempt. If the webhook is paused again, the other tasks stay parked. If the webhook was
        deleted, its tasks are deleted and not sent.
        """
        while True:
            webhook = self.webhooks.find_webhook(account_id, webhook_id)
            if webhook is not None and webhook.status == "paused":
                return True
            found = self.held.held(webhook_id, limit=PAGE)
            if not found:
                return True
            if not may_go_on():
                return False
            now = self.clock()
            if webhook is not None:
                self.queue.send([each.task for each in found if each.until > now])
            self.held.let_go(found)
