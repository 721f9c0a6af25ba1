"""The request body that changes a webhook."""

from typing import Annotated, Any

from pydantic import Field

from latchhook.edge.schemas.validation import RequestBody, absent
from latchhook.edge.schemas.webhooks import STATUS_DESCRIPTION, Description, Pattern, RetrySchedule, Url
from latchhook.webhooks import event_names
from latchhook.webhooks.webhook import Status


class PatchWebhookBody(RequestBody):
    """A JSON merge patch (RFC 7396) of a webhook. The patched webhook must be valid as a whole."""

    url: Url = Field(default_factory=absent)
    events: Annotated[list[Pattern], Field(min_length=1, max_length=event_names.MAX_PATTERNS)] = Field(
        default_factory=absent
    )
    description: Description | None = Field(default_factory=absent)
    filter: dict[str, Any] | None = Field(
        default_factory=absent,
        description="A merge patch of the current filter: omitted fields stay unchanged, and null removes a field.",
    )
    headers: dict[str, str | None] | None = Field(
        default_factory=absent,
        description="Custom headers. Omitted headers and headers with the value `[redacted]` stay unchanged, and null "
        "removes a header.",
    )
    retry_schedule_seconds: RetrySchedule | None = Field(default_factory=absent)
    rate_limit: dict[str, Any] | None = Field(
        default_factory=absent, description='All or some fields of the rate limit, for example `{"limit": 50}`.'
    )
    asymmetric_signatures: bool | None = Field(
        default_factory=absent,
        description="True creates a key pair if no key pair exists. False and null remove the key pair.",
    )
    status: Status = Field(default_factory=absent, description=STATUS_DESCRIPTION)
