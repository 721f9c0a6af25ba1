"""What the default webhook's settings take."""

from pydantic import Field

from latchhook.edge.schemas.validation import RequestBody
from latchhook.edge.schemas.webhooks import Url


class WebhookSettingsBody(RequestBody):
    """Document 000's `PUT /integration/webhook-settings`."""

    webhook_url: Url | None = Field(description="Where events are POSTed; null removes it.")
