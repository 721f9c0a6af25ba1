"""The request body of PUT /accounts/{accountId}/billing-period."""

from typing import Annotated

from pydantic import Field

from latchhook.api_keys.billing import MAX_DAY
from latchhook.edge.schemas.validation import Integer, RequestBody


class PutBillingPeriodBody(RequestBody):
    """The request body that sets an account's billing day."""

    day: Annotated[Integer, Field(ge=1, le=MAX_DAY)] = Field(
        description="The day of the month on which a billing period starts, at 00:00 UTC. In a month with fewer days, "
        "it starts on the last day."
    )
