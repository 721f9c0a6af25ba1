"""Sends test events and retries deliveries on request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from latchhook.webhooks.delivery import MAX_ATTEMPTS, Attempt, DeliveryTask, delivery_id
from latchhook.webhooks.errors import (
    DeliveryNotFoundError,
    EventGoneError,
    TooManyAttemptsError,
    WebhookNotActiveError,
    WebhookWithoutUrlError,
)
from latchhook.webhooks.event import Event, event_body
from latchhook.webhooks.ports import Retries
from latchhook.webhooks.webhook import Webhook

if TYPE_CHECKING:
    from latchhook.webhooks.event_types import EventTypeReader

TEST_EVENT = "webhook.test"
"""The default name of a test event."""
TEST_ENTITY: Mapping[str, Any] = {"message": "This is a test."}
"""The default entity of a test event whose type has no example."""


class Records(Protocol):
    """The storage of events and attempts."""

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Store an event under its id."""

    def event(self, account_id: str, event_id: str) -> Event | None:
        """Return an event, or None if it is no longer stored."""

    def attempts(self, account_id: str, webhook_id: UUID, delivery_id: UUID, *, limit: int) -> Sequence[Attempt]:
        """Return a delivery's newest attempts, newest first."""


class Tests(Protocol):
    """Makes attempts."""

    def test(self, task: DeliveryTask, webhook: Webhook, url: str, event: Event) -> Attempt:
        """Make and record one attempt, without retries."""


@dataclass(frozen=True, slots=True)
class Tester:
    """Sends test events."""

    records: Records
    maker: Tests
    types: "EventTypeReader"
    rng: Random

    def send(self, webhook: Webhook, *, event_name: str, entity: Mapping[str, Any] | None, now: datetime) -> Attempt:
        """Send a test event to the webhook and return the attempt. Status and subscribed events are not checked.

        The default of `entity` is the example of the event type. The event is stored like every other event and appears
        in the delivery log. Raises `WebhookWithoutUrlError`.
        """
        if webhook.url is None:
            raise WebhookWithoutUrlError
        if entity is None:
            entity = self._example(event_name)
        event_id = f"test-{UUID(int=self.rng.getrandbits(128), version=4)}"
        body = event_body(
            event_id=event_id, name=event_name, account_id=webhook.account_id, entity=entity, occurred_at=now
        )
        event = Event(event_id, webhook.account_id, event_name, None, now, body)
        self.records.record_once(event, receipt=event_id)
        task = DeliveryTask(
            account_id=webhook.account_id,
            webhook_id=webhook.id,
            event_id=event_id,
            delivery_id=delivery_id(
                account_id=webhook.account_id, event_id=event_id, webhook_id=webhook.id, accepted_at=now
            ),
            attempt=1,
            trigger="test",
        )
        return self.maker.test(task, webhook, webhook.url, event)

    def _example(self, event_name: str) -> Mapping[str, Any]:
        known = None if event_name == TEST_EVENT else self.types.find(event_name)
        return TEST_ENTITY if known is None or known.example is None else known.example


@dataclass(frozen=True, slots=True)
class Redeliverer:
    """Retries deliveries manually."""

    records: Records
    retries: Retries

    def retry(self, webhook: Webhook, delivery: UUID, *, now: datetime) -> DeliveryTask:
        """Queue the next attempt of a delivery now, also after a success.

        If a retry with this number is already planned, the first of the two is made, and the other finds its record. If
        the attempt fails, the retry schedule continues. Raises `DeliveryNotFoundError`, `WebhookNotActiveError`,
        `EventGoneError` and `TooManyAttemptsError`.
        """
        newest = next(iter(self.records.attempts(webhook.account_id, webhook.id, delivery, limit=1)), None)
        if newest is None:
            raise DeliveryNotFoundError
        if webhook.status != "active" or webhook.url is None:
            raise WebhookNotActiveError
        if newest.task.attempt >= MAX_ATTEMPTS:
            raise TooManyAttemptsError
        if self.records.event(webhook.account_id, newest.task.event_id) is None:
            raise EventGoneError
        task = newest.task.following("manual", uncounted=newest.task.uncounted + 1)
        self.retries.plan(task, due=now, now=now)
        return task
