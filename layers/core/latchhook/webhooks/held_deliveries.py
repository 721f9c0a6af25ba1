"""Deliveries that wait while their webhook is paused, and what lets them go when it is resumed."""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from latchhook.webhooks.delivery import DeliveryTask

PAGE = 100


class HeldTasks(Protocol):
    """Where tasks are held."""

    def held(self, webhook_id: UUID, *, limit: int) -> Sequence[DeliveryTask]:
        """Some tasks that are held for a webhook, the oldest event's first."""

    def let_go(self, tasks: Sequence[DeliveryTask]) -> None:
        """Holds these no more."""


class Tasks(Protocol):
    """Where deliveries wait to be made."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, or raises `StoreUnavailableError`."""


def release(webhook_id: UUID, *, held: HeldTasks, queue: Tasks, may_go_on: Callable[[], bool]) -> bool:
    """Sends a webhook's held tasks on; False if `may_go_on` said no before all had gone.

    Sent first and let go after: a run that stops in between sends some twice, and the second time their attempt is
    recorded already. If the webhook is paused again meanwhile, they come back.
    """
    while tasks := held.held(webhook_id, limit=PAGE):
        if not may_go_on():
            return False
        queue.send(tasks)
        held.let_go(tasks)
    return True
