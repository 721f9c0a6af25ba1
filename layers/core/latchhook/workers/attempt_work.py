"""The work of a batch for one of its messages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from latchhook.webhooks.attempts import Call, NoAttempt, Prepared
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.webhook import Webhook


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """The attempt of a message. `webhook` is the webhook whose receiver is called; None without a call."""

    message_id: str
    task: DeliveryTask
    prepared: Prepared
    webhook: Webhook | None
    call: Call = field(default_factory=Call)
    sent: "Future[Attempt | NoAttempt]" = field(default_factory=Future)

    @property
    def facts(self) -> dict[str, Any]:
        """The attempt's fields in log lines."""
        task = self.task
        return {
            "delivery_id": str(task.delivery_id),
            "webhook_id": str(task.webhook_id),
            "attempt": task.attempt,
        }


def by_webhook(works: Iterable[Work]) -> Sequence[tuple[Webhook | None, Sequence[Work]]]:
    """Return the work grouped by webhook. Work without a call is one group."""
    groups: dict[UUID | None, list[Work]] = defaultdict(list)
    for work in works:
        groups[None if work.webhook is None else work.webhook.id].append(work)
    return [(group[0].webhook, group) for group in groups.values()]
