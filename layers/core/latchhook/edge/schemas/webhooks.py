"""What the webhook endpoints take."""

from typing import Annotated

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.validation import PRINTABLE, RequestBody
from latchhook.webhooks import event_names
from latchhook.webhooks.secrets import MAX_LENGTH, MIN_LENGTH
from latchhook.webhooks.webhook import ALL_EVENTS

MAX_URL_LENGTH = 2048


def _pattern(value: str) -> str:
    if not event_names.is_event_pattern(value):
        raise ValueError("This must be an event name, a prefix with .*, or *.")
    return value


Url = Annotated[
    str, Field(min_length=1, max_length=MAX_URL_LENGTH, description="Where events are POSTed: an https URL.")
]
Pattern = Annotated[str, Field(max_length=event_names.MAX_LENGTH + 2), AfterValidator(_pattern)]


class CreateWebhookBody(RequestBody):
    """`POST /webhooks` (document 003)."""

    url: Url
    events: Annotated[list[Pattern], Field(min_length=1, max_length=event_names.MAX_PATTERNS)] = Field(
        default=list(ALL_EVENTS), description="Exact event names, prefix.*, or *."
    )
    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = None
    secret: Annotated[str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH), PRINTABLE] | None = Field(
        default=None, description="Your own signing secret; without it a strong one is made.", repr=False
    )


class WebhookSettingsBody(RequestBody):
    """Document 000's `PUT /integration/webhook-settings`."""

    webhook_url: Url | None = Field(description="Where events are POSTed; null removes it.")
