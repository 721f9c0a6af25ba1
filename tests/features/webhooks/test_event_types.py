"""The cache of event types, and the check of an entity against its event type."""

from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.errors import UnfitEntityError, UnreadableSchemaError
from latchhook.webhooks.event_types import (
    LONGEST_SECONDS,
    MOST_TYPES,
    EventType,
    EventTypeCache,
    check_against_type,
    example_body,
)
from tests.samples import MILLISECOND, NOW, SECOND, MovableClock, event_type

NUMBERED = event_type(schema={"properties": {"number": {"type": "integer"}}, "required": ["number"]})


class Kept:
    """An in-memory store of event types that records its reads."""

    def __init__(self, *types: EventType) -> None:
        self.types = {each.name: each for each in types}
        self.asked: list[str] = []
        self.is_out = False

    def find(self, name: str) -> EventType | None:
        self.asked.append(name)
        if self.is_out:
            raise DependencyUnavailableError("get_item: timeout")
        return self.types.get(name)


def _remembered(*types: EventType) -> tuple[EventTypeCache, Kept, MovableClock]:
    kept, clock = Kept(*types), MovableClock()
    return EventTypeCache(kept, clock=clock), kept, clock


def _check(kept: EventType | None, entity: dict[str, Any], name: str = "order.paid") -> None:
    types, _, _ = _remembered(*([] if kept is None else [kept]))
    check_against_type(name, entity, types)


def test_valid_entity_is_accepted() -> None:
    _check(NUMBERED, {"number": 1, "more": True})


def test_invalid_entity_is_refused_with_its_findings() -> None:
    with pytest.raises(UnfitEntityError) as refused:
        _check(NUMBERED, {"number": "1"})

    assert refused.value.findings == (("/number", 'This is not of type "integer".'),)


@pytest.mark.parametrize(
    ("kept", "name"),
    [(None, "order.paid"), (NUMBERED, "order.refunded"), (event_type(schema=None), "order.paid")],
    ids=["no type", "another type", "type without schema"],
)
def test_entity_of_an_event_without_a_schema_can_have_any_form(kept: EventType | None, name: str) -> None:
    _check(kept, {"number": "1"}, name)


def test_unreadable_stored_schema_is_an_internal_error() -> None:
    with pytest.raises(UnreadableSchemaError):
        _check(event_type(schema={"type": "strin"}), {})


def test_event_type_is_read_at_most_once_per_minute() -> None:
    types, kept, clock = _remembered(NUMBERED)

    first = types.find("order.paid")
    clock.now += LONGEST_SECONDS * SECOND - MILLISECOND
    assert types.find("order.paid") is first is not None
    assert kept.asked == ["order.paid"]

    clock.now += MILLISECOND
    changed = kept.types["order.paid"] = event_type(description="New")
    found = types.find("order.paid")
    assert found is not None
    assert found.type == changed
    assert kept.asked == ["order.paid"] * 2


def test_use_of_a_cached_type_does_not_extend_its_lifetime() -> None:
    types, kept, clock = _remembered(NUMBERED)
    for _ in range(LONGEST_SECONDS):
        types.find("order.paid")
        clock.now += SECOND

    types.find("order.paid")
    assert len(kept.asked) == 2


def test_missing_event_type_is_cached_too() -> None:
    types, kept, clock = _remembered()
    for _ in range(3):
        assert types.find("order.paid") is None
    assert kept.asked == ["order.paid"]

    kept.types["order.paid"] = NUMBERED
    clock.now += LONGEST_SECONDS * SECOND
    assert types.find("order.paid") is not None


def test_dependency_error_is_not_cached() -> None:
    types, kept, _ = _remembered(NUMBERED)
    kept.is_out = True
    with pytest.raises(DependencyUnavailableError):
        types.find("order.paid")

    kept.is_out = False
    assert types.find("order.paid") is not None


def test_most_recently_used_names_are_kept_in_the_cache() -> None:
    types, kept, _ = _remembered()
    names = [f"n{number}" for number in range(MOST_TYPES)]
    for name in [*names, names[0], "one-more"]:
        types.find(name)
    kept.asked.clear()

    for name in (names[0], *names[2:], "one-more"):
        types.find(name)
    assert kept.asked == []
    types.find(names[1])
    assert kept.asked == [names[1]]


def test_cleared_cache_reads_again() -> None:
    types, kept, _ = _remembered(NUMBERED)
    types.find("order.paid")
    types.forget()

    types.find("order.paid")
    assert len(kept.asked) == 2


def test_example_body_is_the_body_that_a_receiver_gets() -> None:
    assert example_body(event_type(example={"number": 7}), account_id="acct_1", now=NOW) == {
        "event": "order.paid",
        "accountId": "acct_1",
        "entity": {"number": 7},
        "id": "00000000-0000-4000-8000-000000000000",
        "occurredAt": "2027-03-15T12:00:00Z",
    }


def test_type_without_an_example_has_no_example_body() -> None:
    assert example_body(event_type(), account_id="acct_1", now=NOW) is None
