"""The fast reader of a verification accepts exactly what its schema accepts, with the same values."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.schemas.api_keys import VerifyKeyBody
from latchhook.edge.verify_body import VerifyRequest, read_verify_body

SCOPES = st.one_of(
    st.sampled_from(["orders:read", "a:b:c:d", "a:b:c:d:e", "Orders:read", "orders:*", "*", "orders", "a:b\n"]),
    st.from_regex(r"[a-z0-9:_*-]{1,220}", fullmatch=True),
    st.text(),
)
ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
KEYS = st.one_of(
    st.text(),
    st.text(min_size=505, max_size=520),
    st.text(st.characters(codec="ascii"), min_size=510, max_size=514),
    ANYTHING,
)
SCOPE_LISTS = st.one_of(
    st.lists(SCOPES, max_size=3), st.lists(st.just("orders:read"), min_size=18, max_size=22), ANYTHING
)
NEAR_MISSES = st.fixed_dictionaries({}, optional={"key": KEYS, "requiredScopes": SCOPE_LISTS, "cost": st.integers()})


def _by_the_schema(document: Any) -> VerifyRequest | None:
    try:
        body = VerifyKeyBody.model_validate(document)
    except ValidationError:
        return None
    return VerifyRequest(body.key, tuple(body.required_scopes))


def _by_the_reader(document: Any) -> VerifyRequest | None:
    try:
        return read_verify_body(document)
    except InvalidFieldsError:
        return None


@given(NEAR_MISSES | ANYTHING)
@example({"key": "k" * 512, "requiredScopes": ["a:" + "b" * 64] * 20})
@example({"key": "é" * 512})
@example({"key": "k", "requiredScopes": [f"{'a' * 64}:{'b' * 64}:{'c' * 64}:{'d' * 5}"]})
@example({"key": "k", "requiredScopes": [f"{'a' * 64}:{'b' * 64}:{'c' * 64}:{'d' * 6}"]})
@example({"key": "k", "requiredScopes": None})
@example({"key": "k", "required_scopes": []})
@example({"key": True})
def test_the_fast_reader_and_the_schema_agree(document: Any) -> None:
    assert _by_the_reader(document) == _by_the_schema(document)


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({}, ["/key"]), ({"key": 5}, ["/key"]), ({"key": "k", "requiredScopes": ["a:b", "A"]}, ["/requiredScopes/1"]),
        ({"key": "k" * 513, "x/y~z": 1}, ["/key", "/x~1y~0z"]), ([], [""]), (None, [""]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_refused_is_pointed_at(document: Any, pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_verify_body(document)

    assert [error.pointer for error in refused.value.errors] == pointers


def test_a_request_does_not_show_its_key() -> None:
    assert "k3y" not in repr(VerifyRequest("k3y", ()))
