"""GET /webhooks/stats."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from latchhook.storage import stats_table
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.webhooks.test_get_webhook_stats import day, put_counts

FUNCTION = "list_webhook_stats"
GONE = "00000000-0000-4000-8000-000000000000"


def stats(**query: str) -> Any:
    response = call(FUNCTION, admin(), query=query)
    assert response.status == 200, response.text
    return response.body


def test_account_without_webhooks_has_empty_days_and_no_webhooks() -> None:
    body = stats()
    assert body["webhooks"] == []
    assert [each["date"] for each in body["data"]] == [day(back) for back in range(29, -1, -1)]
    assert {each["attempts"] for each in body["data"]} == {0}


def test_days_add_up_all_webhooks_including_deleted_ones(cloud: Cloud) -> None:
    first, second = made_webhook(), made_webhook()
    put_counts(cloud, first["id"], 2, a01=4, f01=1, b20=4)
    put_counts(cloud, second["id"], 2, a01=2, b40=2)
    put_counts(cloud, GONE, 2, a02=4, f02=4)
    put_counts(cloud, first["id"], 7, a01=1)
    put_counts(cloud, first["id"], 2, account_id=OTHER_ACCOUNT, a01=100)
    body = stats(days="7")
    (only,) = [each for each in body["data"] if each["attempts"]]
    latency = {"p50": 29.34, "p90": 939.01, "p95": 939.01, "p99": 939.01}
    assert only == {
        "date": day(2), "attempts": 10, "succeeded": 5, "failed": 5, "successRate": 0.5, "latencyMs": latency,
    }  # fmt: skip
    assert {each["id"]: (each["attempts"], each["failed"]) for each in body["webhooks"]} == {
        first["id"]: (4, 1),
        second["id"]: (2, 0),
    }
    assert sum(each["attempts"] for each in stats(days="8")["data"]) == 11


@pytest.mark.parametrize("days", ["1", "2", "30"])
def test_last_24_hours_do_not_depend_on_the_number_of_days(days: str, cloud: Cloud) -> None:
    webhook = made_webhook()
    now = datetime.now(UTC)
    hours = [(now - timedelta(hours=back)).replace(minute=0, second=0, microsecond=0) for back in range(25)]
    for back in (0, 1, 2):
        counts: dict[str, Any] = {f"a{hour:%H}": 100 + hour.hour for hour in hours if f"{hour:%Y-%m-%d}" == day(back)}
        put_counts(cloud, webhook["id"], back, **counts, f00=1)
    (shown,) = stats(days=days)["webhooks"]
    strip = shown["last24Hours"]
    began = [datetime.fromisoformat(each["hour"]) for each in strip]
    assert [later - earlier for earlier, later in pairwise(began)] == [timedelta(hours=1)] * 23
    assert began[-1] in (hours[0], hours[0] + timedelta(hours=1))
    if began[-1] == hours[0]:
        assert [each["attempts"] for each in strip] == [100 + hour.hour for hour in reversed(hours[:24])]
        assert [each["failed"] for each in strip] == [int(hour.hour == 0) for hour in reversed(hours[:24])]


@pytest.mark.parametrize("days", ["0", "91", "x"])
def test_other_numbers_of_days_are_422(days: str) -> None:
    response = call(FUNCTION, admin(), query={"days": days})
    assert (response.status, response.pointers) == (422, ["?days"])


def test_too_many_counts_for_one_request_are_422_with_advice(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats_table, "MAX_PAGES", 0)
    response = call(FUNCTION, admin())
    assert (response.status, response.pointers) == (422, ["?days"])
    assert "fewer days" in response.text


def test_scope_webhooks_read_is_required(cloud: Cloud) -> None:
    made_webhook(account_id=OTHER_ACCOUNT)
    put_counts(cloud, GONE, 0, a00=1)
    for scope, status in (("webhooks:read", 200), ("webhooks:write", 403)):
        assert call(FUNCTION, holder(made_key(scope, account_id=ACCOUNT)["key"])).status == status
