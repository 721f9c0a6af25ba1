"""Statistics of webhooks on the deployed product: they are exact a few seconds after the deliveries."""

from typing import Any

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.journeys.product import Caller, admin, eventually, new_account, publish

EVENTS = 7


def added_up(days: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Return the sums of attempts, successes and failures, because a test may run over midnight."""
    names = ("attempts", "succeeded", "failed")
    attempts, succeeded, failed = (sum(day[name] for day in days) for name in names)
    return attempts, succeeded, failed


def in_strip(account: Caller) -> dict[str, tuple[int, int]]:
    """Return attempts and failures of the last 24 hours by webhook."""
    webhooks = account.call("GET", "/webhooks/stats?days=1")["webhooks"]
    assert all(len(webhook["last24Hours"]) == 24 for webhook in webhooks)
    return {
        webhook["id"]: (
            sum(hour["attempts"] for hour in webhook["last24Hours"]),
            sum(hour["failed"] for hour in webhook["last24Hours"]),
        )
        for webhook in webhooks
    }


def test_statistics_equal_the_made_attempts(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/bad", Behaviour(statuses=[500]))
    account_id = new_account()
    account = admin(stack, account_id)
    good = account.call("POST", "/webhooks", {"url": receiver.url("/good")}, status=201)["id"]
    bad = account.call("POST", "/webhooks", {"url": receiver.url("/bad"), "retryScheduleSeconds": [1]}, status=201)[
        "id"
    ]
    account.call("POST", f"/webhooks/{good}/test", {})
    for _ in range(EVENTS):
        publish(stack, account_id, "order.created")

    counted = eventually(
        lambda: added_up(account.call("GET", "/webhooks/stats?days=2")["data"]), lambda seen: seen[0] >= 3 * EVENTS
    )
    assert counted == (3 * EVENTS, EVENTS, 2 * EVENTS)
    for webhook, expected in ((good, (EVENTS, EVENTS, 0)), (bad, (2 * EVENTS, 0, 2 * EVENTS))):
        response = account.call("GET", f"/webhooks/{webhook}/stats?days=2")
        assert added_up(response["data"]) == expected
        slowest = max(day["latencyMs"]["p99"] for day in response["data"] if day["latencyMs"])
        assert 0 < slowest < 15_000
    assert in_strip(account) == {good: (EVENTS, 0), bad: (2 * EVENTS, 2 * EVENTS)}
    assert admin(stack, new_account()).send_request("GET", f"/webhooks/{good}/stats").status_code == 404
