"""JSON merge patches (RFC 7396)."""

from collections.abc import Collection, Mapping
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError

MAX_FINDINGS = 100


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


def check_removals(patch: Mapping[str, Any], removable: Mapping[str, Collection[str] | None]) -> None:
    """Refuses null for a field that a patch cannot remove; raises `InvalidFieldsError`.

    `removable` names the fields that may be null, each with its own such fields; None is not searched.
    """
    pointers = [_pointer(name) for name, value in patch.items() if value is None and name not in removable]
    for name, inner in removable.items():
        value = patch.get(name)
        if inner is not None and isinstance(value, dict):
            pointers += [_pointer(name, each) for each in value if value[each] is None and each not in inner]
    if pointers:
        detail = "This can't be null: a patch removes optional fields only."
        raise InvalidFieldsError([FieldError(pointer, detail) for pointer in pointers[:MAX_FINDINGS]])


def _pointer(*names: str) -> str:
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
