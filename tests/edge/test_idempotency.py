"""The `Idempotency-Key` header: its valid values, and the requests that it makes equal."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.idempotency import idempotency_key
from latchhook.edge.request import RawRequest
from latchhook.idempotency_records import IdempotencyKey
from latchhook.identity.caller import Caller
from tests.edge.requests import http_event
from tests.samples import caller

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def _request(
    text: str | None = "once",
    *,
    body: str | bytes = '{"name": "a"}',
    path: str = "/api-keys",
    route: str = "POST /api-keys",
    by: Caller | None = None,
) -> IdempotencyKey | None:
    event = http_event(body, headers={} if text is None else {"idempotency-key": text}, route=route)
    raw = RawRequest(event | {"rawPath": path})
    return idempotency_key(raw, by or caller(), raw.json(empty={}))


def _named(*arguments: Any, **changes: Any) -> IdempotencyKey:
    named = _request(*arguments, **changes)
    assert named is not None
    return named


def test_request_without_the_header_is_not_deduplicated() -> None:
    assert _request(None) is None


@pytest.mark.parametrize("text", ["x", "x" * 255, PRINTABLE, " ", '"8e03978e-40d5-43e8-bc93-6894a57f9324"'])
def test_idempotency_key_is_1_to_255_printable_characters(text: str) -> None:
    assert _request(text) is not None


@pytest.mark.parametrize("text", ["", "x" * 256, "é", "a\nb", "a\x00", "\x7f", "\ud800", "\u2028"], ids=repr)
def test_invalid_idempotency_key_is_refused_with_pointer(text: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        _request(text)

    (error,) = refused.value.errors
    assert error.pointer == "Idempotency-Key"
    assert not text or text not in error.detail


def test_repeated_request_is_equal() -> None:
    assert _named() == _named()
    assert _named(body=b'{"name": "a"}') == _named(body='{"name": "a"}')


def test_member_order_and_whitespace_make_no_difference() -> None:
    assert _named(body='{"a": {"c": 1, "d": 2}, "b": []}') == _named(body='{ "b":[],"a":{"d":2,"c":1} }\n')
    assert _named(body='{"a": [1, 2]}') != _named(body='{"a": [2, 1]}')
    assert _named(body="") == _named(body="{}")


CALLERS = [
    caller(),
    replace(caller(), actor_id="user_2"),
    replace(caller(), kind="api_key"),
    replace(caller(), acting_user_id="user_2"),
]


@pytest.mark.parametrize("changes", [{"by": one} for one in CALLERS[1:]] + [{"route": "POST /api-keys/{id}/rotate"}])
def test_another_caller_or_operation_has_another_name(changes: dict[str, Any]) -> None:
    assert _named(**changes).name != _named().name


@pytest.mark.parametrize(
    "changes", [{"path": "/api-keys/1/rotate"}, {"body": '{"name": "b"}'}, {"body": '{"name": "a", "x": 1}'}]
)
def test_another_path_or_body_has_the_same_name_and_another_fingerprint(changes: dict[str, Any]) -> None:
    other, this = _named(**changes), _named()

    assert other.name == this.name
    assert other.fingerprint != this.fingerprint


@given(st.text(PRINTABLE, min_size=1, max_size=255), st.text(PRINTABLE, min_size=1, max_size=255))
def test_names_are_equal_only_for_equal_headers(one: str, other: str) -> None:
    assert (_named(one).name == _named(other).name) == (one == other)


def test_stored_values_reveal_nothing_of_the_request() -> None:
    named = _named("a s3cret name", body='{"name": "s3cret"}')

    assert set(named.name + named.fingerprint) <= set(string.hexdigits)
    assert (len(named.name), len(named.fingerprint)) == (64, 64)


def test_body_cannot_be_guessed_from_the_fingerprint_without_the_header() -> None:
    """The body may contain a secret chosen by the caller."""
    assert _named("one").fingerprint != _named("another").fingerprint
