"""Comparison of JSON values. Member order and whitespace are ignored. `1`, `1.0` and `true` are different."""

import json
from typing import Any


def canonical_json(value: Any) -> str:
    """The JSON text of a value, the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def same_json(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON. Python's `==` is true for `1` and `true`."""
    return canonical_json(one) == canonical_json(other)
