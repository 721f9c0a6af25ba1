"""From one accepted event to one delivery for each webhook that picks and wants it; safe to run again at any point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.delivery import Attempt, DeliveryTask, delivery_id
from latchhook.webhooks.errors import UnreadableFilterError
from latchhook.webhooks.event import Event
from latchhook.webhooks.event_names import picks
from latchhook.webhooks.filters import MAX_WORK
from latchhook.webhooks.webhook import Webhook

TOO_EXPENSIVE = (
    f"Not sent: the webhook's filter takes more than {MAX_WORK} comparisons for this event (array elements times "
    "alternatives). Retry the delivery to send it without the filter, or use exact values or fewer alternatives."
)
"""Why a delivery fails before its first call, in a customer's words."""

RECORDED_TOGETHER = 25


class EventRecords(Protocol):
    """Where accepted events are kept."""

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Keeps the event, or finds it kept.

        Gives it as it is kept if it was accepted under this `receipt`, now or in an earlier run that did not end; None
        if the same id was accepted under another receipt before: then that one's run sends its tasks.
        """

    def miss(self, tasks: Sequence[DeliveryTask]) -> None:
        """Keeps deliveries that are not attempted now, for a recovery."""

    def record(self, attempts: Sequence[Attempt]) -> Sequence[object]:
        """Keeps at most 25 attempts; `DependencyUnavailableError` is in the place of an attempt that was not kept."""


class AccountWebhooks(Protocol):
    """Where webhooks are kept."""

    def of_account(self, account_id: str) -> Sequence[Webhook]:
        """All webhooks of an account, as they are now."""


class Tasks(Protocol):
    """Where deliveries wait to be made."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, or raises `DependencyUnavailableError`."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Webhooks that pick an event by its name, by what their filters say."""

    wanting: list[Webhook] = field(default_factory=list)
    unreadable: list[Webhook] = field(default_factory=list)
    too_expensive: list[Webhook] = field(default_factory=list)


class Filters(Protocol):
    """Compares events with webhooks' filters."""

    def choose(self, event: Event, webhooks: Sequence[Webhook], *, may_go_on: Callable[[], bool]) -> Chosen:
        """Compares the event with each webhook's filter; raises `OutOfTimeError` when it may not go on."""


def fan_out(
    event: Event,
    *,
    receipt: str,
    events: EventRecords,
    webhooks: AccountWebhooks,
    filters: Filters,
    queue: Tasks,
    clock: Clock,
    may_go_on: Callable[[], bool] = lambda: True,
) -> int | None:
    """Records the event once and sends its deliveries' tasks; gives how many, or None for a repeated event.

    A run that stops between the two is run again by the queue: it finds the event recorded under its own receipt
    and sends the tasks once more. A task that was sent twice meets the record of its attempt and does nothing. The
    deliveries of disabled webhooks are kept for a recovery. Where a filter is too expensive for the event, the delivery
    is recorded as failed (decision 0017).

    Raises `OutOfTimeError` before any task is sent. Raises `UnreadableFilterError` when the other webhooks have their
    tasks: the event waits in the queue for the webhooks whose filters cannot be read.
    """
    kept = events.record_once(event, receipt=receipt)
    if kept is None:
        return None
    picking = [
        webhook
        for webhook in webhooks.of_account(kept.account_id)
        if webhook.url is not None and picks(webhook.events, kept.name)
    ]
    chosen = filters.choose(kept, picking, may_go_on=may_go_on)
    tasks = [_first_attempt(kept, webhook) for webhook in chosen.wanting if webhook.status != "disabled"]
    queue.send(tasks)
    events.miss([_first_attempt(kept, webhook) for webhook in chosen.wanting if webhook.status == "disabled"])
    _record_failed(kept, chosen.too_expensive, events=events, clock=clock)
    if chosen.unreadable:
        raise UnreadableFilterError([webhook.id for webhook in chosen.unreadable])
    return len(tasks)


def _record_failed(event: Event, webhooks: Sequence[Webhook], *, events: EventRecords, clock: Clock) -> None:
    attempts = [_failed_attempt(event, webhook, clock) for webhook in webhooks]
    for start in range(0, len(attempts), RECORDED_TOGETHER):
        for kept in events.record(attempts[start : start + RECORDED_TOGETHER]):
            if isinstance(kept, DependencyUnavailableError):
                raise kept


def _failed_attempt(event: Event, webhook: Webhook, clock: Clock) -> Attempt:
    """A first attempt that ended before the receiver was called; no further attempt follows by itself."""
    return Attempt(
        task=_first_attempt(event, webhook),
        event_name=event.name,
        external_id=event.external_id,
        status="failed",
        error_message=TOO_EXPENSIVE,
        trigger="event",
        attempted_at=clock(),
        next_attempt_at=None,
        request_headers={},
        response_status=None,
        response_headers=(),
        response_body=b"",
        response_truncated=False,
        timings_ms={},
        remote_address=None,
    )


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
