"""Test deliveries and manual retries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks import redelivery
from latchhook.webhooks.delivery import MAX_ATTEMPTS, Attempt, DeliveryTask, delivery_id
from latchhook.webhooks.errors import (
    DeliveryNotFoundError,
    EventGoneError,
    EventTooLargeError,
    TooManyAttemptsError,
    UnstorableNumberError,
    WebhookNotActiveError,
    WebhookWithoutUrlError,
)
from latchhook.webhooks.event import MAX_BODY_BYTES, Event
from latchhook.webhooks.event_types import EventType
from latchhook.webhooks.redelivery import TEST_ENTITY, TEST_EVENT, Redeliverer
from latchhook.webhooks.webhook import Status, Webhook
from tests.samples import ACCOUNT, NOW, SECOND, attempt, event, event_type, task, webhook


@dataclass
class World:
    """Stored events and attempts, sent test deliveries, and planned attempts."""

    events: dict[tuple[str, str], Event] = field(default_factory=lambda: {(ACCOUNT, "evt_1"): event()})
    made: list[Attempt] = field(default_factory=list)
    tested: list[tuple[DeliveryTask, Webhook, str, Event]] = field(default_factory=list)
    planned: list[tuple[DeliveryTask, datetime, datetime]] = field(default_factory=list)
    types: dict[str, EventType] = field(default_factory=dict)
    looked_for: list[str] = field(default_factory=list)

    def find(self, name: str) -> EventType | None:
        self.looked_for.append(name)
        return self.types.get(name)

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        return self.events.setdefault((event.account_id, event.id), event)

    def event(self, account_id: str, event_id: str) -> Event | None:
        return self.events.get((account_id, event_id))

    def attempts(self, account_id: str, webhook_id: UUID, delivery_id: UUID, *, limit: int) -> Sequence[Attempt]:
        wanted = (account_id, webhook_id, delivery_id)
        of = [
            made for made in self.made if (made.task.account_id, made.task.webhook_id, made.task.delivery_id) == wanted
        ]
        return sorted(of, key=lambda made: made.task.attempt, reverse=True)[:limit]

    def test(self, task: DeliveryTask, webhook: Webhook, url: str, event: Event) -> Attempt:
        assert (event.account_id, event.id) in self.events  # The event is stored first, for the history.
        self.tested.append((task, webhook, url, event))
        return attempt(task, trigger=task.trigger)

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        self.planned.append((task, due, now))


# ---- Test deliveries ----


def _send(world: World, to: Webhook | None = None, *, seed: int = 1, **said: Any) -> Attempt:
    said = {"event_name": TEST_EVENT, "entity": {"message": "hi"}, "now": NOW, **said}
    return redelivery.Tester(world, world, world, Random(seed)).send(to or webhook(), **said)


def test_test_delivery_is_a_stored_event_for_this_webhook_only() -> None:
    world = World(events={})

    made = _send(world, event_name="lap.created", entity={"z": 1, "a": "Zoë"})

    ((task_, to, url, sent),) = world.tested
    assert (to, url) == (webhook(), webhook().url)
    assert world.events == {(ACCOUNT, sent.id): sent}
    assert (sent.name, sent.external_id, sent.accepted_at) == ("lap.created", None, NOW)
    assert sent.id.startswith("test-")
    assert json.loads(sent.body) == {
        "event": "lap.created",
        "accountId": ACCOUNT,
        "entity": {"z": 1, "a": "Zoë"},
        "id": sent.id,
        "occurredAt": "2027-03-15T12:00:00Z",
    }
    assert (made.task, made.trigger) == (task_, "test")
    assert (task_.attempt, task_.event_id, task_.trigger) == (1, sent.id, "test")
    assert task_.delivery_id == delivery_id(
        account_id=ACCOUNT, event_id=sent.id, webhook_id=webhook().id, accepted_at=NOW
    )


EXAMPLE = {"number": 7, "driver": "Zoë"}


@pytest.mark.parametrize(
    ("name", "entity", "said", "looked_for"),
    [
        ("lap.created", None, EXAMPLE, ["lap.created"]),
        ("lap.created", {"number": 8}, {"number": 8}, []),
        ("lap.created", {}, {}, []),
        ("lap.deleted", None, TEST_ENTITY, ["lap.deleted"]),
        ("lap.unknown", None, TEST_ENTITY, ["lap.unknown"]),
        (TEST_EVENT, None, TEST_ENTITY, []),
    ],
    ids=["example", "own entity", "empty entity", "type without example", "no type", "no event named"],
)
def test_without_an_entity_uses_the_example_of_the_event_type(
    name: str, entity: dict[str, Any] | None, said: dict[str, Any], looked_for: list[str]
) -> None:
    types = {"lap.created": event_type("lap.created", example=EXAMPLE), "lap.deleted": event_type("lap.deleted")}
    world = World(types=types | {TEST_EVENT: event_type(TEST_EVENT, example=EXAMPLE)})

    _send(world, event_name=name, entity=entity)

    ((*_, sent),) = world.tested
    assert json.loads(sent.body)["entity"] == said
    assert world.looked_for == looked_for


class TypesAreAway(World):
    def find(self, name: str) -> EventType | None:
        raise DependencyUnavailableError("away")


def test_nothing_is_stored_or_sent_if_the_example_cannot_be_read() -> None:
    world = TypesAreAway(events={})

    with pytest.raises(DependencyUnavailableError):
        _send(world, event_name="lap.created", entity=None)
    assert (world.events, world.tested) == ({}, [])


def test_two_test_deliveries_are_two_events() -> None:
    world = World(events={})

    _send(world, seed=1)
    _send(world, seed=2)

    assert len(world.events) == len({task_.delivery_id for task_, *_ in world.tested}) == 2


@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_test_delivery_ignores_the_webhooks_status_and_event_names(status: Status) -> None:
    world = World()

    _send(world, webhook(status=status, events=("nothing.like.it",)))

    assert len(world.tested) == 1


def test_webhook_without_a_url_cannot_be_tested() -> None:
    world = World(events={})

    with pytest.raises(WebhookWithoutUrlError):
        _send(world, webhook(url=None))

    assert (world.events, world.tested) == ({}, [])


@pytest.mark.parametrize(
    ("entity", "error"),
    [({"text": "x" * MAX_BODY_BYTES}, EventTooLargeError), ({"number": float("inf")}, UnstorableNumberError)],
    ids=["too large", "no number"],
)
def test_test_delivery_with_an_invalid_event_is_refused(entity: dict[str, Any], error: type[Exception]) -> None:
    world = World(events={})

    with pytest.raises(error):
        _send(world, entity=entity)

    assert (world.events, world.tested) == ({}, [])


# ---- Manual retries ----

FAILED = attempt(status="failed", response_status=500, next_attempt_at=NOW + 300 * SECOND)


def _retry(world: World, of: Webhook | None = None, delivery: UUID | None = None) -> DeliveryTask:
    return Redeliverer(world, world).retry(of or webhook(), delivery or task().delivery_id, now=NOW)


def _number(number: int) -> Attempt:
    return replace(FAILED, task=task(attempt=number))


def test_manual_retry_is_planned_for_now() -> None:
    world = World(made=[FAILED])

    made = _retry(world)

    assert made == replace(task(attempt=2), trigger="manual", uncounted=1)
    assert world.planned == [(made, NOW, NOW)]


def test_manual_retry_follows_the_newest_attempt() -> None:
    world = World(made=[_number(2), _number(11), _number(1)])

    assert _retry(world).attempt == 12


def test_manual_retry_has_the_number_of_the_waiting_retry() -> None:
    """The two attempts have the same key, so that only one of them is sent. The other finds its record."""
    asked = _retry(World(made=[FAILED]))

    waits = replace(FAILED.task, attempt=FAILED.task.attempt + 1, trigger="retry")
    assert replace(asked, trigger="retry", uncounted=0) == waits


def test_manual_retries_do_not_count_for_the_retry_schedule() -> None:
    newest = replace(FAILED, task=replace(task(attempt=7), uncounted=4))

    asked = _retry(World(made=[newest]))

    assert (asked.attempt, asked.uncounted, asked.counted) == (8, 5, newest.task.counted)


def test_two_manual_retries_before_the_attempt_are_one_attempt() -> None:
    world = World(made=[FAILED])

    assert _retry(world) == _retry(world)


@pytest.mark.parametrize("status", ["success", "failed"])
def test_successful_and_failed_deliveries_can_be_retried(status: Any) -> None:
    world = World(made=[attempt(status=status)])

    assert _retry(world).delivery_id == task().delivery_id


@pytest.mark.parametrize(
    "made",
    [[], [replace(FAILED, task=task(event("evt_2")))], [replace(FAILED, task=task(event(), webhook(2)))]],
    ids=["nothing made", "another delivery", "another webhook's"],
)
def test_missing_delivery_is_not_found(made: list[Attempt]) -> None:
    world = World(made=made)

    with pytest.raises(DeliveryNotFoundError):
        _retry(world)

    assert world.planned == []


def test_delivery_of_another_account_is_not_found() -> None:
    world = World(made=[FAILED])

    with pytest.raises(DeliveryNotFoundError):
        _retry(world, webhook(account_id="acct_other"))


@pytest.mark.parametrize(
    "of",
    [webhook(status="paused"), webhook(status="disabled"), webhook(url=None)],
    ids=["paused", "disabled", "no url"],
)
def test_delivery_of_an_inactive_webhook_cannot_be_retried(of: Webhook) -> None:
    world = World(made=[FAILED])

    with pytest.raises(WebhookNotActiveError):
        _retry(world, of)

    assert world.planned == []


def test_delivery_without_a_stored_event_cannot_be_retried() -> None:
    world = World(events={}, made=[FAILED])

    with pytest.raises(EventGoneError):
        _retry(world)

    assert world.planned == []


def test_delivery_has_at_most_999_attempts() -> None:
    assert MAX_ATTEMPTS == 999
    world = World(made=[_number(998)])
    assert _retry(world).attempt == 999
    world.made.append(_number(999))

    with pytest.raises(TooManyAttemptsError):
        _retry(world)

    assert len(world.planned) == 1
