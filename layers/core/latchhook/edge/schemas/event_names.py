"""Names of events in bodies."""

from latchhook.webhooks import event_names


def event_name(value: str) -> str:
    """The name; raises `ValueError` whose text is for the caller."""
    if not event_names.is_event_name(value):
        raise ValueError("This must be words in lower case with dots between them, at most 128 characters.")
    return value
