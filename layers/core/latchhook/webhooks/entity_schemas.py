"""JSON Schemas of events' entities: nothing is fetched for them, and no pattern in them can hang.

Dialect: JSON Schema 2020-12; `format` says something and asserts nothing (its core vocabularies, section 7.2.1).
docs/decisions/0011 says why jsonschema-rs.
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
"""Of what is said about one finding: a schema's own words can be as long as the schema."""


class EntitySchema:
    """A schema that was read. Raises `InvalidSchemaError` for one that is no schema or that names another document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        if document.get("$schema", DIALECT) != DIALECT:
            raise InvalidSchemaError(Finding("/$schema", f"This must be {DIALECT}."))
        self._validator = _validator(document)

    def findings(self, entity: Mapping[str, Any]) -> tuple[Finding, ...]:
        """What is wrong with an entity: the first 100 findings, and none of its values in them.

        A lone surrogate, which JSON can write and UTF-8 can't, is looked at as a question mark.
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
    import jsonschema_rs  # here: it is as slow to load as pydantic, and most environments never check an entity

    try:
        return jsonschema_rs.Draft202012Validator(
            dict(document),
            validate_formats=False,
            offline=True,
            mask="This",
            # Rust's own engine, linear in the text: no lookaround, no back-references, and no way to hang.
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except jsonschema_rs.ValidationError as error:
        at = _pointer(error.instance_path)
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Referencing):
            raise InvalidSchemaError(Finding(at, "A reference in it leads to nothing that stands in it.")) from None
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Format):
            raise InvalidSchemaError(
                Finding(at, "This must be a regular expression without lookaround and back-references.")
            ) from None
        raise InvalidSchemaError(Finding(at, _sentence(error.message))) from None


def _findings(error: "ValidationError") -> Iterator[Finding]:
    """One finding; about fields that are missing or too many, one for each of them, at its own place."""
    match error.kind.as_dict():
        case {"property": str() as missing} if error.kind.name == "required":
            yield Finding(_pointer([*error.instance_path, missing]), "This must be there.")
        case {"unexpected": list() as names} if error.kind.name in ("additionalProperties", "unevaluatedProperties"):
            yield from (Finding(_pointer([*error.instance_path, name]), "There is no such field.") for name in names)
        case {} if error.kind.name == "falseSchema" and error.schema_path[-1:] == ["additionalProperties"]:
            yield Finding(_pointer(error.instance_path), "No field may stand in it.")
        case _:
            yield Finding(_pointer(error.instance_path), _SENTENCES.get(error.kind.name) or _sentence(error.message))


_SENTENCES = {
    "contains": "Nothing in it is as one item must be.",
    "falseSchema": "Nothing may stand here.",
    "not": "This is what must not stand here.",
    "propertyNames": "The name of a field in it is not as it must be.",
}
"""Where the library's own words do not fit, or say what was sent."""


def _sentence(message: str) -> str:
    if len(message) >= MAX_DETAIL_LENGTH:
        message = message[: MAX_DETAIL_LENGTH - 1] + "…"
    return message if message.endswith((".", "…")) else message + "."


def _pointer(location: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
