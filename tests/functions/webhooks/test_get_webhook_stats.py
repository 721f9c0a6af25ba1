"""GET /webhooks/{id}/stats."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.template_tables import DELIVERIES

FUNCTION = "get_webhook_stats"


def day(back: int, form: str = "%Y-%m-%d") -> str:
    return (datetime.now(UTC) - timedelta(days=back)).strftime(form)


def put_counts(cloud: Cloud, webhook_id: str, back: int, *, account_id: str = ACCOUNT, **counts: Any) -> None:
    """Store the counts of a day, `back` days before today."""
    item = {"pk": f"STATS#{account_id}", "sk": f"{day(back, '%Y%m%d')}#{webhook_id}", "ttl": 1, "m1": "x"}
    cloud.put(DELIVERIES, item | counts)


def stats(webhook_id: str, **query: str) -> Any:
    response = call(FUNCTION, admin(), object_id=webhook_id, query=query)
    assert response.status == 200, response.text
    return response.body


def test_webhook_without_attempts_has_empty_days_until_today(cloud: Cloud) -> None:
    webhook = made_webhook()
    empty = {"attempts": 0, "succeeded": 0, "failed": 0, "successRate": None, "latencyMs": None}
    body = stats(webhook["id"])
    assert body["webhookId"] == webhook["id"]
    assert body["data"] == [{"date": day(back), **empty} for back in range(29, -1, -1)]


@pytest.mark.parametrize(("query", "days"), [({}, 30), ({"days": "1"}, 1), ({"days": "7"}, 7), ({"days": "90"}, 90)])
def test_one_to_ninety_days_are_returned(query: dict[str, str], days: int) -> None:
    data = stats(made_webhook()["id"], **query)["data"]
    assert [data[0]["date"], data[-1]["date"], len(data)] == [day(days - 1), day(0), days]


@pytest.mark.parametrize("days", ["0", "91", "-1", "1.5", "seven", ""])
def test_other_numbers_of_days_are_422(days: str) -> None:
    response = call(FUNCTION, admin(), object_id=made_webhook()["id"], query={"days": days})
    assert (response.status, response.pointers) == (422, ["?days"])


def test_hours_are_added_up_to_days(cloud: Cloud) -> None:
    webhook = made_webhook()
    put_counts(cloud, webhook["id"], 1, a00=10, a23=30, f23=10, b28=30, b40=3)
    yesterday = stats(webhook["id"], days="2")["data"][0]
    assert yesterday == {
        "date": day(1),
        "attempts": 40,
        "succeeded": 30,
        "failed": 10,
        "successRate": 0.75,
        "latencyMs": {"p50": 117.38, "p90": 117.38, "p95": 939.01, "p99": 939.01},
    }


def test_todays_attempts_appear_as_soon_as_they_are_counted(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/fails", Behaviour(statuses=[500]))
    good, bad = made_webhook(receiver.url("/good")), made_webhook(receiver.url("/fails"))
    for _ in range(3):
        published(ACCOUNT)
    cloud.run_event_path()
    assert cloud.run_streams() == []
    for webhook, succeeded in ((good, 3), (bad, 0)):
        found = stats(webhook["id"], days="2")["data"]
        assert sum(each["attempts"] for each in found) == 3
        assert sum(each["succeeded"] for each in found) == succeeded
        assert all(each["latencyMs"] for each in found if each["attempts"])


def test_webhook_without_successes_has_success_rate_zero(cloud: Cloud) -> None:
    webhook = made_webhook()
    put_counts(cloud, webhook["id"], 0, a00=2, f00=2)
    (today,) = stats(webhook["id"], days="1")["data"]
    assert (today["succeeded"], today["successRate"], today["latencyMs"]) == (0, 0.0, None)


def test_other_accounts_webhook_is_404(cloud: Cloud) -> None:
    theirs = made_webhook(account_id=OTHER_ACCOUNT)
    put_counts(cloud, theirs["id"], 0, a00=2)
    assert call(FUNCTION, admin(), object_id=theirs["id"]).status == 404


def test_other_accounts_counts_under_the_same_id_are_not_shown(cloud: Cloud) -> None:
    webhook = made_webhook()
    put_counts(cloud, webhook["id"], 0, account_id=OTHER_ACCOUNT, a00=2)
    assert stats(webhook["id"], days="1")["data"][0]["attempts"] == 0


def test_scope_webhooks_read_is_required() -> None:
    webhook = made_webhook()
    for scope, status in (("webhooks:read", 200), ("webhooks:write", 403)):
        assert call(FUNCTION, holder(made_key(scope)["key"]), object_id=webhook["id"]).status == status
