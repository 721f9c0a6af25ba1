"""Comparison of JSON values: member order and whitespace make no difference, `1`, `1.0` and `true` do."""

import json
from typing import Any


def canonical_json(value: Any) -> str:
    """The JSON text of a value, the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. Python's `==` is true for `1` and `true`."""
    return canonical_json(one) == canonical_json(other)
