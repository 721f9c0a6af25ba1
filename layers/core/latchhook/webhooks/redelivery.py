"""Deliveries that somebody asks for: a test of a webhook, and another attempt at a delivery."""

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
from latchhook.webhooks.webhook import Webhook

if TYPE_CHECKING:
    from latchhook.webhooks.event_types import EventTypeReader

TEST_EVENT = "webhook.test"
"""The name of a test's event where none is given."""
TEST_ENTITY: Mapping[str, Any] = {"message": "This is a test."}
"""What it says where nobody chose anything, and its event's type has no example."""


class Records(Protocol):
    """Where events and attempts are kept."""

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Keeps an event under its id."""

    def event(self, account_id: str, event_id: str) -> Event | None:
        """One event, None if it is not kept any more."""

    def attempts(self, account_id: str, webhook_id: UUID, delivery_id: UUID, *, limit: int) -> Sequence[Attempt]:
        """A delivery's newest attempts, the newest first."""


class Tests(Protocol):
    """Makes attempts."""

    def test(self, task: DeliveryTask, webhook: Webhook, url: str, event: Event) -> Attempt:
        """One attempt, recorded, from which nothing follows."""


class Retries(Protocol):
    """Where later attempts wait."""

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        """Has `task` come at `due`."""


@dataclass(frozen=True, slots=True)
class Tester:
    """Sends test events."""

    records: Records
    maker: Tests
    types: "EventTypeReader"
    rng: Random

    def send(self, webhook: Webhook, *, event_name: str, entity: Mapping[str, Any] | None, now: datetime) -> Attempt:
        """Sends a synthetic event to the webhook, whatever its status and its choice of events, and gives what came.

        Without `entity` it says what the example of its event's type says. It is kept like every other, so that it
        stands in the history. Raises `WebhookWithoutUrlError`.
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
    """Has deliveries attempted again."""

    records: Records
    retries: Retries

    def retry(self, webhook: Webhook, delivery: UUID, *, now: datetime) -> DeliveryTask:
        """Has the next attempt at a delivery made now, whether it failed or not.

        It is the attempt that may wait for its time already: whichever comes first is made, and the other finds its
        record. If it fails, the schedule goes on where it was. Raises `DeliveryNotFoundError`, `WebhookNotActiveError`,
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
