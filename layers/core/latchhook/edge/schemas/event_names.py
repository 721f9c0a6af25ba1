"""Names of events in bodies."""

from typing import Annotated

from latchhook.edge.schemas.validation import CheckedText
from latchhook.webhooks import event_names


def event_name(value: str) -> str:
    """The name; raises `ValueError` whose text is for the caller."""
    if not event_names.is_event_name(value):
        raise ValueError("This must be words in lower case with dots between them, at most 128 characters.")
    return value


EventName = Annotated[
    str, CheckedText(event_name, pattern=event_names.NAME_PATTERN, min_length=1, max_length=event_names.MAX_LENGTH)
]
