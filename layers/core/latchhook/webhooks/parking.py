"""Parks deliveries that cannot be sent now under their webhook, with the reason. draining.py releases them.

- `paused`: the webhook is paused. Resuming it starts its drain.
- `rate_limit`: no reservation is available soon. Parking starts the webhook's drain.
- `disabled`: the webhook is disabled. A recovery sends these deliveries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.ports import Webhooks
from latchhook.webhooks.webhook import Webhook

Reason = Literal["paused", "rate_limit", "disabled"]


class ParkedTasks(Protocol):
    """The storage of parked deliveries."""

    def put(self, tasks: Sequence[DeliveryTask], *, reason: Reason, now: datetime) -> None:
        """Store tasks until the retention of their events ends."""


class Drains(Protocol):
    """Starts drains (draining.py)."""

    def start(self, account_id: str, webhook_id: UUID, *, now: datetime) -> None:
        """Start the webhook's drain if it does not run."""


@dataclass(frozen=True, slots=True)
class Parking:
    """Parks deliveries."""

    parked: ParkedTasks
    webhooks: Webhooks
    drains: Drains
    clock: Clock

    def park(self, webhook: Webhook, tasks: Sequence[DeliveryTask], reason: Reason) -> None:
        """Park a webhook's tasks. Raises `DependencyUnavailableError`.

        If the webhook was paused when it was read, it is read again after the tasks are stored. If it is no longer
        paused, its resumption may have missed these tasks, so its drain starts here. Tasks of a disabled webhook do not
        start a drain. Only their first attempts are stored, because a delivery with attempts is in the delivery log.
        """
        if reason == "disabled":
            tasks = [task for task in tasks if task.attempt == 1]
        if not tasks:
            return
        now = self.clock()
        self.parked.put(tasks, reason=reason, now=now)
        if reason == "rate_limit" or (reason == "paused" and not self._is_paused(webhook)):
            self.drains.start(webhook.account_id, webhook.id, now=now)

    def _is_paused(self, webhook: Webhook) -> bool:
        current = self.webhooks.find_webhook(webhook.account_id, webhook.id)
        return current is not None and current.status == "paused"
