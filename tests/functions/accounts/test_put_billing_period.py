"""PUT /accounts/{accountId}/billing-period, and `requestCount` in the period."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from latchhook.api_keys.billing import BillingDay
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, operator, operator_key
from tests.functions.calls import Answered, call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.environment import EVENT_QUEUE

pytestmark = pytest.mark.usefixtures("account_days")

NOW = datetime.now(UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
OTHER_DAY = 15
"""A day of the month that is not the default."""


def _put(day: Any, account_id: str = ACCOUNT) -> Answered:
    return call("put_billing_period", operator(), body={"day": day}, path={"accountId": account_id})


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def keep_day(cloud: Cloud, day: int) -> BillingDay:
    """Store a billing day that was chosen long ago."""
    item = {"pk": {"S": f"ACCOUNT#{ACCOUNT}"}, "sk": {"S": "BILLING_DAY"}, "day": {"N": str(day)}, "since": {"N": "0"}}
    cloud.dynamodb.put_item(TableName="SettingsTable", Item=item)
    return BillingDay(day)


def used_key(cloud: Cloud, billing: BillingDay) -> dict[str, Any]:
    """Create a key with 3 uses on the first day of the billing period and 5 on the day before."""
    made = made_key("api-keys:read", "api-keys:write")
    start = billing.start(datetime.now(UTC))
    before = start - timedelta(days=1)
    days = {f"u{start:%Y%m%d}": 3, f"u{before:%Y%m%d}": 5}
    cloud.change_key(made["id"], usedSince=int(f"{before:%Y%m}"), **days)
    return made


def test_example_event_sets_the_day(cloud: Cloud) -> None:
    response = call("put_billing_period", holder(operator_key("accounts:manage")["key"]))
    assert response.status == 200
    assert (response.body["accountId"], response.body["day"]) == ("acme", 15)
    assert response.body["startsAt"] == _shown(MIDNIGHT)
    assert response.body["endsAt"] == _shown(BillingDay(15).end(NOW))
    assert call("get_billing_period", operator()).body == response.body
    assert cloud.audit(ACCOUNT) == ["billing_day.updated"]


def test_audit_names_the_operator_and_the_account() -> None:
    _put(OTHER_DAY)
    (event,) = call("list_audit_events", admin(), query={}).body["data"]
    assert (event["action"], event["targetId"]) == ("billing_day.updated", ACCOUNT)
    assert event["details"] == {"day": OTHER_DAY, "previousDay": 1}
    assert (event["actor"]["kind"], event["actor"]["id"]) == ("service", "service_role")


def test_same_day_changes_nothing(cloud: Cloud) -> None:
    first = _put(OTHER_DAY).body
    before = cloud.contents()
    assert _put(OTHER_DAY).body == first
    assert _put(1, OTHER_ACCOUNT).body["startsAt"] == _shown(BillingDay().start(NOW))
    assert cloud.contents() == before


def test_each_account_has_its_own_day() -> None:
    _put(OTHER_DAY)
    other = call("get_billing_period", operator(), path={"accountId": OTHER_ACCOUNT}).body
    assert other == {
        "accountId": OTHER_ACCOUNT,
        "day": 1,
        "startsAt": _shown(BillingDay().start(NOW)),
        "endsAt": _shown(BillingDay().end(NOW)),
    }


@pytest.mark.parametrize("day", [1, 31])
def test_first_and_last_day_are_accepted(day: int, cloud: Cloud) -> None:
    keep_day(cloud, 2)
    assert _put(day).body["day"] == day


@pytest.mark.parametrize("day", [0, 32, -1, 1.5, "15", None, True])
def test_invalid_day_is_422(day: Any, cloud: Cloud) -> None:
    before = cloud.contents()
    response = _put(day)
    assert (response.status, response.pointers) == (422, ["/day"])
    assert cloud.contents() == before


@pytest.mark.parametrize("account_id", ["a b", "a#b", "x" * 65, "é"])
def test_invalid_account_id_is_422(account_id: str) -> None:
    read = call("get_billing_period", operator(), path={"accountId": account_id})
    for response in (_put(15, account_id), read):
        assert (response.status, response.pointers) == (422, ["{accountId}"])


def test_account_cannot_read_or_change_its_day(cloud: Cloud) -> None:
    for caller in (admin(), holder(made_key("*")["key"]), holder(operator_key("*")["key"])):
        for function in ("put_billing_period", "get_billing_period"):
            response = call(function, caller)
            assert (response.status, response.code) == (403, "insufficient_scope")
    assert [item for item in cloud.items("SettingsTable") if item["sk"] == "BILLING_DAY"] == []


@pytest.mark.parametrize("day", [1, 2, 15, 28, 31])
def test_every_response_counts_from_the_start_of_the_period(day: int, cloud: Cloud) -> None:
    made = used_key(cloud, keep_day(cloud, day))
    invoke("roll_up_usage", own_event("roll_up_usage"))
    counts = [
        call("get_api_key", admin(), object_id=made["id"]).body,
        call("list_api_keys", admin()).body["data"][0],
        call("update_api_key", admin(), object_id=made["id"], body={"name": "Renamed"}).body,
        call("replace_api_key", admin(), object_id=made["id"], body={"name": "Replaced"}).body,
        call("rotate_api_key", admin(), object_id=made["id"], body={}).body,
    ]
    assert [each["requestCount"] for each in counts] == [3] * 5
    current = call("get_current_api_key", holder(counts[-1]["key"])).body
    assert current["requestCount"] == 4
    cloud.run_streams()
    published = [json.loads(record["body"]) for record in cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]]
    assert {each["entity"]["requestCount"] for each in published} == {4}
    usage = call("get_api_key_usage", admin(), object_id=made["id"], query={"days": "90"}).body
    assert usage["requests"] == 9


def test_change_starts_to_count_today_for_older_keys(cloud: Cloud) -> None:
    made = used_key(cloud, keep_day(cloud, 2))
    call("verify_api_key", operator(), body={"key": made["key"]})
    _put(OTHER_DAY)
    shown = call("get_api_key", admin(), object_id=made["id"]).body
    assert shown["requestCount"] == (4 if MIDNIGHT.day == 2 else 1)
