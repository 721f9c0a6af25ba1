"""Choosing the webhooks whose filters match an event: the work for each filter, and filters that fail."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.errors import OutOfTimeError
from latchhook.webhooks.event import Event
from latchhook.webhooks.event_filters import MOST_COMBINATIONS, MOST_FILTERS, EventFilters
from latchhook.webhooks.event_types import KnownEventType
from latchhook.webhooks.fan_out import Chosen
from latchhook.webhooks.webhook import Webhook
from tests.samples import event, event_type, webhook

ORDERS = {"entity.severity": ("minor", "major", "critical")}
AT_LEAST_MAJOR = {"entity": {"severity": [{"ordinal": [">=", "major"]}]}}


class Types:
    """A store with one event type that counts its reads."""

    def __init__(self, orders: Mapping[str, tuple[str, ...]] | None = None, *, is_out: bool = False) -> None:
        self.known = None if orders is None else KnownEventType(event_type(orders=orders))
        self.asked: list[str] = []
        self.is_out = is_out

    def find(self, name: str) -> KnownEventType | None:
        self.asked.append(name)
        if self.is_out:
            raise DependencyUnavailableError("get_item: timeout")
        return self.known


def _event(**entity: Any) -> Event:
    body = json.dumps({"event": "order.paid", "accountId": "acct_1", "entity": entity, "id": "evt_1"})
    return event(body=body)


def _wanting(*webhooks: Webhook, of: Event, types: Types | None = None) -> list[Webhook]:
    chosen = EventFilters(types or Types()).choose(of, webhooks, may_go_on=lambda: True)
    assert (chosen.unreadable, chosen.too_expensive) == ([], [])
    return chosen.wanting


def test_webhook_gets_matching_events_or_all_without_a_filter() -> None:
    every, large, small = (
        webhook(1),
        webhook(2, filter={"entity": {"total": [{"numeric": [">=", 100]}]}}),
        webhook(3, filter={"entity": {"total": [{"numeric": ["<", 100]}]}}),
    )

    assert _wanting(every, large, small, of=_event(total=250)) == [every, large]
    assert _wanting(every, large, small, of=_event(total=99.5)) == [every, small]
    assert _wanting(every, large, small, of=_event()) == [every]


def test_filter_can_use_the_whole_body() -> None:
    mine = webhook(filter={"event": ["order.paid"], "accountId": ["acct_1"], "id": [{"prefix": "evt_"}]})

    assert _wanting(mine, of=_event()) == [mine]


def test_body_is_parsed_only_for_a_filter() -> None:
    nobody_looks = event(body="no JSON at all")

    assert len(_wanting(webhook(1), webhook(2), of=nobody_looks)) == 2
    with pytest.raises(json.JSONDecodeError):
        _wanting(webhook(1), webhook(2, filter={"a": [1]}), of=nobody_looks)


def test_orders_are_read_once_and_only_for_an_ordinal_filter() -> None:
    types = Types(ORDERS)
    plain, first, second = (
        webhook(1, filter={"entity": {"severity": ["minor"]}}),
        webhook(2, filter=AT_LEAST_MAJOR),
        webhook(3, filter={"entity": {"severity": [{"ordinal": ["<", "major"]}]}}),
    )
    assert _wanting(plain, of=_event(severity="minor"), types=types) == [plain]
    assert types.asked == []

    assert _wanting(plain, first, second, of=_event(severity="minor"), types=types) == [plain, second]
    assert types.asked == ["order.paid"]


def test_event_without_an_event_type_has_no_orders() -> None:
    assert _wanting(webhook(filter=AT_LEAST_MAJOR), of=_event(severity="critical"), types=Types()) == []


def test_failed_read_of_the_orders_raises_a_dependency_error() -> None:
    with pytest.raises(DependencyUnavailableError):
        _wanting(webhook(filter=AT_LEAST_MAJOR), of=_event(severity="minor"), types=Types(is_out=True))


def test_unreadable_filter_is_reported_and_other_filters_are_applied() -> None:
    good, corrupt = webhook(1, filter={"entity": {"a": [1]}}), webhook(2, filter={"entity": "corrupt"})

    chosen = EventFilters(Types()).choose(_event(a=1), [corrupt, good], may_go_on=lambda: True)
    assert chosen == Chosen(wanting=[good], unreadable=[corrupt])


def test_too_expensive_filter_is_reported_and_other_filters_are_applied() -> None:
    costly = webhook(1, filter={"entity": {"a": [{"prefix": str(number)} for number in range(100)]}})
    good = webhook(2, filter={"entity": {"a": [0]}})

    chosen = EventFilters(Types()).choose(_event(a=[0] * 2030), [costly, good], may_go_on=lambda: True)
    assert chosen == Chosen(wanting=[good], too_expensive=[costly])


def test_no_filter_is_applied_after_the_time_limit() -> None:
    with pytest.raises(OutOfTimeError):
        EventFilters(Types()).choose(_event(), [webhook(filter={"a": [1]})], may_go_on=lambda: False)


class Looked(dict[str, Any]):
    """A filter that counts its iterations: one to serialize it, and another to parse it."""

    times = 0

    def items(self) -> Any:
        Looked.times += 1
        return super().items()


def test_filter_is_parsed_once_while_it_is_in_use() -> None:
    filters = EventFilters(Types())
    many = [webhook(1, filter=Looked(a=[number])) for number in range(MOST_FILTERS + 1)]

    def read(webhooks: Sequence[Webhook]) -> int:
        Looked.times = 0
        filters.choose(_event(), webhooks, may_go_on=lambda: True)
        return Looked.times - len(webhooks)

    assert read(many[:-1]) == MOST_FILTERS
    assert read(many[:-1]) == 0
    assert read(many[-1:]) == 1
    assert read(many[1:]) == 0
    assert read(many[:1]) == 1


def test_cached_filters_have_a_bounded_number_of_combinations() -> None:
    filters = EventFilters(Types())
    thousand = [[{f"{name}{number}": [1]} for number in range(10)] for name in "abc"]
    webhooks = [webhook(1, filter=Looked({"$or": thousand[0], "x": {"$or": thousand[1], "y": {"$or": thousand[2]}}}))]
    webhooks += [
        webhook(1, filter=Looked({**(webhooks[0].filter or {}), "z": [number]}))
        for number in range(MOST_COMBINATIONS // 1000)
    ]

    def read(some: Sequence[Webhook]) -> int:
        Looked.times = 0
        filters.choose(_event(), some, may_go_on=lambda: True)
        return Looked.times - len(some)

    assert read(webhooks) == len(webhooks)
    assert read(webhooks[1:]) == 0
    assert read(webhooks[:1]) == 1
