"""JSON merge patches (RFC 7396)."""

from collections.abc import Mapping
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError


def merged(target: Any, patch: Any) -> Any:
    """`target` with `patch` applied: objects are merged, null takes a member away, everything else takes its place."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def read_patch(document: Any) -> Mapping[str, Any]:
    """A patch: an object, whatever is in it; raises `InvalidFieldsError`."""
    if not isinstance(document, dict):
        raise InvalidFieldsError([FieldError("", "This must be an object.")])
    return document
