"""The request body that creates a webhook, and the types that other bodies share with it."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.rates import RateBody
from latchhook.edge.schemas.validation import PRINTABLE, CheckedText, Integer, RequestBody
from latchhook.rates import RateLimit
from latchhook.webhooks import event_names
from latchhook.webhooks.custom_headers import MAX_HEADERS
from latchhook.webhooks.retry_schedule import MAX_RETRIES, MAX_WAIT_SECONDS, MIN_WAIT_SECONDS
from latchhook.webhooks.secrets import MAX_LENGTH, MIN_LENGTH, secret_refusal
from latchhook.webhooks.webhook import ALL_EVENTS, Status

MAX_URL_LENGTH = 2048

STATUS_DESCRIPTION = (
    "An `active` webhook gets its deliveries. A `paused` webhook parks them until it is `active` again. A `disabled` "
    "webhook records them as missed, so that a recovery can send them."
)


def _pattern(value: str) -> str:
    if not event_names.is_event_pattern(value):
        raise ValueError("Must be an event name, a prefix that ends with .*, or *.")
    return value


def _secret(value: str) -> str:
    refusal = secret_refusal(value)
    if refusal is not None:
        raise ValueError(refusal)
    return value


Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_URL_LENGTH,
        description="The endpoint URL (https).",
        json_schema_extra={"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
    ),
]
Description = Annotated[str, Field(max_length=1000), PRINTABLE]
Secret = Annotated[
    str,
    AfterValidator(_secret),
    Field(
        min_length=MIN_LENGTH,
        max_length=MAX_LENGTH,
        description="Your own signing secret, without invisible characters. After the prefix `whsec_`, the text must "
        "be base64. The default is a new random secret.",
    ),
]
Headers = Annotated[
    dict[str, str],
    Field(
        max_length=MAX_HEADERS,
        description="Custom headers of each attempt. Values of headers with secrets, such as `Authorization`, are "
        "never shown again.",
    ),
]
RetrySchedule = Annotated[
    list[Annotated[Integer, Field(ge=MIN_WAIT_SECONDS, le=MAX_WAIT_SECONDS)]], Field(max_length=MAX_RETRIES)
]
Pattern = Annotated[
    str,
    CheckedText(
        _pattern,
        pattern=event_names.EVENT_PATTERN_PATTERN,
        min_length=1,
        max_length=event_names.MAX_LENGTH + 2,
    ),
]


class WebhookRateLimitBody(RateBody):
    """The rate limit of a webhook. Deliveries over the limit wait and are not dropped."""

    def chosen(self) -> RateLimit:
        """Return the rate limit of the feature."""
        return RateLimit(self.limit, self.window_seconds, burst=1)


class WebhookConfiguration(RequestBody):
    """The settings of a webhook except its URL and status."""

    events: Annotated[list[Pattern], Field(min_length=1, max_length=event_names.MAX_PATTERNS)] = Field(
        default=list(ALL_EVENTS),
        description="The event names of the subscription: exact names, `prefix.*`, or `*`.",
    )
    description: Description | None = None
    filter: dict[str, Any] | None = Field(
        default=None,
        description="A filter for the bodies of events, in the pattern syntax of Amazon EventBridge and with the "
        "operator `ordinal`.",
    )
    headers: Headers = Field(default_factory=dict, repr=False)
    retry_schedule_seconds: RetrySchedule | None = Field(
        default=None,
        description="The waiting times between attempts in seconds. The default is the deployment's retry schedule.",
    )
    rate_limit: WebhookRateLimitBody | None = None
    asymmetric_signatures: bool = Field(
        default=False,
        description="Whether `webhook-signature` also contains Ed25519 signatures (`v1a`). Latchhook creates the key "
        "pair.",
    )


class CreateWebhookBody(WebhookConfiguration):
    """The request body that creates a webhook."""

    url: Url
    secret: Secret | None = Field(default=None, repr=False)
    status: Status = Field(default="active", description=STATUS_DESCRIPTION)


class ChangedWebhook(WebhookConfiguration):
    """The settings of a webhook after a patch."""

    url: Url | None = None
    status: Status | None = None
