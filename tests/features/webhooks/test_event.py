"""The body that receivers get: its form, its order, its bound, and that every queue takes it."""

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


def test_the_body_is_document_003s_three_fields_first_as_compact_json() -> None:
    assert _body({"lap": 1}) == (
        '{"event":"lap.created","accountId":"acct_1","entity":{"lap":1},"id":"evt_1",'
        '"occurredAt":"2027-03-15T12:00:00Z"}'
    )


@given(ENTITIES)
def test_the_entity_arrives_as_it_was_sent_its_keys_in_their_order(entity: dict[str, Any]) -> None:
    received = json.loads(_body(entity))["entity"]

    assert received == entity
    assert list(received) == list(entity)


def test_the_moment_is_written_in_utc() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    body = event_body(event_id="e", name="lap", account_id="a", entity={}, occurred_at=tokyo)

    assert json.loads(body)["occurredAt"] == "2027-03-15T12:00:00Z"


@given(SURROGATES, SURROGATES)
def test_what_has_no_place_in_a_queue_is_escaped_and_arrives_all_the_same(key: str, value: str) -> None:
    body = _body({key: value})

    body.encode("utf-8")
    assert not {"\ufffe", "\uffff"} & set(body)
    received = json.loads(body)["entity"]
    assert json.dumps(received) == json.dumps({key: value})


def test_other_characters_are_written_as_they_are() -> None:
    assert '"Zoë \U0001f3c1"' in _body({"name": "Zoë \U0001f3c1"})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), json.loads("1e999")])
def test_a_number_that_no_receiver_could_read_is_refused(number: float) -> None:
    with pytest.raises(UnstorableNumberError):
        _body({"deep": [{"number": number}]})


@pytest.mark.parametrize("filler", ["x", "é", "\U0001f3c1", "\uffff"], ids=["ascii", "two", "four", "escaped"])
def test_a_body_of_exactly_256_kib_is_taken_and_one_byte_more_is_not(filler: str) -> None:
    room = MAX_BODY_BYTES - len(_body({"text": ""}).encode())
    size = 6 if filler == "\uffff" else len(filler.encode())
    text = "x" * (room % size) + filler * (room // size)

    assert len(_body({"text": text}).encode()) == MAX_BODY_BYTES == 262_144
    with pytest.raises(EventTooLargeError):
        _body({"text": text + "x"})


def test_an_event_does_not_show_its_body() -> None:
    assert "total" in event().body
    assert "total" not in repr(event())
