"""Usage by day: the real numbers of verifications and attempts, and keys that need attention."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from local.old_keys import days_ago, make_old
from local.receiver import Behaviour, Receiver
from tests.console.browsing import Console, Watch, fail
from tests.journeys.product import Caller, admin, eventually, new_account, publish, verdict


def new_key(account: Caller, name: str, **fields: object) -> dict[str, str]:
    """Create a key. Its text is in the field `key`."""
    response: dict[str, str] = account.call("POST", "/api-keys", {"name": name, **fields}, status=201)
    return response


def by_day(page: Page, caption: str) -> dict[str, list[int]]:
    """Return the numbers of the chart's table by day."""
    rows = page.get_by_role("table", name=caption).locator("tbody tr")
    return {
        row.locator("th").inner_text(): [int(text.replace(",", "")) for text in row.locator("td").all_inner_texts()]
        for row in rows.all()
    }


def today() -> str:
    now = datetime.now(UTC)
    return f"{now.day} {now:%b}"


def test_usage_equals_the_accepted_requests_and_attempts(console: Console, watch: Watch) -> None:
    first_day = today()
    account_id = new_account()
    account = admin(console.stack, account_id)
    busy, quiet, never = (new_key(account, name) for name in ("Busy", "Quiet", "Never"))
    for key, count in ((busy, 5), (quiet, 2)):
        for _ in range(count):
            assert verdict(console.stack, key["key"]) == "VALID"
    account.call("PATCH", f"/api-keys/{never['id']}", {"status": "disabled"})
    assert verdict(console.stack, never["key"]) == "DISABLED"
    make_old(console.stack, never["id"], created=200)
    new_key(account, "Ends soon", expiresAt=f"{days_ago(-10):%Y-%m-%dT%H:%M:%SZ}")
    deliver_with_failures(console, account_id)

    page = console.open("/usage", console.stack.tokens.account_token(account_id))
    expect(page.get_by_text("7 accepted requests")).to_be_visible()
    expect(page.get_by_text("By 2 of 4 keys.")).to_be_visible()
    expect(page.get_by_text("6 attempts")).to_be_visible()
    expect(page.get_by_text("4 failed, 66.7%.")).to_be_visible()
    for caption in ("Requests by day", "Deliveries by day"):
        expect(page.get_by_role("table", name=caption).locator("tbody tr")).to_have_count(30)
    days = {first_day, today()}  # two days at midnight
    requests, deliveries = by_day(page, "Requests by day"), by_day(page, "Deliveries by day")
    assert sum(requests.pop(day)[0] for day in days) == 7
    assert [sum(counts) for counts in zip(*(deliveries.pop(day) for day in days), strict=True)] == [2, 4]
    assert {*map(tuple, requests.values()), *map(tuple, deliveries.values())} == {(0,), (0, 0)}
    rows = page.get_by_role("table", name="Requests by key").locator("tbody tr")
    expect(rows).to_have_text(["Busy5", "Quiet2"])
    expect(page.get_by_role("link", name="Revoke unused…")).to_be_visible()
    console.check_screen("usage")

    page.get_by_text("90 days").first.click()
    expect(page).to_have_url(f"{console.url}/usage?days=90")
    page.reload()
    expect(page.get_by_role("radio", name="90 days").first).to_be_checked()
    expect(page.get_by_role("table", name="Requests by day").locator("tbody tr")).to_have_count(90)
    console.screenshot("usage-90-days")
    page.get_by_role("table", name="Requests by key").get_by_role("link", name="Busy").click()
    console.shows("Busy")
    expect(page.get_by_role("radio", name="90 days")).to_be_checked()

    watch.expect("the server responded with a status of 503")
    for url in ("**/api-keys/usage?*", "**/webhooks/stats?*"):
        page.route(url, fail)
    console.open("/usage")
    expect(page.get_by_text("Requests couldn't be loaded")).to_be_visible()
    expect(page.get_by_text("Deliveries couldn't be loaded")).to_be_visible()
    console.check_screen("usage-failed")


def deliver_with_failures(console: Console, account_id: str) -> None:
    """Make two attempts that succeed and four that fail."""
    account = admin(console.stack, account_id)
    with Receiver() as receiver:
        receiver.response("/bad", Behaviour(statuses=[500]))
        for path in ("/good", "/bad"):
            # Not all events, because system events of the account's keys may still arrive.
            body = {"url": receiver.url(path), "events": ["order.*"], "retryScheduleSeconds": [1]}
            account.call("POST", "/webhooks", body, status=201)
        for _ in range(2):
            publish(console.stack, account_id, "order.created")
        eventually(
            lambda: sum(day["attempts"] for day in account.call("GET", "/webhooks/stats?days=2")["data"]),
            lambda attempts: attempts >= 6,
        )
