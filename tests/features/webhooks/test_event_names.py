"""Event names, and the patterns to which a webhook subscribes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.event_names import MAX_LENGTH, is_event_name, is_event_pattern, picks

NAMES = st.lists(st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True), min_size=1, max_size=6).map(".".join)


@pytest.mark.parametrize("name", ["lap", "lap.created", "api_key.limit_reached", "a.b.c.d", "1.2", "-._", "x" * 128])
def test_name_consists_of_words_separated_by_dots(name: str) -> None:
    assert is_event_name(name)


@pytest.mark.parametrize(
    "text",
    ["", ".", "lap.", ".lap", "lap..created", "Lap.created", "lap created", "lap.*", "*", "lap.created\n", "läp",
     "x" * 129],
)  # fmt: skip
def test_any_other_text_is_no_name(text: str) -> None:
    assert not is_event_name(text)


@pytest.mark.parametrize("pattern", ["*", "lap.*", "lap.time.*", "lap.created", "x" * 128 + ".*"])
def test_pattern_is_a_name_a_prefix_or_the_star(pattern: str) -> None:
    assert is_event_pattern(pattern)


@pytest.mark.parametrize(
    "text", ["", ".*", "**", "*.created", "lap*", "lap.*.set", "l*p", "lap.**", "Lap.*", "x" * 129 + ".*"]
)
def test_any_other_text_is_no_pattern(text: str) -> None:
    assert not is_event_pattern(text)


@given(NAMES)
def test_star_picks_every_event(name: str) -> None:
    assert picks(["*"], name)


@given(NAMES, NAMES)
def test_name_picks_only_that_event(pattern: str, name: str) -> None:
    assert picks([pattern], name) == (pattern == name)


@given(NAMES, NAMES)
def test_prefix_picks_events_below_it_and_not_itself(prefix: str, rest: str) -> None:
    assert picks([f"{prefix}.*"], f"{prefix}.{rest}")
    assert not picks([f"{prefix}.*"], prefix)


@given(NAMES, NAMES)
def test_prefix_picks_whole_words(prefix: str, rest: str) -> None:
    assert not picks([f"{prefix}.*"], f"{prefix}x.{rest}")


def test_one_matching_pattern_is_enough() -> None:
    assert picks(["order.*", "lap.created"], "lap.created")


def test_empty_list_of_patterns_picks_nothing() -> None:
    assert not picks([], "lap.created")


@given(NAMES)
def test_every_name_is_a_pattern(name: str) -> None:
    assert len(name) > MAX_LENGTH or is_event_pattern(name)
