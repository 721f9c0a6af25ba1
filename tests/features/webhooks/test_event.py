"""The event body: its form, field order and size limit, and the characters that a queue accepts."""

import json
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.errors import EventTooLargeError, UnstorableNumberError
from latchhook.webhooks.event import MAX_BODY_BYTES, event_body
from tests.samples import ACCOUNT, NOW, event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ENTITIES = st.dictionaries(st.text(st.characters()), JSON, max_size=6)
SURROGATES = st.text(st.sampled_from("a\ud800\udfff\udbff\ufffe\uffff\U0001f3c1\\u"))


def _body(entity: dict[str, Any]) -> str:
    return event_body(event_id="evt_1", name="lap.created", account_id=ACCOUNT, entity=entity, occurred_at=NOW)


def test_body_is_compact_json_with_fields_in_fixed_order() -> None:
    assert _body({"lap": 1}) == (
        '{"event":"lap.created","accountId":"acct_1","entity":{"lap":1},"id":"evt_1",'
        '"occurredAt":"2027-03-15T12:00:00Z"}'
    )


@given(ENTITIES)
def test_entity_is_unchanged_and_keeps_the_order_of_its_keys(entity: dict[str, Any]) -> None:
    received = json.loads(_body(entity))["entity"]

    assert received == entity
    assert list(received) == list(entity)


def test_occurred_at_is_written_in_utc() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    body = event_body(event_id="e", name="lap", account_id="a", entity={}, occurred_at=tokyo)

    assert json.loads(body)["occurredAt"] == "2027-03-15T12:00:00Z"


@given(SURROGATES, SURROGATES)
def test_characters_that_sqs_refuses_are_escaped(key: str, value: str) -> None:
    body = _body({key: value})

    body.encode("utf-8")
    assert not {"\ufffe", "\uffff"} & set(body)
    received = json.loads(body)["entity"]
    assert json.dumps(received) == json.dumps({key: value})


def test_other_characters_are_not_escaped() -> None:
    assert '"Zoë \U0001f3c1"' in _body({"name": "Zoë \U0001f3c1"})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), json.loads("1e999")])
def test_number_that_is_no_valid_json_is_refused(number: float) -> None:
    with pytest.raises(UnstorableNumberError):
        _body({"deep": [{"number": number}]})


@pytest.mark.parametrize("filler", ["x", "é", "\U0001f3c1", "\uffff"], ids=["ascii", "two", "four", "escaped"])
def test_body_of_256_kib_is_accepted_and_one_more_byte_is_refused(filler: str) -> None:
    room = MAX_BODY_BYTES - len(_body({"text": ""}).encode())
    size = 6 if filler == "\uffff" else len(filler.encode())
    text = "x" * (room % size) + filler * (room // size)

    assert len(_body({"text": text}).encode()) == MAX_BODY_BYTES == 262_144
    with pytest.raises(EventTooLargeError):
        _body({"text": text + "x"})


def test_repr_of_an_event_does_not_show_its_body() -> None:
    assert "total" in event().body
    assert "total" not in repr(event())
