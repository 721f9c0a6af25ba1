"""POST /webhooks/filter-test."""

from typing import Any

import pytest

from tests.functions.callers import admin, holder, made_key, registered
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud

AT_LEAST_MAJOR = {"entity": {"severity": [{"ordinal": [">=", "major"]}]}}
ORDERS = {"entity.severity": ["minor", "major", "critical"]}
EVENT = {"event": "issue.resolved", "entity": {"severity": "critical", "lines": [{"sku": "a"}]}}


def _check(**body: Any) -> Answered:
    return call("check_webhook_filter", admin(), body=body)


def test_undeclared_order_does_not_match() -> None:
    response = call("check_webhook_filter", holder(made_key("webhooks:read")["key"]))
    assert (response.status, response.body["matches"]) == (200, False)


def test_words_are_compared_by_the_order_of_the_events_type() -> None:
    registered("issue.resolved", orders=ORDERS)
    assert call("check_webhook_filter", admin()).body["matches"]
    assert _check(filter=AT_LEAST_MAJOR, event=EVENT).body == {"matches": True, "event": EVENT}
    minor = {**EVENT, "entity": {"severity": "minor"}}
    assert _check(filter=AT_LEAST_MAJOR, event=minor).body == {"matches": False, "event": minor}


@pytest.mark.parametrize("name", ["issue.closed", "Not a name", 7, None])
def test_event_without_a_registered_type_has_no_orders(name: object) -> None:
    registered("issue.resolved", orders=ORDERS)
    assert not _check(filter=AT_LEAST_MAJOR, event={**EVENT, "event": name}).body["matches"]


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({"entity": {"lines": {"sku": ["a"]}}}, True),
        ({"entity": {"lines": {"sku": ["b"]}}}, False),
        ({"event": [{"prefix": "issue."}]}, True),
    ],
)
def test_any_event_can_be_checked(wanted: dict[str, Any], matches: bool) -> None:
    assert _check(filter=wanted, event=EVENT).body["matches"] == matches


def test_example_of_a_type_is_checked_as_an_event_of_the_account() -> None:
    registered("issue.resolved", orders=ORDERS, example={"severity": "critical"})
    response = _check(filter={**AT_LEAST_MAJOR, "accountId": ["acme"]}, eventType="issue.resolved")
    assert response.body["matches"]
    assert response.body["event"].keys() == {"event", "accountId", "entity", "id", "occurredAt"}
    assert response.body["event"]["entity"] == {"severity": "critical"}


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no filter": ({"event": EVENT}, ["/filter"]),
    "malformed filter": ({"filter": {"a/b": [{"prefix": 1}]}, "event": EVENT}, ["/filter/a~1b/0/prefix"]),
    "empty filter": ({"filter": {}, "event": EVENT}, ["/filter"]),
    "surrogate in the filter": ({"filter": {"a": ["\ud800"]}, "event": EVENT}, ["/filter"]),
    "large filter": ({"filter": {"a": ["x" * 4096]}, "event": EVENT}, ["/filter"]),
    "nothing to try": ({"filter": {"a": [1]}}, ["/event"]),
    "both": ({"filter": {"a": [1]}, "event": EVENT, "eventType": "issue.resolved"}, ["/event"]),
    "event is a list": ({"filter": {"a": [1]}, "event": []}, ["/event"]),
    "unknown type": ({"filter": {"a": [1]}, "eventType": "issue.closed"}, ["/eventType"]),
    "type without example": ({"filter": {"a": [1]}, "eventType": "issue.resolved"}, ["/eventType"]),
    "type in upper case": ({"filter": {"a": [1]}, "eventType": "Issue"}, ["/eventType"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str) -> None:
    registered("issue.resolved")
    body, pointers = BAD[flaw]
    response = _check(**body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)


@pytest.mark.parametrize(
    "alternatives",
    [
        [{"prefix": str(number)} for number in range(100)],
        [{"wildcard": f"*{number}*"} for number in range(100)],
        [{"numeric": [">", number, "<", number + 1]} for number in range(1, 60)],
    ],
    ids=["prefix", "wildcard", "numeric"],
)
def test_too_expensive_filter_is_422(alternatives: list[dict[str, Any]]) -> None:
    response = _check(filter={"entity": {"a": alternatives}}, event={"entity": {"a": [0] * 30_000}})
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", ["/filter"])
    assert "100000 comparisons" in response.body["errors"][0]["detail"]


def test_long_exclusion_list_is_within_the_limit() -> None:
    listed = {"entity": {"a": [{"anything-but": list(range(1, 101))}]}}
    assert _check(filter=listed, event={"entity": {"a": [0] * 30_000}}).body["matches"]


def test_check_stores_and_sends_nothing(cloud: Cloud) -> None:
    before = cloud.contents()
    _check(filter=AT_LEAST_MAJOR, event=EVENT)
    assert cloud.contents() == before


def test_key_without_the_scope_is_403() -> None:
    assert call("check_webhook_filter", holder(made_key("webhooks:write")["key"])).status == 403
