"""Response bodies with billing periods."""

from datetime import datetime
from typing import TypedDict

from latchhook.api_keys.billing import BillingDay
from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment


class BillingPeriodResponse(TypedDict):
    """An account's billing period."""

    accountId: str
    day: int
    """The day of the month on which a period starts. In a month with fewer days, it starts on the last day."""
    startsAt: Moment
    """The start of the current period. The `requestCount` of the account's keys counts from here."""
    endsAt: Moment
    """The end of the current period, when `requestCount` starts at zero."""


def billing_period_response(account_id: str, billing: BillingDay, now: datetime) -> BillingPeriodResponse:
    """Return the response body of an account's billing period at `now`."""
    return {
        "accountId": account_id,
        "day": billing.day,
        "startsAt": rfc3339(billing.start(now)),
        "endsAt": rfc3339(billing.end(now)),
    }
