"""What makes a webhook; what else its endpoints take stands in modules of their own."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.rates import RateBody
from latchhook.edge.schemas.validation import PRINTABLE, Integer, RequestBody
from latchhook.rates import RateLimit
from latchhook.webhooks import event_names
from latchhook.webhooks.custom_headers import MAX_HEADERS
from latchhook.webhooks.retry_schedule import MAX_RETRIES, MAX_WAIT_SECONDS, MIN_WAIT_SECONDS
from latchhook.webhooks.secrets import MAX_LENGTH, MIN_LENGTH, secret_refusal
from latchhook.webhooks.webhook import ALL_EVENTS, Status

MAX_URL_LENGTH = 2048

STATUS_DESCRIPTION = (
    "`active` delivers, also what was parked in a pause; `paused` parks deliveries until it is `active` again; "
    "`disabled` delivers nothing and records what is missed, for a recovery."
)


def _pattern(value: str) -> str:
    if not event_names.is_event_pattern(value):
        raise ValueError("This must be an event name, a prefix with .*, or *.")
    return value


def _secret(value: str) -> str:
    refusal = secret_refusal(value)
    if refusal is not None:
        raise ValueError(refusal)
    return value


Url = Annotated[
    str, Field(min_length=1, max_length=MAX_URL_LENGTH, description="Where events are POSTed: an https URL.")
]
Description = Annotated[str, Field(max_length=1000), PRINTABLE]
Secret = Annotated[
    str,
    AfterValidator(_secret),
    Field(
        min_length=MIN_LENGTH,
        max_length=MAX_LENGTH,
        description="Your own signing secret; without it a strong one is made. No invisible characters; after `whsec_` "
        "there must be base64.",
    ),
]
Headers = Annotated[
    dict[str, str],
    Field(
        max_length=MAX_HEADERS,
        description="What is sent beside our own headers. Values that are secret by their name are never shown again.",
    ),
]
RetrySchedule = Annotated[
    list[Annotated[Integer, Field(ge=MIN_WAIT_SECONDS, le=MAX_WAIT_SECONDS)]], Field(max_length=MAX_RETRIES)
]
Pattern = Annotated[str, Field(max_length=event_names.MAX_LENGTH + 2), AfterValidator(_pattern)]


class WebhookRateLimitBody(RateBody):
    """How often a webhook's receiver is called. What is too much waits; nothing is dropped."""

    def chosen(self) -> RateLimit:
        """As the feature takes it."""
        return RateLimit(self.limit, self.window_seconds, burst=1)


class WebhookConfiguration(RequestBody):
    """What people choose about a webhook, where it goes apart."""

    events: Annotated[list[Pattern], Field(min_length=1, max_length=event_names.MAX_PATTERNS)] = Field(
        default=list(ALL_EVENTS), description="Exact event names, prefix.*, or *."
    )
    description: Description | None = None
    filter: dict[str, Any] | None = Field(
        default=None,
        description="Which of its events it gets by their bodies: EventBridge's pattern syntax, and `ordinal`.",
    )
    headers: Headers = Field(default_factory=dict, repr=False)
    retry_schedule_seconds: RetrySchedule | None = Field(
        default=None, description="Its own waits between attempts, in seconds; null is the deployment's."
    )
    rate_limit: WebhookRateLimitBody | None = None
    asymmetric_signatures: bool = Field(
        default=False,
        description="Whether deliveries carry Ed25519 signatures as well (`v1a`); the key pair is made here.",
    )


class CreateWebhookBody(WebhookConfiguration):
    """`POST /webhooks` (document 003)."""

    url: Url
    secret: Secret | None = Field(default=None, repr=False)
    status: Status = Field(default="active", description=STATUS_DESCRIPTION)


class ChangedWebhook(WebhookConfiguration):
    """A webhook as a patch has made it."""

    url: Url | None = None
    status: Status | None = None
