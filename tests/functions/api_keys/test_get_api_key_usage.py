"""GET /api-keys/{id}/usage."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, operator
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud

FUNCTION = "get_api_key_usage"


def usage(key_id: str, days: int = 30) -> Any:
    response = call(FUNCTION, admin(), object_id=key_id, query={"days": str(days)})
    assert response.status == 200, response.text
    return response.body


def day(back: int, form: str = "%Y-%m-%d") -> str:
    return (datetime.now(UTC) - timedelta(days=back)).strftime(form)


def test_example_event_returns_a_week_oldest_day_first() -> None:
    made = made_key()
    body = call(FUNCTION, admin(), object_id=made["id"]).body
    assert list(body) == ["keyId", "requests", "data"]
    assert (body["keyId"], body["requests"]) == (made["id"], 0)
    assert body["data"] == [{"day": day(back), "requests": 0, "refused": {}} for back in range(6, -1, -1)]


def test_uses_and_refusals_are_counted_by_day(cloud: Cloud) -> None:
    made = made_key("orders:read")
    for asked in ({}, {}, {"requiredScopes": ["orders:write"]}, {"requiredScopes": ["orders:read"]}):
        call("verify_api_key", operator(), body={"key": made["key"], **asked})
    cloud.change_key(made["id"], status="disabled", **{f"u{day(1, '%Y%m%d')}": 17})
    call("verify_api_key", operator(), body={"key": made["key"]})
    body = usage(made["id"], 3)
    assert body["requests"] == 20
    assert body["data"] == [
        {"day": day(2), "requests": 0, "refused": {}},
        {"day": day(1), "requests": 17, "refused": {}},
        {"day": day(0), "requests": 3, "refused": {"DISABLED": 1, "INSUFFICIENT_SCOPE": 1}},
    ]


def test_usage_is_unchanged_after_the_rollup(cloud: Cloud) -> None:
    made = made_key()
    uses = {back: back + 1 for back in range(0, 90, 7)}
    months = {day(back, "%Y%m") for back in uses}
    attributes = {f"u{day(back, '%Y%m%d')}": count for back, count in uses.items()}
    cloud.change_key(made["id"], usedSince=int(min(months)), **attributes)
    before = usage(made["id"], 90)
    assert [one["requests"] for one in before["data"]] == [uses.get(back, 0) for back in range(89, -1, -1)]
    assert invoke("roll_up_usage", own_event("roll_up_usage")) == {"done": 1}
    assert usage(made["id"], 90) == before


def test_default_is_thirty_days() -> None:
    made = made_key()
    assert len(call(FUNCTION, admin(), object_id=made["id"], query={}).body["data"]) == 30


@pytest.mark.parametrize("days", ["1", "90"])
def test_one_to_ninety_days_are_accepted(days: str) -> None:
    made = made_key()
    assert len(call(FUNCTION, admin(), object_id=made["id"], query={"days": days}).body["data"]) == int(days)


@pytest.mark.parametrize("days", ["0", "91", "-1", "week", "", "1.5", "٣"])
def test_other_numbers_of_days_are_422(days: str) -> None:
    response = call(FUNCTION, admin(), object_id=made_key()["id"], query={"days": days})
    assert (response.status, response.pointers) == (422, ["?days"])


def test_unknown_secret_is_not_counted_for_any_key(cloud: Cloud) -> None:
    made = made_key()
    flipped = made["key"][:-1] + ("0" if made["key"][-1] != "0" else "1")
    assert call("verify_api_key", operator(), body={"key": flipped}).body["code"] == "NOT_FOUND"
    assert usage(made["id"], 1)["data"] == [{"day": day(0), "requests": 0, "refused": {}}]


def test_key_reads_its_own_usage_including_this_request() -> None:
    made = made_key("api-keys:read")
    body = call(FUNCTION, holder(made["key"]), object_id=made["id"], query={"days": "1"}).body
    assert body["requests"] == 1


def test_other_accounts_key_gets_the_404_of_a_missing_key() -> None:
    theirs = made_key(account_id=OTHER_ACCOUNT)
    refused = call(FUNCTION, admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call(FUNCTION, admin()).without_request_id
