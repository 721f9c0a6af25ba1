"""The `Idempotency-Key` header: what it may be, and what makes two requests the same."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.idempotency import idempotency_key
from latchhook.edge.request import RawRequest, Request
from latchhook.idempotency_records import IdempotencyKey
from latchhook.identity.caller import Caller
from tests.edge.requests import http_event
from tests.samples import NOW, caller

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def _request(
    text: str | None = "once",
    *,
    body: str | bytes = '{"name": "a"}',
    path: str = "/api-keys",
    route: str = "POST /api-keys",
    by: Caller | None = None,
) -> Request[Any]:
    event = http_event(body, headers={} if text is None else {"idempotency-key": text}, route=route)
    return Request(RawRequest(event | {"rawPath": path}), by or caller(), None, NOW)


def _named(*arguments: Any, **changes: Any) -> IdempotencyKey:
    named = idempotency_key(_request(*arguments, **changes))
    assert named is not None
    return named


def test_without_the_header_a_request_is_done_as_often_as_it_is_sent() -> None:
    assert idempotency_key(_request(None)) is None


@pytest.mark.parametrize("text", ["x", "x" * 255, PRINTABLE, " ", '"8e03978e-40d5-43e8-bc93-6894a57f9324"'])
def test_the_header_is_1_to_255_printable_characters(text: str) -> None:
    assert idempotency_key(_request(text)) is not None


@pytest.mark.parametrize("text", ["", "x" * 256, "é", "a\nb", "a\x00", "\x7f", "\ud800", "\u2028"], ids=repr)
def test_anything_else_is_refused_by_the_headers_name(text: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        idempotency_key(_request(text))

    (error,) = refused.value.errors
    assert error.pointer == "Idempotency-Key"
    assert not text or text not in error.detail


def test_the_same_request_again_is_the_same() -> None:
    assert _named() == _named()
    assert _named(body=b'{"name": "a"}') == _named(body='{"name": "a"}')


CALLERS = [
    caller(),
    replace(caller(), actor_id="user_2"),
    replace(caller(), kind="api_key"),
]


@pytest.mark.parametrize("changes", [{"by": one} for one in CALLERS[1:]] + [{"route": "POST /api-keys/{id}/rotate"}])
def test_another_caller_or_operation_is_another_name(changes: dict[str, Any]) -> None:
    assert _named(**changes).name != _named().name


@pytest.mark.parametrize(
    "changes", [{"path": "/api-keys/1/rotate"}, {"body": '{"name": "b"}'}, {"body": '{"name":"a"}'}]
)
def test_another_path_or_body_is_the_same_name_and_another_request(changes: dict[str, Any]) -> None:
    other, this = _named(**changes), _named()

    assert other.name == this.name
    assert other.fingerprint != this.fingerprint


@given(st.text(PRINTABLE, min_size=1, max_size=255), st.text(PRINTABLE, min_size=1, max_size=255))
def test_two_headers_are_one_name_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (_named(one).name == _named(other).name) == (one == other)


def test_what_is_kept_of_a_request_shows_nothing_of_it() -> None:
    named = _named("a s3cret name", body='{"name": "s3cret"}')

    assert set(named.name + named.fingerprint) <= set(string.hexdigits)
    assert (len(named.name), len(named.fingerprint)) == (64, 64)


def test_a_body_can_not_be_guessed_by_what_is_kept_without_the_header() -> None:
    """It may hold a secret of the caller's own."""
    assert _named("one").fingerprint != _named("another").fingerprint
