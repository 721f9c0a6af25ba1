"""GET /event-types."""

from itertools import chain
from typing import Any

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, operator, registered
from tests.functions.calls import call
from tests.functions.cloud import Cloud

NAMES = ["a", "a.b", "lap.created", "order.paid", "zoo"]


def _walk(limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    query: dict[str, str] = {"limit": str(limit)}
    while "cursor" in query or not pages:
        body: dict[str, Any] = call("list_event_types", admin(), query=query).body
        pages.append([each["name"] for each in body["data"]])
        query = {"limit": str(limit)} | ({"cursor": body["nextCursor"]} if body["nextCursor"] else {})
    return pages


def test_every_account_lists_the_types() -> None:
    made = registered("lap.created", description="A lap was driven.")
    for account_id in ("acme", OTHER_ACCOUNT):
        response = call("list_event_types", holder(made_key("event-types:read", account_id=account_id)["key"]))
        assert (response.status, response.body) == (200, {"data": [made], "nextCursor": None})


def test_operators_backend_lists_the_types() -> None:
    registered("lap.created")
    assert len(call("list_event_types", operator()).body["data"]) == 1


def test_list_without_types_is_empty() -> None:
    assert call("list_event_types", admin()).body == {"data": [], "nextCursor": None}


def test_pages_are_ordered_by_name() -> None:
    for name in reversed(NAMES):
        registered(name)
    assert _walk(2) == [NAMES[:2], NAMES[2:4], NAMES[4:]]
    assert _walk(5) == [NAMES]
    assert _walk(100) == [NAMES]


def test_pages_of_large_types_stay_below_the_response_limit(cloud: Cloud) -> None:
    large = {"title": "x" * 16_000}
    orders = {f"entity.f{field}": [f"{word:02d}" + "w" * 62 for word in range(50)] for field in range(20)}
    for number in range(15):
        registered(f"large.n{number:02d}", schema=large, example={"x": "y" * 16_000}, orders=orders)
    pages = _walk(100)
    assert len(pages) > 1
    assert list(chain(*pages)) == [f"large.n{number:02d}" for number in range(15)]


def test_cursor_of_another_list_or_account_is_422() -> None:
    for name in NAMES:
        registered(name)
    cursor = call("list_event_types", admin(), query={"limit": "1"}).body["nextCursor"]
    for caller in (admin(OTHER_ACCOUNT), operator()):
        response = call("list_event_types", caller, query={"cursor": cursor})
        assert (response.status, response.pointers) == (422, ["?cursor"])


def test_key_without_the_scope_is_403() -> None:
    response = call("list_event_types", holder(made_key("webhooks:read")["key"]))
    assert (response.status, response.code) == (403, "insufficient_scope")
