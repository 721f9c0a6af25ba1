"""The request body of a test delivery."""

from typing import Any

from pydantic import Field

from latchhook.edge.schemas.event_names import EventName
from latchhook.edge.schemas.validation import RequestBody, absent
from latchhook.webhooks.redelivery import TEST_EVENT


class TestDeliveryBody(RequestBody):
    """The request body of a test delivery. All fields are optional."""

    event: EventName = Field(default=TEST_EVENT, description="The event's name.")
    entity: dict[str, Any] = Field(
        default_factory=absent,
        description="The data of the event. The default is the example of the event type, if one is registered.",
    )
