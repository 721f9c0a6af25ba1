"""Deliveries that wait while their webhook is paused, and what lets them go when it is resumed."""

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
    """A task that waits. Held again it waits under another `hold_id`, so that letting one go never loses the other."""

    task: DeliveryTask
    hold_id: UUID
    until: datetime
    """As long as its event is kept."""


class HeldTasks(Protocol):
    """Where tasks are held."""

    def held(self, webhook_id: UUID, *, limit: int) -> Sequence[HeldTask]:
        """Some tasks that are held for a webhook, strongly consistent, the oldest event's first."""

    def let_go(self, tasks: Sequence[HeldTask]) -> None:
        """Holds these no more."""


class Webhooks(Protocol):
    """Where webhooks are kept."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """One webhook of the account, strongly consistent, or None."""


class Tasks(Protocol):
    """Where deliveries wait to be made."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, or raises `DependencyUnavailableError`."""


@dataclass(frozen=True, slots=True)
class Releaser:
    """Lets go what is held for webhooks that are not paused any more."""

    webhooks: Webhooks
    held: HeldTasks
    queue: Tasks
    clock: Clock

    def release(self, account_id: str, webhook_id: UUID, *, may_go_on: Callable[[], bool]) -> bool:
        """Sends a webhook's held tasks on; False if `may_go_on` said no before all had gone.

        Sent first and let go after: a run that stops in between sends some twice, and the second time their attempt is
        recorded already. If the webhook is paused again, the rest waits for its next resumption; if it is deleted, they
        are let go and not sent.
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
