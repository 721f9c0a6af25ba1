"""What the recovery endpoints take."""

from pydantic import Field

from latchhook.edge.schemas.validation import Moment, RequestBody
from latchhook.webhooks.recovery import Kind


class RecoverWebhookBody(RequestBody):
    """`POST /webhooks/{id}/recover`."""

    since: Moment = Field(description="Deliveries whose events were accepted then or later; not in the future.")
    only: Kind | None = Field(
        default=None,
        description="`failed`: those whose newest attempt failed; `missing`: those that came while the webhook was "
        "disabled and were not attempted; null for both.",
    )
