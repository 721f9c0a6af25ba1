"""Request bodies that publish events, and events from the event bus."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from latchhook.edge.schemas.account_ids import AccountId
from latchhook.edge.schemas.event_names import EventName
from latchhook.edge.schemas.validation import PRINTABLE, MomentText, RequestBody
from latchhook.webhooks.event import MAX_ID_LENGTH

MAX_BATCH = 100
"""The maximum number of events in a request."""


EventId = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", min_length=1, max_length=MAX_ID_LENGTH)]


class PublishEventBody(RequestBody):
    """The request body that publishes an event."""

    id: EventId | None = Field(
        default=None,
        description="Your own id of the event. A second event with the same id is ignored. Without an id, each request "
        "is a new event.",
    )
    account_id: AccountId = Field(description="The account whose webhooks get the event.")
    event: EventName = Field(description="The event's name.")
    entity: dict[str, Any] = Field(description="The data of the event, as receivers get it.")
    external_id: Annotated[str, Field(min_length=1, max_length=255), PRINTABLE] | None = Field(
        default=None, description="Your own id of the object, which is shown with each attempt."
    )
    occurred_at: MomentText | None = Field(
        default=None, description="The time of the event, delivered in UTC with all its digits. The default is now."
    )


class PublishEventsBody(RequestBody):
    """The request body that publishes several events."""

    events: Annotated[list[PublishEventBody], Field(min_length=1, max_length=MAX_BATCH)]


class BusEvent(RequestBody):
    """The fields of an EventBridge event that are read.

    Source: EventBridge user guide, "Events".
    """

    model_config = ConfigDict(extra="ignore")

    id: EventId
    time: MomentText
    detail: PublishEventBody
