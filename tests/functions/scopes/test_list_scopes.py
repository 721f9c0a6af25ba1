"""GET /scopes."""

from itertools import chain
from typing import Any

import pytest

from latchhook.permissions.scopes import CUSTOMER_SCOPES, OPERATOR_SCOPES
from latchhook.settings import MARKETPLACE_SCOPES
from tests.functions.callers import OTHER_ACCOUNT, admin, described_scope, holder, made_key, operator
from tests.functions.calls import call

DEFAULTS = sorted({*MARKETPLACE_SCOPES, *CUSTOMER_SCOPES})


def _walk(limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    query: dict[str, str] = {"limit": str(limit)}
    while "cursor" in query or not pages:
        body: dict[str, Any] = call("list_scopes", admin(), query=query).body
        pages.append([each["name"] for each in body["data"]])
        query = {"limit": str(limit)} | ({"cursor": body["nextCursor"]} if body["nextCursor"] else {})
    return pages


def test_defaults_are_the_parameters_scopes_and_latchhooks_own() -> None:
    body = call("list_scopes", admin()).body
    assert ([each["name"] for each in body["data"]], body["nextCursor"]) == (DEFAULTS, None)
    assert all(each["description"] and each["group"] for each in body["data"])
    assert {each["name"] for each in body["data"] if each["source"] == "latchhook"} == CUSTOMER_SCOPES
    assert body["data"][DEFAULTS.index("orders:read")] == {
        "name": "orders:read",
        "description": "Read order data",
        "group": "Orders",
        "source": "parameter",
        "createdAt": None,
        "updatedAt": None,
    }


def test_every_caller_of_every_account_lists_the_catalogue() -> None:
    added = described_scope("reports:read")
    for caller in (admin(), admin(OTHER_ACCOUNT), operator(), holder(made_key()["key"])):
        response = call("list_scopes", caller)
        assert response.status == 200
        assert added in response.body["data"]


def test_operator_scopes_are_not_listed() -> None:
    assert OPERATOR_SCOPES.isdisjoint(each["name"] for each in call("list_scopes", operator()).body["data"])


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_contain_each_scope_once_in_the_order_of_names(limit: int) -> None:
    added = ["aaa:read", "api-keys:share", "orders:items:read", "zoo:read", "zoo:write"]
    for name in reversed(added):
        described_scope(name)
    described_scope("orders:read")
    pages = _walk(limit)
    assert list(chain(*pages)) == sorted([*DEFAULTS, *added])
    assert all(len(page) == limit for page in pages[:-1])


def test_cursor_of_another_account_is_422() -> None:
    cursor = call("list_scopes", admin(), query={"limit": "1"}).body["nextCursor"]
    response = call("list_scopes", admin(OTHER_ACCOUNT), query={"cursor": cursor})
    assert (response.status, response.pointers) == (422, ["?cursor"])
