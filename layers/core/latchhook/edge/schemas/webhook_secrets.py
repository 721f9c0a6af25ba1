"""What the rotation of a webhook's secret takes."""

from typing import Annotated

from pydantic import Field

from latchhook.edge.schemas.validation import Integer, RequestBody
from latchhook.edge.schemas.webhooks import Secret
from latchhook.webhooks.changing import MAX_GRACE_SECONDS


class RotateWebhookSecretBody(RequestBody):
    """`POST /webhooks/{id}/rotate-secret`."""

    grace_period_seconds: Annotated[Integer, Field(ge=0, le=MAX_GRACE_SECONDS)] = Field(
        default=0, description="How long the secret before signs beside the new one, in seconds; 0 ends it at once."
    )
    secret: Secret | None = Field(default=None, repr=False)
