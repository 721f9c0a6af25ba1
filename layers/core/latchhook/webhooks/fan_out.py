"""Creates one delivery of an accepted event for each webhook that is subscribed and matches. Safe to repeat."""

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
from latchhook.webhooks.parking import ParkedTasks
from latchhook.webhooks.webhook import Webhook

TOO_EXPENSIVE = (
    f"Not sent: the webhook's filter takes more than {MAX_WORK} comparisons for this event (array elements times "
    "alternatives). Retry the delivery to send it without the filter, or use exact values or fewer alternatives."
)
"""The error message of a delivery that fails before the first call."""

RECORDED_TOGETHER = 25


class EventRecords(Protocol):
    """The storage of accepted events."""

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Store the event unless its id is already stored.

        Return the stored event if it was accepted under this `receipt`, in this run or in an earlier, unfinished run.
        Return None if the same id was accepted under another receipt before. The run of that receipt sends its tasks.
        """

    def record(self, attempts: Sequence[Attempt]) -> Sequence[object]:
        """Store at most 25 attempts. The result has a `DependencyUnavailableError` for each attempt that failed."""


class AccountWebhooks(Protocol):
    """The storage of webhooks."""

    def of_account(self, account_id: str) -> Sequence[Webhook]:
        """Return all current webhooks of an account."""


class Tasks(Protocol):
    """The fast queue."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Send all tasks to the queue. Raises `DependencyUnavailableError`."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The webhooks that are subscribed to an event, by the results of their filters."""

    wanting: list[Webhook] = field(default_factory=list)
    unreadable: list[Webhook] = field(default_factory=list)
    too_expensive: list[Webhook] = field(default_factory=list)


class Filters(Protocol):
    """Matches events against webhooks' filters."""

    def choose(self, event: Event, webhooks: Sequence[Webhook], *, may_go_on: Callable[[], bool]) -> Chosen:
        """Match the event against each webhook's filter. Raises `OutOfTimeError` if `may_go_on` returns False."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """Creates the deliveries of events."""

    events: EventRecords
    webhooks: AccountWebhooks
    filters: Filters
    queue: Tasks
    parked: ParkedTasks
    clock: Clock

    def run(self, event: Event, *, receipt: str, may_go_on: Callable[[], bool] = lambda: True) -> int | None:
        """Record the event once and send the tasks of its deliveries. Return their number, or None for a repetition.

        If a run stops between the two, the queue repeats it: the run finds the event recorded under its own receipt and
        sends the tasks again. A task that is sent twice finds its recorded attempt and does nothing. Deliveries of
        disabled webhooks are parked for a recovery. If a filter is too expensive for the event, the delivery is
        recorded as failed (decision 0017).

        Raises `OutOfTimeError` before any task is sent. Raises `UnreadableFilterError` after the other webhooks' tasks
        were sent. The event then stays in the queue for the webhooks whose filters cannot be read.
        """
        stored = self.events.record_once(event, receipt=receipt)
        if stored is None:
            return None
        subscribed = [
            webhook
            for webhook in self.webhooks.of_account(stored.account_id)
            if webhook.url is not None and picks(webhook.events, stored.name)
        ]
        chosen = self.filters.choose(stored, subscribed, may_go_on=may_go_on)
        tasks = [_first_attempt(stored, webhook) for webhook in chosen.wanting if webhook.status != "disabled"]
        self.queue.send(tasks)
        missed = [_first_attempt(stored, webhook) for webhook in chosen.wanting if webhook.status == "disabled"]
        self.parked.put(missed, reason="disabled", now=stored.accepted_at)  # a repetition stores the same items
        self._record_failed(stored, chosen.too_expensive)
        if chosen.unreadable:
            raise UnreadableFilterError([webhook.id for webhook in chosen.unreadable])
        return len(tasks)

    def _record_failed(self, event: Event, webhooks: Sequence[Webhook]) -> None:
        attempts = [_failed_attempt(event, webhook, self.clock) for webhook in webhooks]
        for start in range(0, len(attempts), RECORDED_TOGETHER):
            for recorded in self.events.record(attempts[start : start + RECORDED_TOGETHER]):
                if isinstance(recorded, DependencyUnavailableError):
                    raise recorded


def _failed_attempt(event: Event, webhook: Webhook, clock: Clock) -> Attempt:
    """Return a failed first attempt without a call to the receiver. No retry follows automatically."""
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
