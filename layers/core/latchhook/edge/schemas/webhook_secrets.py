"""The request body that rotates a webhook's secret."""

from typing import Annotated

from pydantic import Field

from latchhook.edge.schemas.validation import Integer, RequestBody
from latchhook.edge.schemas.webhooks import Secret
from latchhook.webhooks.changing import MAX_GRACE_SECONDS


class RotateWebhookSecretBody(RequestBody):
    """The request body that rotates a webhook's secret."""

    grace_period_seconds: Annotated[Integer, Field(ge=0, le=MAX_GRACE_SECONDS)] = Field(
        default=0,
        description="The time in seconds in which the previous secret also signs. 0 ends the previous secret "
        "immediately.",
    )
    secret: Secret | None = Field(default=None, repr=False)
