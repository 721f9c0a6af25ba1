"""JSON merge patches: the examples of RFC 7396, appendix A, and further properties."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.merge_patch import merged, read_patch

APPENDIX_A = [
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', "{}"),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', "null", "null"),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
    ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(("original", "patch", "result"), APPENDIX_A)
def test_rfc_7396_examples(original: str, patch: str, result: str) -> None:
    assert merged(json.loads(original), json.loads(patch)) == json.loads(result)


@given(JSON, JSON)
def test_target_and_patch_are_not_modified(target: Any, patch: Any) -> None:
    before = deepcopy((target, patch))
    merged(target, patch)

    assert (target, patch) == before


@given(JSON, JSON)
def test_patch_is_idempotent(target: Any, patch: Any) -> None:
    once = merged(target, patch)

    assert merged(once, patch) == once


@given(JSON)
def test_empty_patch_does_not_change_an_object(target: Any) -> None:
    assert merged(target, {}) == (target if isinstance(target, dict) else {})


@given(JSON, JSON)
def test_members_not_named_are_kept(target: Any, patch: Any) -> None:
    if isinstance(target, dict) and isinstance(patch, dict):
        after = merged(target, patch)
        assert {name: after[name] for name in target.keys() - patch.keys()} == {
            name: target[name] for name in target.keys() - patch.keys()
        }


@pytest.mark.parametrize("document", [[], "text", 5, True])
def test_patch_must_be_an_object(document: Any) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_patch(document)

    assert [error.pointer for error in refused.value.errors] == [""]


def test_any_object_is_a_patch() -> None:
    assert read_patch({"a": None, "b": [1]}) == {"a": None, "b": [1]}
