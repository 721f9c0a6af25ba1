"""The examples in docs/integrate/event-types-and-filters.md work, and its limits are those of the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from latchhook.webhooks import event_types, filter_operators, filters
from latchhook.webhooks.entity_schemas import EntitySchema
from latchhook.webhooks.event_types import example_body
from latchhook.webhooks.filter_operators import MAX_CONDITIONS
from latchhook.webhooks.filters import read_filter
from tests.samples import NOW, event_type

PAGE = (Path(__file__).parents[3] / "docs" / "integrate" / "event-types-and-filters.md").read_text(encoding="utf-8")
TYPE, FILTER, TRIAL = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_event_type_on_the_page_is_valid_and_its_example_matches() -> None:
    assert TYPE.keys() == {"description", "schema", "example", "orders"}
    assert EntitySchema(TYPE["schema"]).findings(TYPE["example"]) == ()
    assert EntitySchema(TYPE["schema"]).findings({"number": 7}) != ()


@pytest.mark.parametrize(
    ("changes", "matches"),
    [
        ({}, True),
        ({"severity": "minor"}, False),
        ({"total": 1000.5}, False),
        ({"state": "draft"}, False),
        ({"assignee": "jo"}, False),
        ({"assignee": "jo", "team": "pit-3"}, True),
    ],
    ids=json.dumps,
)
def test_filter_on_the_page_matches_as_described(changes: dict[str, Any], matches: bool) -> None:
    entity = {"severity": "critical", "total": 12, "state": "open", **changes}

    assert read_filter(FILTER, size=0).matches({"entity": entity}, TYPE["orders"]) == matches


def test_filter_test_on_the_page_matches_the_example_of_the_type() -> None:
    kept = event_type(TRIAL["eventType"], example=TYPE["example"], orders=TYPE["orders"])
    body = example_body(kept, account_id="acme", now=NOW)

    assert body is not None
    assert read_filter(TRIAL["filter"], size=0).matches(body, kept.orders)


def test_array_examples_on_the_page_are_correct() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (yes|no) \| [^|]+ \|$", PAGE, re.MULTILINE)
    (items,) = re.findall(r'^For `"items": (.+)`:$', PAGE, re.MULTILINE)

    assert len(rows) == 4
    for pattern, response in rows:
        body = {"items": json.loads(items)}
        assert read_filter({"items": json.loads(pattern)}, size=0).matches(body, {}) == (response == "yes")


def test_page_names_every_operator() -> None:
    named = set(re.findall(r"`([a-z-]+)`", PAGE[PAGE.index("## Filters") :]))

    with pytest.raises(filter_operators.InvalidFilterError) as refused:
        read_filter({"a": [{"unknown": 1}]}, size=0)
    operators = set(re.findall(r"[a-z]+(?:-[a-z]+)*", refused.value.detail.partition("operators are")[2]))
    assert operators <= named
    assert len(operators) == 9


def test_limits_match_the_page() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE))

    assert {limit: [int(number) for number in re.findall(r"\d+", text)] for limit, text in rows.items()} == {
        "event types in a deployment": [event_types.MAX_TYPES],
        "schema, example": [event_types.MAX_SCHEMA_BYTES // 1024],
        "description": [1000],
        "orders of a type": [event_types.MAX_ORDERS, event_types.MAX_WORDS, event_types.MAX_WORD_LENGTH],
        "filter": [filters.MAX_BYTES // 1024],
        "fields within each other in a filter": [filters.MAX_DEPTH],
        "alternatives in a filter, those of `$or` among them": [MAX_CONDITIONS],
        "combinations of all `$or` of a filter (their sizes multiplied)": [filters.MAX_COMBINATIONS],
        "comparisons of one event with one filter": [filters.MAX_WORK],
        "values of one `anything-but`": [MAX_CONDITIONS],
    }
    assert event_types.MAX_SCHEMA_BYTES == event_types.MAX_EXAMPLE_BYTES
    assert f"Changes take effect within {event_types.LONGEST_SECONDS} seconds" in PAGE
