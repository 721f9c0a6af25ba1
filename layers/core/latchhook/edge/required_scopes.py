"""Reading of the field `requiredScopes`: a list of scopes, or a tree of `and`, `or` and `not` over scopes."""

from collections.abc import Mapping
from typing import Any

from latchhook.permissions.requirements import (
    MAX_DEPTH,
    MAX_SCOPES,
    Joined,
    Requirement,
    Scope,
    all_of,
    names,
    opposite,
)
from latchhook.permissions.scopes import MAX_SCOPE_LENGTH, SCOPE_PATTERN, is_scope

_SCOPE: dict[str, Any] = {"type": "string", "maxLength": MAX_SCOPE_LENGTH, "pattern": SCOPE_PATTERN}
_PART: dict[str, Any] = {"anyOf": [_SCOPE, {"$ref": "#/components/schemas/ScopeTree"}]}
_PARTS: dict[str, Any] = {"type": "array", "items": _PART, "minItems": 1}

NAMED_SCHEMAS: dict[str, Any] = {
    "RequiredScopes": {
        "description": "A list requires all of its scopes. A tree joins scopes by `and`, `or` and `not`.",
        "anyOf": [
            {"type": "array", "items": _SCOPE, "maxItems": MAX_SCOPES},
            _SCOPE,
            {"$ref": "#/components/schemas/ScopeTree"},
        ],
    },
    "ScopeTree": {
        "description": "`and`: all parts. `or`: one part or more. `not`: negation. A part is a scope or an object.",
        "type": "object",
        "properties": {"and": _PARTS, "or": _PARTS, "not": _PART},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    },
}
"""Schemas for the components of openapi.json. The second schema refers to itself."""

REQUIRED_SCOPES_SCHEMA: dict[str, Any] = {"x-component": "RequiredScopes"}
"""A reference that pydantic does not resolve. `local/openapi` turns it into a `$ref`."""


def parse_required_scopes(value: Any) -> Requirement:
    """Return the requirement. Raises `ValueError` with a text for the caller."""
    requirement = all_of(_leaf(scope).name for scope in value) if isinstance(value, list) else _tree(value, MAX_DEPTH)
    if sum(1 for _ in names(requirement)) > MAX_SCOPES:
        raise ValueError(f"At most {MAX_SCOPES} scopes.")
    return requirement


def _tree(value: Any, depth: int) -> Requirement:
    if not isinstance(value, dict):
        return _leaf(value)
    if not depth:
        raise ValueError(f"and, or and not can be nested at most {MAX_DEPTH} levels deep.")
    return _joined(value, depth)


def _joined(value: Mapping[str, Any], depth: int) -> Requirement:
    match value:
        case {"not": part} if len(value) == 1:
            return opposite(_tree(part, depth - 1))
        case {"and": list(parts)} if len(value) == 1 and parts:
            return Joined("and", tuple(_tree(part, depth - 1) for part in parts))
        case {"or": list(parts)} if len(value) == 1 and parts:
            return Joined("or", tuple(_tree(part, depth - 1) for part in parts))
    raise ValueError(
        'Each part must be a scope, {"and": [...]}, {"or": [...]} or {"not": ...}. Lists must not be empty.'
    )


def _leaf(value: Any) -> Scope:
    if not isinstance(value, str) or len(value) > MAX_SCOPE_LENGTH or not is_scope(value):
        raise ValueError("A scope must be resource:action in lower case.")
    return Scope(value)
