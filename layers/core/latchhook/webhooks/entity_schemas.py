"""Validates events' entities against JSON Schemas, without network access and with patterns that run in linear time.

The dialect is JSON Schema 2020-12. `format` is an annotation and not checked (JSON Schema Validation, section 7.2.1).
The reasons for jsonschema-rs: docs/decisions/0011.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from latchhook.webhooks.errors import Finding, InvalidSchemaError

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MAX_FINDINGS = 100
MAX_DETAIL_LENGTH = 300
"""Limit for the text of one finding, because an error message can quote a whole schema."""


class EntitySchema:
    """A compiled schema. Raises `InvalidSchemaError` for an invalid schema, or if it references another document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        if document.get("$schema", DIALECT) != DIALECT:
            raise InvalidSchemaError(Finding("/$schema", f"This must be {DIALECT}."))
        self._validator = _validator(document)

    def findings(self, entity: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Return the first 100 violations of an entity. Their texts contain no value of the entity.

        A lone surrogate, which JSON allows and UTF-8 does not, is treated as a question mark.
        """
        try:
            return self._found(entity)
        except ValueError:
            return self._found(json.loads(json.dumps(entity, ensure_ascii=False).encode("utf-8", "replace")))

    def _found(self, entity: Mapping[str, Any]) -> tuple[Finding, ...]:
        if self._validator.is_valid(entity):
            return ()
        found = (finding for error in self._validator.iter_errors(entity) for finding in _findings(error))
        return tuple(islice(found, MAX_FINDINGS))


def _validator(document: Mapping[str, Any]) -> "Draft202012Validator":
    import jsonschema_rs  # imported here: it loads as slowly as pydantic, and most environments never check an entity

    try:
        return jsonschema_rs.Draft202012Validator(
            dict(document),
            validate_formats=False,
            offline=True,
            mask="This",
            # Rust's regex engine takes linear time. It has no lookaround and no back-references.
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except jsonschema_rs.ValidationError as error:
        at = _pointer(error.instance_path)
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Referencing):
            raise InvalidSchemaError(Finding(at, "A $ref points to nothing in this schema.")) from None
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Format):
            raise InvalidSchemaError(
                Finding(at, "This must be a regular expression without lookaround or back-references.")
            ) from None
        raise InvalidSchemaError(Finding(at, _sentence(error.message))) from None


def _findings(error: "ValidationError") -> Iterator[Finding]:
    """Yield the findings of one error. Each missing or unexpected field has its own finding and pointer."""
    match error.kind.as_dict():
        case {"property": str() as missing} if error.kind.name == "required":
            yield Finding(_pointer([*error.instance_path, missing]), "This field is required.")
        case {"unexpected": list() as names} if error.kind.name in ("additionalProperties", "unevaluatedProperties"):
            yield from (Finding(_pointer([*error.instance_path, name]), "This field is not allowed.") for name in names)
        case {} if error.kind.name == "falseSchema" and error.schema_path[-1:] == ["additionalProperties"]:
            yield Finding(_pointer(error.instance_path), "This object must not have fields.")
        case _:
            yield Finding(_pointer(error.instance_path), _SENTENCES.get(error.kind.name) or _sentence(error.message))


_SENTENCES = {
    "contains": "This array does not contain a required item.",
    "falseSchema": "No value is allowed here.",
    "not": "This value is forbidden by the schema.",
    "propertyNames": "This object has a field with an invalid name.",
}
"""Texts for errors whose library message is unclear or contains the value."""


def _sentence(message: str) -> str:
    if len(message) >= MAX_DETAIL_LENGTH:
        message = message[: MAX_DETAIL_LENGTH - 1] + "…"
    return message if message.endswith((".", "…")) else message + "."


def _pointer(location: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
