"""The scopes that routes of a product's API require."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge.route_scopes import RouteScopes, UnreadableRouteScopesError, read_route_scopes
from latchhook.permissions.requirements import MAX_SCOPES

ORDERS = "&".join(
    [
        "GET/orders=orders:read",
        "POST/orders=orders:write,orders:read",
        "GET/orders/:id=orders:read",
        "ANY/orders/:id=orders:write",
        "ANY/orders/export=orders:export",
        "GET/files/:path...=files:read",
        "GET/=",
        "default=orders:admin",
    ]
)
STAGE_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9._~:/?#&=,-]+")
"""The characters that a stage variable may contain (API reference, `CreateStage`)."""


def test_line_is_valid_in_a_stage_variable() -> None:
    assert STAGE_VARIABLE_VALUE.fullmatch(ORDERS)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders", ("orders:read",)),
        ("POST", "/orders", ("orders:write", "orders:read")),
        ("GET", "/orders/{id}", ("orders:read",)),
        ("GET", "/orders/{orderId}", ("orders:read",)),
        ("DELETE", "/orders/{id}", ("orders:write",)),
        ("GET", "/orders/export", ("orders:export",)),
        ("GET", "/files/{path+}", ("files:read",)),
        ("GET", "/files/{path}", ("orders:admin",)),
        ("GET", "/", ()),
        ("DELETE", "/orders", ("orders:admin",)),
        ("GET", "/Orders", ("orders:admin",)),
        ("GET", "/orders/{id}/lines", ("orders:admin",)),
        ("GET", "/orders/:id", ("orders:admin",)),
        ("$default", "", ("orders:admin",)),
        ("GET", "$default", ("orders:admin",)),
    ],
)
def test_route_requires_its_scopes(method: str, path: str, expected: tuple[str, ...]) -> None:
    assert read_route_scopes(ORDERS).of_route(method, path) == expected


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders", ("orders:read",)),
        ("GET", "orders", ("orders:read",)),
        ("GET", "/orders/", ("orders:read",)),
        ("GET", "//orders", ("orders:read",)),
        ("GET", "/%6Frders", ("orders:read",)),
        ("GET", "/orders/17", ("orders:read",)),
        ("PUT", "/orders/17", ("orders:write",)),
        ("GET", "/orders/a%2Fb", ("orders:read",)),
        ("GET", "/orders/export", ("orders:export",)),
        ("GET", "/orders/%65xport", ("orders:export",)),
        ("GET", "/files/a", ("files:read",)),
        ("GET", "/files/a/b/c", ("files:read",)),
        ("GET", "/files", ("orders:admin",)),
        ("GET", "/files/", ("orders:admin",)),
        ("PUT", "/files/a", ("orders:admin",)),
        ("GET", "", ()),
        ("GET", "/", ()),
        ("GET", "/orders/17/lines", ("orders:admin",)),
    ],
)
def test_request_requires_the_scopes_of_the_most_specific_route(
    method: str, path: str, expected: tuple[str, ...]
) -> None:
    assert read_route_scopes(ORDERS).of_request(method, path) == expected


def test_unnamed_route_without_default_requires_no_scopes() -> None:
    assert read_route_scopes("GET/orders=orders:read").of_route("POST", "/orders") == ()


def test_request_without_default_raises() -> None:
    with pytest.raises(UnreadableRouteScopesError, match="default"):
        read_route_scopes("GET/orders=orders:read").of_request("GET", "/orders")
    assert read_route_scopes("GET/orders=orders:read&default=").of_request("GET", "/other") == ()


def test_empty_line_requires_no_scopes() -> None:
    nothing = read_route_scopes("")
    assert not nothing
    assert nothing.of_route("GET", "/orders") == nothing.of_request("GET", "/orders") == ()


@pytest.mark.parametrize("line", ["GET/orders=", "default=", "default=orders:read"])
def test_nonempty_line_is_true(line: str) -> None:
    assert read_route_scopes(line)


@pytest.mark.parametrize(
    "line",
    [
        "GET/orders",
        "GET /orders=orders:read",
        "get/orders=orders:read",
        "LIST/orders=orders:read",
        "/orders=orders:read",
        "orders=orders:read",
        "GET=orders:read",
        "=orders:read",
        "GET/orders=orders",
        "GET/orders=*",
        "GET/orders=orders:*",
        "GET/orders=Orders:read",
        "GET/orders= orders:read",
        "GET/orders=orders:read,",
        "GET/orders=,",
        "GET/orders=orders:read=orders:write",
        "GET/orders/{id}=orders:read",
        "GET/orders/:=orders:read",
        "GET/orders/:id+=orders:read",
        "GET/orders/=orders:read",
        "GET//orders=orders:read",
        "GET/files/:path.../x=files:read",
        "GET/orders=orders:read&",
        "&GET/orders=orders:read",
        "GET/orders=orders:read&GET/orders=orders:write",
        "GET/orders/:a=orders:read&GET/orders/:b=orders:write",
        "default=orders:read&default=orders:write",
        "default/orders=orders:read",
        "default",
        " ",
    ],
)
def test_unreadable_line_raises_every_time(line: str) -> None:
    for _ in range(2):
        with pytest.raises(UnreadableRouteScopesError):
            read_route_scopes(line)


def test_number_of_scopes_per_route_is_limited_to_sixteen() -> None:
    scopes = [f"orders:a{number}" for number in range(MAX_SCOPES + 1)]
    most = read_route_scopes(f"GET/orders={','.join(scopes[:-1])}")
    assert most.of_route("GET", "/orders") == tuple(scopes[:-1])
    with pytest.raises(UnreadableRouteScopesError):
        read_route_scopes(f"GET/orders={','.join(scopes)}")


def test_documented_examples_are_correct() -> None:
    document = (Path(__file__).parents[2] / "docs" / "integrate" / "protect-your-api.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```\n(GET/.*)\n```", document)
    in_templates = re.findall(r'latchhookScopes: "(.*)"', document)
    assert STAGE_VARIABLE_VALUE.fullmatch(example)
    assert read_route_scopes(example).of_route("PUT", "/orders/{orderId}") == ("orders:write",)
    assert read_route_scopes(example).of_route("GET", "/health") == ()
    assert [read_route_scopes(line).of_route("PUT", "/orders/{id}") for line in in_templates] == 2 * [("orders:write",)]
    assert f"{MAX_SCOPES} at most" in document


def test_line_is_parsed_once() -> None:
    assert read_route_scopes(ORDERS) is read_route_scopes(ORDERS)


PARTS = st.lists(st.sampled_from(["orders", "lines", "v1.0", ":id", "{id}"]), max_size=4)
METHODS = st.sampled_from(["GET", "POST", "ANY"])


@given(st.dictionaries(st.tuples(METHODS, PARTS.map(tuple)), st.sampled_from(["a:read", "a:write"]), max_size=6))
def test_every_named_route_is_found(named: Mapping[tuple[str, tuple[str, ...]], str]) -> None:
    routes = {(method, tuple(part.replace(":id", "{id}") for part in parts)): s for (method, parts), s in named.items()}
    line = "&".join(
        f"{method}/{'/'.join(part.replace('{id}', ':id') for part in parts)}={scope}"
        for (method, parts), scope in routes.items()
    )
    read: RouteScopes = read_route_scopes(line)
    for (method, parts), scope in routes.items():
        assert read.of_route(method, "/" + "/".join(parts)) == (scope,)
