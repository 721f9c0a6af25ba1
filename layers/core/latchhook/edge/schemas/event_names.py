"""Validation of event names in request bodies."""

from typing import Annotated

from latchhook.edge.schemas.validation import CheckedText
from latchhook.webhooks import event_names


def event_name(value: str) -> str:
    """Return the name. Raise `ValueError` with a text for the caller if the name is invalid."""
    if not event_names.is_event_name(value):
        raise ValueError("Must be lowercase words separated by dots, at most 128 characters.")
    return value


EventName = Annotated[
    str, CheckedText(event_name, pattern=event_names.NAME_PATTERN, min_length=1, max_length=event_names.MAX_LENGTH)
]
