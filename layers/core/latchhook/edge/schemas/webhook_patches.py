"""What a patch of a webhook may hold."""

from typing import Annotated, Any

from pydantic import Field

from latchhook.edge.schemas.validation import RequestBody, absent
from latchhook.edge.schemas.webhooks import STATUS_DESCRIPTION, Description, Pattern, RetrySchedule, Url
from latchhook.webhooks import event_names
from latchhook.webhooks.webhook import Status


class PatchWebhookBody(RequestBody):
    """`PATCH /webhooks/{id}` (document 003): a JSON merge patch (RFC 7396). What is left out stays, null takes away."""

    url: Url = Field(default_factory=absent)
    events: Annotated[list[Pattern], Field(min_length=1, max_length=event_names.MAX_PATTERNS)] = Field(
        default_factory=absent
    )
    description: Description | None = Field(default_factory=absent)
    filter: dict[str, Any] | None = Field(
        default_factory=absent,
        description="Merged into the filter that is there, as every object is: its fields that are not named stay, and "
        "null takes one away.",
    )
    headers: dict[str, str | None] | None = Field(
        default_factory=absent, description="Headers that are not named stay; a value `[redacted]` stays as it is."
    )
    retry_schedule_seconds: RetrySchedule | None = Field(default_factory=absent)
    rate_limit: dict[str, Any] | None = Field(default_factory=absent, description='In part too: `{"limit": 50}`.')
    asymmetric_signatures: bool | None = Field(
        default_factory=absent, description="True makes a key pair where there is none; false or null drops it."
    )
    status: Status = Field(default_factory=absent, description=STATUS_DESCRIPTION)
