"""JSON merge patches (RFC 7396)."""

from collections.abc import Collection, Mapping
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError

MAX_FINDINGS = 100


def merged(target: Any, patch: Any) -> Any:
    """Return `target` with `patch` applied: objects are merged, null removes a member, other values replace it."""
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
    """Return the patch. Raises `InvalidFieldsError` if the document is not an object."""
    if not isinstance(document, dict):
        raise InvalidFieldsError([FieldError("", "Must be an object.")])
    return document


def check_removals(patch: Mapping[str, Any], removable: Mapping[str, Collection[str] | None]) -> None:
    """Raise `InvalidFieldsError` for null in a field that a patch cannot remove.

    `removable` maps each field that can be null to those of its own fields that can be null. None: the field's own
    fields are not checked.
    """
    pointers = [_pointer(name) for name, value in patch.items() if value is None and name not in removable]
    for name, inner in removable.items():
        value = patch.get(name)
        if inner is not None and isinstance(value, dict):
            pointers += [_pointer(name, each) for each in value if value[each] is None and each not in inner]
    if pointers:
        detail = "Must not be null. A patch can remove optional fields only."
        raise InvalidFieldsError([FieldError(pointer, detail) for pointer in pointers[:MAX_FINDINGS]])


def _pointer(*names: str) -> str:
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
