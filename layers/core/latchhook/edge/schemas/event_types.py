"""What the event type endpoints take, and the test of filters."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.event_names import event_name
from latchhook.edge.schemas.validation import PRINTABLE, RequestBody
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
    """At most so many bytes as compact JSON."""

    def check(document: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        try:
            size = len(text.encode())
            json.dumps(document, allow_nan=False)
        except UnicodeEncodeError:
            raise ValueError("Text in it has a lone surrogate.") from None
        except ValueError:
            raise ValueError("A number in it is too large for a 64-bit float.") from None
        if size > most_bytes:
            raise ValueError(f"This must be at most {most_bytes} bytes as compact JSON.")
        return document

    return AfterValidator(check)


def _path(value: str) -> str:
    if not all(value.split(".")):
        raise ValueError("This must be names of fields with dots between them.")
    return value


def _no_repetition(words: list[str]) -> list[str]:
    if len(set(words)) < len(words):
        raise ValueError("A word must not stand here twice.")
    return words


Path = Annotated[str, Field(max_length=MAX_PATH_LENGTH), PRINTABLE, AfterValidator(_path)]
Word = Annotated[str, Field(min_length=1, max_length=MAX_WORD_LENGTH), PRINTABLE]
Words = Annotated[list[Word], Field(min_length=1, max_length=MAX_WORDS), AfterValidator(_no_repetition)]


class PutEventTypeBody(RequestBody):
    """`PUT /event-types/{name}`: all that the type says; what is left out, it says no more."""

    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = Field(
        default=None, description="What has happened when there is such an event, for people who pick it."
    )
    schema_: Annotated[dict[str, Any], _small(MAX_SCHEMA_BYTES)] | None = Field(
        default=None,
        alias="schema",
        description="JSON Schema 2020-12 of the event's `entity`, without references to other documents.",
    )
    example: Annotated[dict[str, Any], _small(MAX_EXAMPLE_BYTES)] | None = Field(
        default=None, description="An `entity` that fits the schema."
    )
    orders: Annotated[dict[Path, Words], Field(max_length=MAX_ORDERS)] = Field(
        default_factory=dict,
        description="Words from the least to the greatest, by the path of their field in the event's body; "
        "the filters' `ordinal` compares by them.",
    )

    def settings(self) -> EventTypeSettings:
        """As the feature takes it."""
        orders = {path: tuple(words) for path, words in self.orders.items()}
        return EventTypeSettings(self.description, self.schema_, self.example, orders)


class CheckFilterBody(RequestBody):
    """`POST /webhooks/filter-test`: a filter, and either an event's body or the name of a type that has an example."""

    filter: dict[str, Any] = Field(description="The filter, as a webhook takes it.")
    event: dict[str, Any] | None = Field(default=None, description="The body of an event, as receivers get it.")
    event_type: Annotated[str, AfterValidator(event_name)] | None = Field(
        default=None, description="An event type; its example is looked at."
    )
