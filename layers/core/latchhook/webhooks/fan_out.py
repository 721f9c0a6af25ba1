"""From one accepted event to one delivery for each webhook that picks and wants it; safe to run again at any point."""

from collections.abc import Sequence
from typing import Protocol

from latchhook.webhooks.delivery import DeliveryTask, delivery_id
from latchhook.webhooks.errors import UnreadableFilterError
from latchhook.webhooks.event import Event
from latchhook.webhooks.event_names import picks
from latchhook.webhooks.webhook import Webhook


class EventRecords(Protocol):
    """Where accepted events are kept."""

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Keeps the event, or finds it kept.

        Gives it as it is kept if it was accepted under this `receipt`, now or in an earlier run that did not end; None
        if the same id was accepted under another receipt before: then that one's run sends its tasks.
        """

    def miss(self, tasks: Sequence[DeliveryTask]) -> None:
        """Keeps deliveries that are not attempted now, for a recovery."""


class AccountWebhooks(Protocol):
    """Where webhooks are kept."""

    def of_account(self, account_id: str) -> Sequence[Webhook]:
        """All webhooks of an account, as they are now."""


class Tasks(Protocol):
    """Where deliveries wait to be made."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, or raises `StoreUnavailableError`."""


class Filters(Protocol):
    """Holds events against webhooks' filters."""

    def wanting(self, event: Event, webhooks: Sequence[Webhook]) -> tuple[Sequence[Webhook], Sequence[Webhook]]:
        """Of `webhooks` those that want the event by its body, and those whose filter can't be read."""


def fan_out(
    event: Event,
    *,
    receipt: str,
    events: EventRecords,
    webhooks: AccountWebhooks,
    filters: Filters,
    queue: Tasks,
) -> int | None:
    """Records the event once and sends its deliveries' tasks; gives how many, or None for a repeated event.

    A run that stops between the two is run again by the queue: it finds the event recorded under its own receipt
    and sends the tasks once more. A task that was sent twice meets the record of its attempt and does nothing. What a
    disabled webhook would have got is kept for a recovery.

    Raises `UnreadableFilterError`, when the other webhooks have their tasks, so that the event waits for the webhooks
    whose filters can't be read instead of being lost to them.
    """
    kept = events.record_once(event, receipt=receipt)
    if kept is None:
        return None
    picking = [
        webhook
        for webhook in webhooks.of_account(kept.account_id)
        if webhook.url is not None and picks(webhook.events, kept.name)
    ]
    wanting, unreadable = filters.wanting(kept, picking)
    tasks = [_first_attempt(kept, webhook) for webhook in wanting if webhook.status != "disabled"]
    queue.send(tasks)
    events.miss([_first_attempt(kept, webhook) for webhook in wanting if webhook.status == "disabled"])
    if unreadable:
        raise UnreadableFilterError([webhook.id for webhook in unreadable])
    return len(tasks)


def _first_attempt(event: Event, webhook: Webhook) -> DeliveryTask:
    return DeliveryTask(
        account_id=event.account_id,
        webhook_id=webhook.id,
        event_id=event.id,
        delivery_id=delivery_id(
            account_id=event.account_id,
            event_id=event.id,
            webhook_id=webhook.id,
            accepted_at=event.accepted_at,
        ),
        attempt=1,
    )
