"""What the endpoint for test deliveries takes."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.event_names import event_name
from latchhook.edge.schemas.validation import RequestBody, absent
from latchhook.webhooks.redelivery import TEST_EVENT


class TestDeliveryBody(RequestBody):
    """`POST /webhooks/{id}/test`: everything may be left out."""

    event: Annotated[str, AfterValidator(event_name)] = Field(default=TEST_EVENT, description="The event's name.")
    entity: dict[str, Any] = Field(
        default_factory=absent,
        description="What it says, as receivers get it; without it the example of the event's type, if it has one.",
    )
