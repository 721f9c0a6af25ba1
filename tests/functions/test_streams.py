"""The filters of stream records in the tests: the same results as Lambda for the template's patterns."""

from typing import Any

import pytest

from tests.functions.streams import matches, stream_sources

RECORD = {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "AUDIT#acme"}}}}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({}, True),
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY", "INSERT"]}, True),
        ({"eventName": ["MODIFY"]}, False),
        ({"eventName": []}, False),
        ({"missing": ["INSERT"]}, False),
        ({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "AUDIT#"}]}}}}, True),
        ({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "ACCOUNT#"}]}}}}, False),
        ({"dynamodb": {"NewImage": {"action": {"S": ["x"]}}}}, False),
        ({"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": ["AUDIT#"]}}}}, False),
        ({"eventName": {"S": ["INSERT"]}}, False),
    ],
    ids=str,
)
def test_pattern_matches_records_with_all_its_fields(pattern: dict[str, Any], fits: bool) -> None:
    assert matches(pattern, RECORD) is fits


def test_unknown_kind_of_pattern_raises() -> None:
    with pytest.raises(NotImplementedError):
        matches({"eventName": [{"suffix": "T"}]}, RECORD)


@pytest.mark.parametrize(
    ("name", "owner", "action", "passes"),
    [
        ("INSERT", "AUDIT#acme", "webhook.resumed", True),
        ("INSERT", "AUDIT#acme", "webhook.deleted", True),
        ("INSERT", "AUDIT#acme", "webhook.disabled", True),
        ("INSERT", "AUDIT#acme", "webhook.recovery_started", True),
        ("MODIFY", "AUDIT#acme", "webhook.resumed", False),
        ("REMOVE", "AUDIT#acme", None, False),
        ("INSERT", "AUDIT#acme", "webhook.paused", False),
        ("INSERT", "AUDIT#acme", "webhook.recovery_finished", False),
        ("INSERT", "AUDIT#acme", "webhook.updated", False),
        ("INSERT", "AUDIT#acme", "webhook.created", False),
        ("INSERT", "ACCOUNT#acme", "webhook.resumed", False),
    ],
)
def test_template_filter_passes_changes_that_start_drains(
    name: str, owner: str, action: str | None, passes: bool
) -> None:
    (source,) = [each for each in stream_sources() if each.worker == "StartDrains"]
    image = {} if action is None else {"NewImage": {"action": {"S": action}}}
    record = {"eventName": name, "dynamodb": {"Keys": {"pk": {"S": owner}}, **image}}
    assert source.lets_through(record) is passes


@pytest.mark.parametrize(
    ("name", "owner", "action", "passes"),
    [
        ("INSERT", "AUDIT#acme", "api_key.created", True),
        ("MODIFY", "AUDIT#acme", "api_key.created", False),
        ("REMOVE", "AUDIT#acme", None, False),
        ("INSERT", "AUDIT#acme", "api_key.created.twice", False),
        ("INSERT", "AUDIT#acme", "webhook.created", False),
        ("INSERT", "AUDIT#acme", "request.refused", False),
        ("INSERT", "ACCOUNT#acme", "api_key.created", False),
    ],
)
def test_template_filter_passes_new_audit_entries_of_keys(
    name: str, owner: str, action: str | None, passes: bool
) -> None:
    (source,) = [each for each in stream_sources() if each.worker == "PublishSystemEvents"]
    image = {} if action is None else {"NewImage": {"action": {"S": action}}}
    record = {"eventName": name, "dynamodb": {"Keys": {"pk": {"S": owner}}, **image}}
    assert source.lets_through(record) is passes
