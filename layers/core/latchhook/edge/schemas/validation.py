"""Validation of request bodies by pydantic in strict mode. Errors become field errors with JSON pointers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.moments import parse_moment, utc_text

M = TypeVar("M", bound=BaseModel)

MAX_FINDINGS = 100
"""The maximum number of field errors in a response. A body of 256 KiB can contain 30,000 unknown fields, and a response
about all of them would be ten times as long."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class RequestBody(BaseModel):
    """A request body with camelCase fields. Values are not converted, and unknown fields are refused.

    A model is built by its endpoint or at its first use (`defer_build`), since a function needs few models of a module.
    """

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="forbid", frozen=True, defer_build=True)


def absent() -> Any:
    """Return the default of a patch's field. openapi.json does not show it, since an omitted field is not null."""
    return None


def validate(model: type[M], document: Any) -> M:
    """Return the body as `model`. Raise `InvalidFieldsError` with the first 100 errors and their pointers.

    The error contains no value of the request.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        findings = error.errors(include_url=False, include_input=False)[:MAX_FINDINGS]
        raise InvalidFieldsError(
            [FieldError(_pointer(f["loc"]), _sentence(f["type"], f["msg"], f.get("ctx", {}))) for f in findings]
        ) from None


def _pointer(location: tuple[int | str, ...]) -> str:
    if location[-1:] == ("[key]",):  # an error of a field's name gets the pointer of the field
        location = location[:-1]
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


_IN_WORDS_OF_JSON = {
    "bool_type": "Must be true or false.",
    "dict_type": "Must be an object.",
    "extra_forbidden": "Unknown field.",
    "greater_than_equal": "Must be at least {ge}.",
    "int_type": "Must be a whole number.",
    "less_than_equal": "Must be at most {le}.",
    "list_type": "Must be an array.",
    "literal_error": "Must be {expected}.",
    "missing": "Required.",
    "model_type": "Must be an object.",
    "string_pattern_mismatch": "Must match {pattern}.",
    "string_too_long": "Maximum length: {max_length}.",
    "string_too_short": "Minimum length: {min_length}.",
    "string_type": "Must be a string.",
    "too_long": "At most {max_length} items.",
    "too_short": "At least {min_length} required.",
}
"""The texts for pydantic's error types whose own texts use terms of Python."""


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind in _IN_WORDS_OF_JSON:
        return _IN_WORDS_OF_JSON[kind].format_map(context)
    message = message.removeprefix("Value error, ")
    return message if message.endswith(".") else message + "."


def _parse_moment(value: Any) -> Any:
    return parse_moment(value if isinstance(value, str) else "")


def _parse_moment_text(value: Any) -> Any:
    return utc_text(value if isinstance(value, str) else "")


def _printable(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("Must not contain control characters or lone surrogates.")
    return value


@dataclass(frozen=True, slots=True)
class CheckedText(AfterValidator):
    """A check of text by a function, with what JSON Schema can say about it."""

    pattern: str
    min_length: int = 0
    max_length: int | None = None

    def __get_pydantic_json_schema__(
        self, core_schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The schema of the text itself, and the keywords."""
        keywords = {"minLength": self.min_length or None, "maxLength": self.max_length, "pattern": self.pattern}
        return {**handler(core_schema), **{name: value for name, value in keywords.items() if value is not None}}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Integer = Annotated[int, BeforeValidator(_whole)]
"""A whole number. `1.0` is accepted, since it is an integer in JSON Schema (2020-12, 6.1.1)."""

Moment = Annotated[datetime, BeforeValidator(_parse_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
"""An RFC 3339 time with a zone."""

MomentText = Annotated[
    str, BeforeValidator(_parse_moment_text), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""An RFC 3339 time as text in UTC, with all its digits."""

PRINTABLE = CheckedText(_printable, pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]*$")
"""Refuses control characters and lone surrogates in text that is written to headers, queues and logs."""
