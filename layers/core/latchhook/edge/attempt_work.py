"""What a batch has to do for one of its messages."""

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
    """A message's attempt. `webhook` is the one whose receiver it calls, None if it calls none."""

    message_id: str
    task: DeliveryTask
    prepared: Prepared
    webhook: Webhook | None
    call: Call = field(default_factory=Call)
    sent: "Future[Attempt | NoAttempt]" = field(default_factory=Future)

    @property
    def facts(self) -> dict[str, Any]:
        """What the log says of it."""
        task = self.task
        return {
            "delivery_id": str(task.delivery_id),
            "webhook_id": str(task.webhook_id),
            "attempt": task.attempt,
        }


def by_webhook(works: Iterable[Work]) -> Sequence[tuple[Webhook | None, Sequence[Work]]]:
    """The work that belongs to one webhook together, and what calls none."""
    groups: dict[UUID | None, list[Work]] = defaultdict(list)
    for work in works:
        groups[None if work.webhook is None else work.webhook.id].append(work)
    return [(group[0].webhook, group) for group in groups.values()]
