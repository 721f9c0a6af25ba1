"""The fast reader of a verification accepts exactly what its schema accepts, with the same values."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from latchhook.api_keys.limits import MAX_COST
from latchhook.api_keys.verification import UseRequest
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.schemas.key_verification import VerifyKeyBody
from latchhook.edge.verify_body import InvalidEntry, VerifyRequest, read_verify_batch_body, read_verify_body
from latchhook.permissions.requirements import NOTHING

SCOPES = st.one_of(
    st.sampled_from(["orders:read", "a:b:c:d", "a:b:c:d:e", "Orders:read", "orders:*", "*", "orders", "a:b\n"]),
    st.from_regex(r"[a-z0-9:_*-]{1,220}", fullmatch=True),
    st.text(),
)
ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
KEYS = st.one_of(
    st.text(),
    st.text(st.characters(), min_size=505, max_size=520),
    ANYTHING,
)
SCOPE_LISTS = st.one_of(
    st.lists(SCOPES, max_size=3), st.lists(st.just("orders:read"), min_size=14, max_size=18), ANYTHING
)
TREES = st.recursive(
    SCOPES,
    lambda inner: st.dictionaries(
        st.sampled_from(["and", "or", "not", "xor"]), inner | st.lists(inner, max_size=3), max_size=2
    ),
    max_leaves=20,
)
COSTS = st.integers(-1, 1) | st.integers(MAX_COST - 1, MAX_COST + 1) | st.integers() | st.floats() | ANYTHING
ADDRESSES = st.one_of(
    st.none(),
    st.ip_addresses().map(str),
    st.sampled_from(["::ffff:10.0.0.1", "10.0.0.01", " 10.0.0.1", "fe80::1%eth0", "10.0.0.1/32", "localhost", ""]),
    st.text(),
    ANYTHING,
)
NEAR_MISSES = st.fixed_dictionaries(
    {}, optional={"key": KEYS, "requiredScopes": SCOPE_LISTS | TREES, "cost": COSTS, "ipAddress": ADDRESSES}
)
GOOD = st.fixed_dictionaries(
    {"key": st.just("k")},
    optional={
        "requiredScopes": TREES,
        "cost": st.integers(-1, 3),
        "ipAddress": st.none() | st.ip_addresses().map(str),
        "unknown": st.just(1),
    },
)


def _by_the_schema(document: Any) -> VerifyRequest | None:
    try:
        body = VerifyKeyBody.model_validate(document)
    except ValidationError:
        return None
    return VerifyRequest(body.key, UseRequest(body.required_scopes, body.cost, body.ip_address))


def _by_the_reader(document: Any) -> VerifyRequest | None:
    try:
        return read_verify_body(document)
    except InvalidFieldsError:
        return None


@given(GOOD | NEAR_MISSES | ANYTHING)
@example({"key": "k" * 512, "requiredScopes": ["a:" + "b" * 64] * 16})
@example({"key": "k" * 512, "requiredScopes": ["a:" + "b" * 64] * 17})
@example({"key": "k", "requiredScopes": {"and": ["a:b", {"not": {"or": ["c:d", "e:f"]}}]}})
@example({"key": "k", "cost": True})
@example({"key": "k", "cost": 1.0})
@example({"key": "k", "cost": None})
@example({"key": "k", "cost": MAX_COST + 1})
@example({"key": "k", "ipAddress": 167772161})
@example({"key": "k", "ipAddress": "0000:0000:0000:0000:0000:ffff:192.168.100.228"})
@example({"key": "k", "unknown": None})
@example({"key": "é" * 512})
@example({"key": "k", "requiredScopes": [f"{'a' * 64}:{'b' * 64}:{'c' * 64}:{'d' * 5}"]})
@example({"key": "k", "requiredScopes": [f"{'a' * 64}:{'b' * 64}:{'c' * 64}:{'d' * 6}"]})
@example({"key": "k", "requiredScopes": None})
@example({"key": "k", "required_scopes": []})
@example({"key": True})
def test_fast_reader_and_schema_agree(document: Any) -> None:
    assert _by_the_reader(document) == _by_the_schema(document)


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({}, ["/key"]), ({"key": 5}, ["/key"]), ({"key": "k", "requiredScopes": ["a:b", "A"]}, ["/requiredScopes"]),
        ({"key": None, "x/y~z": 1}, ["/key", "/x~1y~0z"]), ([], [""]), (None, [""]),
        ({"key": "k", "requiredScopes": {"and": []}}, ["/requiredScopes"]),
        ({"key": "k", "requiredScopes": ["a:b"] * 17}, ["/requiredScopes"]),
        ({"key": "k", "cost": -1}, ["/cost"]), ({"key": "k", "cost": MAX_COST + 1}, ["/cost"]),
        ({"key": "k", "ipAddress": "fe80::1%eth0"}, ["/ipAddress"]), ({"key": "k", "ipAddress": 5}, ["/ipAddress"]),
        ({"key": "k", "ip_address": "10.0.0.1"}, ["/ip_address"]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_invalid_body_is_refused_with_pointer(document: Any, pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_verify_body(document)

    assert [error.pointer for error in refused.value.errors] == pointers


def test_default_request_costs_one_credit_and_requires_nothing() -> None:
    assert read_verify_body({"key": "k"}) == VerifyRequest("k", UseRequest(NOTHING, 1, None))


@pytest.mark.parametrize("cost", [0, 1, MAX_COST])
def test_cost_of_up_to_a_million_is_accepted(cost: int) -> None:
    assert read_verify_body({"key": "k", "cost": cost}).use_request.cost == cost


def test_repr_does_not_show_the_key() -> None:
    assert "k3y" not in repr(VerifyRequest("k3y", UseRequest()))
    assert "k3y" not in repr(VerifyKeyBody(key="k3y"))


# ---- Batches ----


def test_batch_is_read_in_order_like_single_bodies() -> None:
    bodies = [{"key": "a", "cost": 2}, {"key": "b", "requiredScopes": ["a:b"]}, {"key": "a", "cost": 2}]

    assert read_verify_batch_body({"keys": bodies}) == [read_verify_body(body) for body in bodies]


@pytest.mark.parametrize("count", [1, 100])
def test_batch_of_up_to_a_hundred_keys_is_accepted(count: int) -> None:
    assert len(read_verify_batch_body({"keys": [{"key": "k"}] * count})) == count


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({}, ["/keys"]), ({"keys": []}, ["/keys"]), ({"keys": [{"key": "k"}] * 101}, ["/keys"]),
        ({"keys": {"key": "k"}}, ["/keys"]), ([{"key": "k"}], [""]), ({"keys": [{"key": "k"}], "key": "k"}, ["/key"]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_invalid_batch_is_refused_with_pointer(document: Any, pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_verify_batch_body(document)

    assert [error.pointer for error in refused.value.errors] == pointers


@pytest.mark.parametrize(
    "text", ["", "\ud800", "x" * 513, "x" * 200_000, "é" * 60, "a\x00b"], ids=lambda text: repr(text)[:20]
)
def test_any_key_text_is_accepted(text: str) -> None:
    assert read_verify_body({"key": text}).key == text
    assert read_verify_body({"key": text, "ipAddress": None}).key == text
    assert VerifyKeyBody.model_validate({"key": text}).key == text


@pytest.mark.parametrize(
    ("entry", "pointers"),
    [
        ({"key": "k", "cost": -1}, ["/cost"]), ({}, ["/key"]), (None, [""]), ("k", [""]), ([], [""]),
        ({"key": "k", "ipAddress": "here"}, ["/ipAddress"]), ({"key": 7}, ["/key"]),
        ({"key": "k", "requiredScopes": {"xor": []}}, ["/requiredScopes"]), ({"key": "k", "x": 1}, ["/x"]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_invalid_entry_of_a_batch_does_not_affect_the_others(entry: Any, pointers: list[str]) -> None:
    before, invalid, after = read_verify_batch_body({"keys": [{"key": "a"}, entry, {"key": "b"}]})

    assert (before, after) == (VerifyRequest("a", UseRequest()), VerifyRequest("b", UseRequest()))
    assert isinstance(invalid, InvalidEntry)
    assert [error.pointer for error in invalid.errors] == pointers
