"""The examples of one operation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Example:
    """The examples of one operation: a request body, and responses by name."""

    request: Any = None
    responses: Mapping[str, Any] = field(default_factory=dict)


def answered(response: Any, request: Any = None) -> Example:
    """Return the examples of an operation with one response."""
    return Example(request, {"good": response})
