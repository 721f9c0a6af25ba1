"""Request bodies of the event type endpoints and of the filter test."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.event_names import EventName
from latchhook.edge.schemas.validation import PRINTABLE, CheckedText, RequestBody
from latchhook.webhooks.event_type_editing import EventTypeSettings
from latchhook.webhooks.event_types import (
    MAX_EXAMPLE_BYTES,
    MAX_ORDERS,
    MAX_PATH_LENGTH,
    MAX_SCHEMA_BYTES,
    MAX_WORD_LENGTH,
    MAX_WORDS,
)


def _small(most_bytes: int) -> AfterValidator:
    """Return a validator that limits the size of compact JSON."""

    def check(document: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        try:
            size = len(text.encode())
            json.dumps(document, allow_nan=False)
        except UnicodeEncodeError:
            raise ValueError("Must not contain text with a lone surrogate.") from None
        except ValueError:
            raise ValueError("Must not contain a number that is too large for a 64-bit float.") from None
        if size > most_bytes:
            raise ValueError(f"Must be at most {most_bytes} bytes as compact JSON.")
        return document

    return AfterValidator(check)


def _path(value: str) -> str:
    if not all(value.split(".")):
        raise ValueError("Must be field names separated by dots.")
    return value


def _no_repetition(words: list[str]) -> list[str]:
    if len(set(words)) < len(words):
        raise ValueError("Must not contain a word twice.")
    return words


Path = Annotated[
    str, Field(max_length=MAX_PATH_LENGTH), PRINTABLE, CheckedText(_path, pattern=r"^[^.]+(\.[^.]+)*$", min_length=1)
]
Word = Annotated[str, Field(min_length=1, max_length=MAX_WORD_LENGTH), PRINTABLE]
Words = Annotated[list[Word], Field(min_length=1, max_length=MAX_WORDS), AfterValidator(_no_repetition)]


class PutEventTypeBody(RequestBody):
    """The request body that registers or replaces an event type. Omitted fields are removed."""

    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = Field(
        default=None, description="The meaning of the event, for people who choose events for a webhook."
    )
    schema_: Annotated[dict[str, Any], _small(MAX_SCHEMA_BYTES)] | None = Field(
        default=None,
        alias="schema",
        description="The JSON Schema (2020-12) of the event's `entity`, at most 16 KiB, without references to other "
        "documents.",
    )
    example: Annotated[dict[str, Any], _small(MAX_EXAMPLE_BYTES)] | None = Field(
        default=None, description="An `entity` that fits the schema, at most 16 KiB."
    )
    orders: Annotated[dict[Path, Words], Field(max_length=MAX_ORDERS)] = Field(
        default_factory=dict,
        description="The order of a field's words, lowest first, by the path of the field in the event's body. The "
        "filter operator `ordinal` uses this order.",
    )

    def settings(self) -> EventTypeSettings:
        """Return the event type settings of the feature."""
        orders = {path: tuple(words) for path, words in self.orders.items()}
        return EventTypeSettings(self.description, self.schema_, self.example, orders)


class CheckFilterBody(RequestBody):
    """The request body that tests a filter with an event, given as `event` or `eventType`."""

    filter: dict[str, Any] = Field(description="The filter in the same syntax as a webhook's filter.")
    event: dict[str, Any] | None = Field(default=None, description="The body of an event, as receivers get it.")
    event_type: EventName | None = Field(
        default=None, description="The name of an event type whose example is used as the event."
    )
