"""The request body that starts a recovery."""

from pydantic import Field

from latchhook.edge.schemas.validation import Moment, RequestBody
from latchhook.webhooks.recovery import Kind


class RecoverWebhookBody(RequestBody):
    """The request body that starts a recovery."""

    since: Moment = Field(
        description="The recovery includes events that were accepted at this time or later. Must not be in the future."
    )
    only: Kind | None = Field(
        default=None,
        description="`failed` includes deliveries whose newest attempt failed. `missing` includes deliveries of the "
        "time in which the webhook was disabled. Null includes both.",
    )
