"""What the event endpoints take."""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from latchhook.edge.schemas.event_names import event_name
from latchhook.edge.schemas.validation import PRINTABLE, MomentText, RequestBody
from latchhook.identity.caller import is_account_id
from latchhook.webhooks.event import MAX_ID_LENGTH

MAX_BATCH = 100
"""Events in one request."""


def _account_id(value: str) -> str:
    if not is_account_id(value):
        raise ValueError("This must be 1 to 64 letters, digits, '_', '.', ':' or '-'.")
    return value


EventId = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", min_length=1, max_length=MAX_ID_LENGTH)]


class PublishEventBody(RequestBody):
    """`POST /events`: this happened."""

    id: EventId | None = Field(
        default=None,
        description="Your own id: the same id again is the same event. Without it one is made.",
    )
    account_id: Annotated[str, AfterValidator(_account_id)] = Field(description="Whose webhooks get it.")
    event: Annotated[str, AfterValidator(event_name)] = Field(description="The event's name.")
    entity: dict[str, Any] = Field(description="What it happened to, as receivers get it.")
    external_id: Annotated[str, Field(min_length=1, max_length=255), PRINTABLE] | None = Field(
        default=None, description="Your id of the thing, for the delivery log."
    )
    occurred_at: MomentText | None = Field(
        default=None, description="When it happened, delivered in UTC with as many digits; without it, now."
    )


class PublishEventsBody(RequestBody):
    """`POST /events/batch`: all this happened."""

    events: Annotated[list[PublishEventBody], Field(min_length=1, max_length=MAX_BATCH)]


class BusEvent(RequestBody):
    """What EventBridge hands on of an event that was put on the bus, as far as it is read.

    Source: EventBridge user guide, "Events".
    """

    model_config = ConfigDict(extra="ignore")

    id: EventId
    time: MomentText
    detail: PublishEventBody
