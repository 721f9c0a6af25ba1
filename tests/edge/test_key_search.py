"""The search parameters of a list of keys."""

from typing import Any

import pytest

from latchhook.api_keys.finding import Search
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.key_search import read_search
from latchhook.edge.request import RawRequest, Request
from tests.edge.requests import http_event
from tests.samples import NOW, caller


def _request(query: dict[str, str] | None) -> Request[Any]:
    return Request(RawRequest(http_event(query=query)), caller(), None, NOW)


@pytest.mark.parametrize(
    ("query", "search"),
    [
        (None, Search()),
        ({"limit": "5"}, Search()),
        ({"status": "active"}, Search("active")),
        ({"status": "revoked"}, Search("revoked")),
        ({"status": "expired"}, Search("expired")),
        ({"status": "disabled"}, Search("disabled")),
        ({"search": "a"}, Search(None, "a")),
        ({"search": "é" * 100, "status": "active"}, Search("active", "é" * 100)),
    ],
)
def test_search_has_a_status_and_a_text(query: dict[str, str] | None, search: Search) -> None:
    assert read_search(_request(query)) == search


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ({"status": ""}, ["?status"]),
        ({"status": "Active"}, ["?status"]),
        ({"status": "active,disabled"}, ["?status"]),
        ({"search": ""}, ["?search"]),
        ({"search": "x" * 101}, ["?search"]),
        ({"search": "", "status": "x"}, ["?search", "?status"]),
    ],
)
def test_invalid_parameter_is_refused_with_pointer(query: dict[str, str], pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_search(_request(query))

    assert [error.pointer for error in refused.value.errors] == pointers
