"""Validation of event names in request bodies."""

from latchhook.webhooks import event_names


def event_name(value: str) -> str:
    """Return the name. Raise `ValueError` with a text for the caller if the name is invalid."""
    if not event_names.is_event_name(value):
        raise ValueError("Must be lowercase words separated by dots, at most 128 characters.")
    return value
