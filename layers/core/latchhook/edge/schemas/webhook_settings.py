"""The request body that sets the default webhook's URL."""

from pydantic import Field

from latchhook.edge.schemas.validation import RequestBody
from latchhook.edge.schemas.webhooks import Url


class WebhookSettingsBody(RequestBody):
    """The request body that sets the default webhook's URL."""

    webhook_url: Url | None = Field(description="The endpoint URL (https). Null removes the URL.")
