"""Tables of the fields of a JSON Schema of openapi.json."""

from collections.abc import Iterator, Mapping
from typing import Any

Schemas = Mapping[str, Mapping[str, Any]]
MAX_DEPTH = 4
"""Levels of nested fields. A filter's schema contains itself."""

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}
_OBVIOUS = {("minLength", 1), ("minItems", 1)}


def field_table(schemas: Schemas, schema: Mapping[str, Any]) -> str:
    """Return a Markdown table of all fields, with nested fields as `a.b` and fields of list items as `a[].b`."""
    rows = list(_rows(schemas, schema, "", 0))
    return "\n".join(["| field | type | meaning |", "|---|---|---|", *rows]) if rows else ""


def _rows(schemas: Schemas, schema: Mapping[str, Any], prefix: str, depth: int) -> Iterator[str]:
    resolved = _resolved(schemas, schema)
    if "items" in resolved:
        yield from _rows(schemas, resolved["items"], f"{prefix}[]" if prefix else "", depth)
        return
    if depth >= MAX_DEPTH:
        return
    required = resolved.get("required", []) if resolved.get("additionalProperties") is False else []
    for name, field in resolved.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        inner = _resolved(schemas, field)
        meaning = [str(field.get("description") or inner.get("description") or ""), *_limits(inner)]
        needed = " (required)" if name in required else ""
        yield f"| `{path}`{needed} | {_type(schemas, field)} | {_sentence(meaning)} |"
        yield from _rows(schemas, inner, path, depth + 1)


def _resolved(schemas: Schemas, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, also the only one besides null."""
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        return _resolved(schemas, options[0])
    if "$ref" in schema:
        return _resolved(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    return schema


def _type(schemas: Schemas, schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _type(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(schemas, option) for option in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = schema.get("type", "any")
    names = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(_named(schemas, schema, name) for name in names)


def _named(schemas: Schemas, schema: Mapping[str, Any], name: str) -> str:
    if name == "array":
        return f"list of {_type(schemas, schema.get('items', {}))}"
    formats = {"date-time": "time", "uuid": "UUID", "uri": "URL"}
    return formats.get(schema.get("format", ""), name) if name == "string" else name


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    found = [text.format(f"{schema[name]:,}") for name, text in _LIMITS.items() if name in schema]
    obvious = [_LIMITS[name].format(value) for name, value in _OBVIOUS if schema.get(name) == value]
    shown = [text for text in found if text not in obvious]
    if shown:
        yield f"{', '.join(shown)}.".capitalize()


def _sentence(parts: list[str]) -> str:
    return " ".join(" ".join(parts).split()).replace("|", "\\|")
