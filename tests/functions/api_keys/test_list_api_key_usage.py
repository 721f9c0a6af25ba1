"""GET /api-keys/usage."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from latchhook.edge.request import MAX_PAGE
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, operator
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud

FUNCTION = "list_api_key_usage"


def usage(**query: str) -> Any:
    response = call(FUNCTION, admin(), query=query)
    assert response.status == 200, response.text
    return response.body


def day(back: int, form: str = "%Y-%m-%d") -> str:
    return (datetime.now(UTC) - timedelta(days=back)).strftime(form)


def test_example_event_returns_a_week_of_every_key_newest_first(cloud: Cloud) -> None:
    first, second = made_key(), made_key()
    cloud.change_key(first["id"], createdAt=1)
    call("verify_api_key", operator(), body={"key": first["key"]})
    body = call(FUNCTION, admin()).body
    assert list(body) == ["data", "nextCursor"]
    newest, oldest = body["data"]
    days = [{"day": day(back), "requests": 0} for back in range(6, -1, -1)]
    shown = {"name": second["name"], "prefix": second["prefix"]}
    assert newest == {"keyId": second["id"], **shown, "requests": 0, "data": days}
    assert (oldest["keyId"], oldest["requests"]) == (first["id"], 1)
    assert oldest["data"] == [*days[:-1], {"day": day(0), "requests": 1}]


def test_usage_equals_each_keys_own_usage_after_the_rollup_too(cloud: Cloud) -> None:
    made = made_key()
    uses = {back: back + 1 for back in range(0, 90, 7)}
    attributes = {f"u{day(back, '%Y%m%d')}": count for back, count in uses.items()}
    cloud.change_key(made["id"], usedSince=int(day(max(uses), "%Y%m")), **attributes)
    before = usage(days="90")
    (shown,) = before["data"]
    alone = call("get_api_key_usage", admin(), object_id=made["id"], query={"days": "90"}).body
    assert shown["data"] == [{"day": one["day"], "requests": one["requests"]} for one in alone["data"]]
    assert shown["requests"] == alone["requests"] == sum(uses.values())
    assert invoke("roll_up_usage", own_event("roll_up_usage")) == {"done": 1}
    assert usage(days="90") == before


def test_pages_list_every_key_once() -> None:
    made = {made_key()["id"] for _ in range(5)}
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = usage(**query)
        seen += [one["keyId"] for one in page["data"]]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert len(seen) == len(made)
    assert set(seen) == made


def test_named_keys_are_returned_in_order_and_unknown_ids_are_left_out() -> None:
    first, second = made_key(), made_key()
    theirs = made_key(account_id=OTHER_ACCOUNT)
    made_key()
    names = [second["id"], theirs["id"], str(uuid4()), "no-id", first["id"], first["id"].upper()]
    page = usage(keyIds=",".join(names))
    assert [one["keyId"] for one in page["data"]] == [second["id"], first["id"]]
    assert page["nextCursor"] is None


def test_a_hundred_keys_can_be_named() -> None:
    made = made_key()
    assert len(usage(keyIds=",".join([made["id"], *(str(uuid4()) for _ in range(MAX_PAGE - 1))]))["data"]) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keyIds", ""),
        ("keyIds", ",".join(str(uuid4()) for _ in range(MAX_PAGE + 1))),
        ("days", "0"),
        ("days", "91"),
        ("limit", "101"),
        ("cursor", "no-cursor"),
    ],
)
def test_parameter_outside_its_limits_is_422(name: str, value: str) -> None:
    response = call(FUNCTION, admin(), query={name: value})
    assert (response.status, response.pointers) == (422, [f"?{name}"])


def test_other_accounts_keys_are_not_listed() -> None:
    made_key(account_id=OTHER_ACCOUNT)
    assert usage() == {"data": [], "nextCursor": None}


def test_key_reads_its_own_usage_including_this_request() -> None:
    made = made_key("api-keys:read")
    (shown,) = call(FUNCTION, holder(made["key"]), query={"days": "1"}).body["data"]
    assert (shown["keyId"], shown["requests"]) == (made["id"], 1)
