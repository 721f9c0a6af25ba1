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
        ({"ownerUserId": "x" * 255, "createdBy": "user_1"}, Search(owner_user_id="x" * 255, created_by="user_1")),
        ({"unusedSince": "2027-03-15T14:00:00+02:00"}, Search(unused_since=NOW)),
        ({"expiresBefore": "2027-03-15T12:00:00Z"}, Search(expires_before=NOW)),
        ({"rotatedBefore": "2027-03-15T12:00:00.000Z"}, Search(rotated_before=NOW)),
        ({"scope": "orders:read"}, Search(scope="orders:read")),
        ({"scope": "orders:*"}, Search(scope="orders:*")),
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
        ({"search": "", "status": "x"}, ["?status", "?search"]),
        ({"ownerUserId": ""}, ["?ownerUserId"]),
        ({"createdBy": "x" * 256}, ["?createdBy"]),
        ({"unusedSince": "2026-05-01"}, ["?unusedSince"]),
        ({"expiresBefore": "yesterday", "rotatedBefore": ""}, ["?expiresBefore", "?rotatedBefore"]),
        ({"scope": "orders"}, ["?scope"]),
        ({"scope": "Orders:read"}, ["?scope"]),
        ({"scope": "a:" + "b" * 64 + ":" + "c" * 64 + ":" + "d" * 64 + "e" * 4}, ["?scope"]),
    ],
)
def test_invalid_parameter_is_refused_with_pointer(query: dict[str, str], pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_search(_request(query))

    assert [error.pointer for error in refused.value.errors] == pointers
