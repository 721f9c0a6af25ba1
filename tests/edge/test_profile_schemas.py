"""Request bodies, merge patches and responses of permission profiles."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.merge_patch import merged
from latchhook.edge.responses.profiles import profile_response
from latchhook.edge.schemas.profiles import CreateProfileBody, UpdateProfileBody
from latchhook.edge.schemas.validation import RequestBody, validate
from latchhook.permissions.profile_editing import ProfileSettings
from latchhook.permissions.profiles import MAX_ACTIONS, MAX_RULES, Rule
from tests.samples import NOW, profile

BODIES = (CreateProfileBody, UpdateProfileBody)
READ = {"effect": "allow", "actions": ["orders:read"]}


def _pointers(model: type[RequestBody], document: Any) -> list[str]:
    with pytest.raises(InvalidFieldsError) as refused:
        validate(model, document)
    return [error.pointer for error in refused.value.errors]


def _rules(*counts: int) -> list[dict[str, Any]]:
    return [{"effect": "deny", "actions": ["orders:read"] * count} for count in counts]


def test_name_is_the_only_required_field() -> None:
    assert validate(CreateProfileBody, {"name": "Readers"}).settings() == ProfileSettings("Readers")


def test_body_is_read_completely() -> None:
    document = {"name": "Readers", "description": "d", "rules": [READ, {"effect": "deny", "actions": ["*", "a:b:*"]}]}

    assert validate(CreateProfileBody, document).settings() == ProfileSettings(
        "Readers", "d", (Rule("allow", ("orders:read",)), Rule("deny", ("*", "a:b:*")))
    )


@pytest.mark.parametrize("model", BODIES)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 255), ("description", "x" * 1000), ("description", None), ("rules", []),
        ("rules", _rules(*[1] * MAX_RULES)), ("rules", _rules(MAX_ACTIONS)), ("rules", _rules(20, 20, 10)),
        ("rules", [{"effect": "allow", "actions": ["a" * 64 + ":" + "b" * 64 + ":" + "c" * 64 + ":" + "d" * 5]}]),
    ],
)  # fmt: skip
def test_value_at_a_limit_is_accepted(model: type[RequestBody], field: str, value: Any) -> None:
    validate(model, {"name": "Readers", field: value})


@pytest.mark.parametrize("model", BODIES)
@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("name", "", "/name"), ("name", None, "/name"), ("name", 5, "/name"), ("name", "x" * 256, "/name"),
        ("name", "a\nb", "/name"), ("name", "\ud800", "/name"),
        ("description", "x" * 1001, "/description"), ("description", 5, "/description"),
        ("description", "a\x00", "/description"),
        ("rules", {}, "/rules"), ("rules", "orders:read", "/rules"), ("rules", [5], "/rules/0"),
        ("rules", _rules(*[1] * (MAX_RULES + 1)), "/rules"), ("rules", _rules(MAX_ACTIONS, 1), "/rules"),
        ("rules", _rules(MAX_ACTIONS + 1), "/rules/0/actions"), ("rules", _rules(1, 0), "/rules/1/actions"),
        ("rules", [{"actions": ["a:b"]}], "/rules/0/effect"), ("rules", [{"effect": "allow"}], "/rules/0/actions"),
        ("rules", [{"effect": "Allow", "actions": ["a:b"]}], "/rules/0/effect"),
        ("rules", [{"effect": None, "actions": ["a:b"]}], "/rules/0/effect"),
        ("rules", [READ, {"effect": "allow", "actions": ["a:b", "orders"]}], "/rules/1/actions/1"),
        ("rules", [{"effect": "allow", "actions": ["**"]}], "/rules/0/actions/0"),
        ("rules", [{"effect": "allow", "actions": [5]}], "/rules/0/actions/0"),
        ("rules", [{"effect": "allow", "actions": ["orders:re*"]}], "/rules/0/actions/0"),
        ("rules", [{"effect": "allow", "actions": [":".join(["a" * 64] * 4)]}], "/rules/0/actions/0"),
        ("rules", [{**READ, "resources": []}], "/rules/0/resources"),
        ("keyCount", 0, "/keyCount"), ("id", "x", "/id"),
    ],
)  # fmt: skip
def test_invalid_value_is_refused_with_pointer(model: type[RequestBody], field: str, value: Any, pointer: str) -> None:
    assert _pointers(model, {"name": "Readers", field: value}) == [pointer]


def test_null_rules_are_refused_for_a_new_profile() -> None:
    assert _pointers(CreateProfileBody, {"name": "x", "rules": None}) == ["/rules"]
    assert _pointers(CreateProfileBody, {}) == ["/name"]


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_patch_that_is_no_object_is_refused(document: Any) -> None:
    assert _pointers(UpdateProfileBody, document) == [""]


def test_empty_patch_changes_nothing() -> None:
    found = profile(description="d")

    assert validate(UpdateProfileBody, {}).applied_to(found) == ProfileSettings(found.name, "d", found.rules)


PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["New", "Order readers"]),
        "description": st.sampled_from(["New", None]),
        "rules": st.sampled_from([[READ], [], [READ, {"effect": "deny", "actions": ["*"]}], None]),
    },
)


@given(PATCHES, st.sampled_from([None, "Old"]))
def test_patch_follows_rfc_7396(patch: dict[str, Any], description: str | None) -> None:
    found = profile(description=description)
    target: dict[str, Any] = {
        "name": found.name,
        "description": description,
        "rules": [{"effect": rule.effect, "actions": list(rule.actions)} for rule in found.rules],
    }

    patched = validate(UpdateProfileBody, patch).applied_to(found)

    assert patched == validate(CreateProfileBody, merged(target, patch)).settings()


def test_schema_of_a_patch_has_no_defaults() -> None:
    """In openapi.json, `default: null` would mean that omitting a field resets it."""
    assert "default" not in json.dumps(UpdateProfileBody.model_json_schema())


def test_response_contains_every_field() -> None:
    response = profile_response(replace(profile(), key_count=2, updated_at=NOW + timedelta(milliseconds=5)))

    assert response == {
        "id": str(profile().id),
        "accountId": "acct_1",
        "name": "Order readers",
        "description": None,
        "rules": [
            {"effect": "allow", "actions": ["orders:*"]},
            {"effect": "deny", "actions": ["orders:write"]},
        ],
        "keyCount": 2,
        "memberCount": 0,
        "createdAt": "2027-03-15T12:00:00Z",
        "updatedAt": "2027-03-15T12:00:00.005Z",
    }
