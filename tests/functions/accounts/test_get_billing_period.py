"""GET /accounts/{accountId}/billing-period, in a deployment with calendar months."""

from datetime import UTC, datetime

from latchhook.api_keys.billing import BillingDay
from tests.functions.callers import holder, operator, operator_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_example_event_returns_the_calendar_month() -> None:
    now = datetime.now(UTC)
    response = call("get_billing_period", holder(operator_key("accounts:manage")["key"]))
    assert response.status == 200
    assert response.body == {
        "accountId": "acme",
        "day": 1,
        "startsAt": f"{BillingDay().start(now):%Y-%m-%dT%H:%M:%SZ}",
        "endsAt": f"{BillingDay().end(now):%Y-%m-%dT%H:%M:%SZ}",
    }


def test_day_cannot_be_set_while_periods_are_calendar_months(cloud: Cloud) -> None:
    before = cloud.contents()
    for day in (1, 15):
        response = call("put_billing_period", operator(), body={"day": day})
        assert (response.status, response.code) == (409, "billing_period_fixed")
    assert cloud.contents() == before
