"""Deliveries that somebody asks for: tests, and retries by hand."""

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
    """Events and attempts as they are kept, and what is done: tests that were made, attempts that were planned."""

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
        assert (event.account_id, event.id) in self.events  # kept first: the history shows what was sent
        self.tested.append((task, webhook, url, event))
        return attempt(task, trigger=task.trigger)

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        self.planned.append((task, due, now))


# ---- Tests ----


def _send(world: World, to: Webhook | None = None, *, seed: int = 1, **said: Any) -> Attempt:
    said = {"event_name": TEST_EVENT, "entity": {"message": "hi"}, "now": NOW, **said}
    return redelivery.Tester(world, world, world, Random(seed)).send(to or webhook(), **said)


def test_a_test_is_an_event_of_its_own_that_is_kept_and_sent_to_this_webhook_alone() -> None:
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
def test_a_test_without_entity_says_the_example_of_its_events_type(
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


def test_nothing_is_kept_or_sent_when_the_example_can_not_be_read() -> None:
    world = TypesAreAway(events={})

    with pytest.raises(DependencyUnavailableError):
        _send(world, event_name="lap.created", entity=None)
    assert (world.events, world.tested) == ({}, [])


def test_two_tests_are_two_events() -> None:
    world = World(events={})

    _send(world, seed=1)
    _send(world, seed=2)

    assert len(world.events) == len({task_.delivery_id for task_, *_ in world.tested}) == 2


@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_a_test_is_sent_whatever_the_webhooks_status_and_choice_of_events(status: Status) -> None:
    world = World()

    _send(world, webhook(status=status, events=("nothing.like.it",)))

    assert len(world.tested) == 1


def test_a_webhook_without_url_can_not_be_tested() -> None:
    world = World(events={})

    with pytest.raises(WebhookWithoutUrlError):
        _send(world, webhook(url=None))

    assert (world.events, world.tested) == ({}, [])


@pytest.mark.parametrize(
    ("entity", "error"),
    [({"text": "x" * MAX_BODY_BYTES}, EventTooLargeError), ({"number": float("inf")}, UnstorableNumberError)],
    ids=["too large", "no number"],
)
def test_a_test_that_could_be_no_event_is_refused(entity: dict[str, Any], error: type[Exception]) -> None:
    world = World(events={})

    with pytest.raises(error):
        _send(world, entity=entity)

    assert (world.events, world.tested) == ({}, [])


# ---- Retries by hand ----

FAILED = attempt(status="failed", response_status=500, next_attempt_at=NOW + 300 * SECOND)


def _retry(world: World, of: Webhook | None = None, delivery: UUID | None = None) -> DeliveryTask:
    return Redeliverer(world, world).retry(of or webhook(), delivery or task().delivery_id, now=NOW)


def _number(number: int) -> Attempt:
    return replace(FAILED, task=task(attempt=number))


def test_the_next_attempt_is_made_now() -> None:
    world = World(made=[FAILED])

    made = _retry(world)

    assert made == replace(task(attempt=2), trigger="manual", uncounted=1)
    assert world.planned == [(made, NOW, NOW)]


def test_it_is_the_one_after_the_newest() -> None:
    world = World(made=[_number(2), _number(11), _number(1)])

    assert _retry(world).attempt == 12


def test_it_is_the_very_attempt_that_waits_for_its_time_whatever_it_is_made_for() -> None:
    """So whichever comes first is made, and the other finds its record: both have the same key."""
    asked = _retry(World(made=[FAILED]))

    waits = replace(FAILED.task, attempt=FAILED.task.attempt + 1, trigger="retry")
    assert replace(asked, trigger="retry", uncounted=0) == waits


def test_the_schedule_counts_it_no_more_than_those_by_hand_before_it() -> None:
    newest = replace(FAILED, task=replace(task(attempt=7), uncounted=4))

    asked = _retry(World(made=[newest]))

    assert (asked.attempt, asked.uncounted, asked.counted) == (8, 5, newest.task.counted)


def test_two_wishes_before_it_is_made_are_the_same_attempt() -> None:
    world = World(made=[FAILED])

    assert _retry(world) == _retry(world)


@pytest.mark.parametrize("status", ["success", "failed"])
def test_a_delivery_is_retried_whether_it_failed_or_not_and_keeps_its_id(status: Any) -> None:
    world = World(made=[attempt(status=status)])

    assert _retry(world).delivery_id == task().delivery_id


@pytest.mark.parametrize(
    "made",
    [[], [replace(FAILED, task=task(event("evt_2")))], [replace(FAILED, task=task(event(), webhook(2)))]],
    ids=["nothing made", "another delivery", "another webhook's"],
)
def test_a_delivery_that_is_not_there_is_not_found(made: list[Attempt]) -> None:
    world = World(made=made)

    with pytest.raises(DeliveryNotFoundError):
        _retry(world)

    assert world.planned == []


def test_another_accounts_delivery_is_not_found() -> None:
    world = World(made=[FAILED])

    with pytest.raises(DeliveryNotFoundError):
        _retry(world, webhook(account_id="acct_other"))


@pytest.mark.parametrize(
    "of",
    [webhook(status="paused"), webhook(status="disabled"), webhook(url=None)],
    ids=["paused", "disabled", "no url"],
)
def test_a_webhook_that_takes_nothing_now_has_nothing_retried(of: Webhook) -> None:
    world = World(made=[FAILED])

    with pytest.raises(WebhookNotActiveError):
        _retry(world, of)

    assert world.planned == []


def test_a_delivery_whose_event_is_not_kept_any_more_can_not_be_retried() -> None:
    world = World(events={}, made=[FAILED])

    with pytest.raises(EventGoneError):
        _retry(world)

    assert world.planned == []


def test_a_delivery_is_attempted_as_often_as_its_records_have_numbers_and_no_oftener() -> None:
    assert MAX_ATTEMPTS == 999
    world = World(made=[_number(998)])
    assert _retry(world).attempt == 999
    world.made.append(_number(999))

    with pytest.raises(TooManyAttemptsError):
        _retry(world)

    assert len(world.planned) == 1
