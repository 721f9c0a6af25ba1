"""Usage by day: the real numbers of verifications and attempts, and keys that need attention."""

from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, Route, expect

from local.old_keys import add_uses, days_ago, make_old
from local.receiver import Behaviour, Receiver
from tests.console.browsing import Console, Watch, fail, held
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


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title)


def today() -> str:
    now = datetime.now(UTC)
    return f"{now.day} {now:%b}"


def test_requests_equal_the_accepted_verifications(console: Console) -> None:
    first_day = today()
    account_id = new_account()
    account = admin(console.stack, account_id)
    busy, quiet, never = (new_key(account, name) for name in ("Busy", "Quiet", "Never"))
    for key, count in ((busy, 5), (quiet, 2)):
        for _ in range(count):
            assert verdict(console.stack, key["key"]) == "VALID"
    account.call("PATCH", f"/api-keys/{never['id']}", {"status": "disabled"})
    assert verdict(console.stack, never["key"]) == "DISABLED"

    page = console.open("/usage", console.stack.tokens.account_token(account_id))
    expect(page.get_by_text("7 accepted requests")).to_be_visible()
    expect(page.get_by_text("By 2 of 3 keys.")).to_be_visible()
    expect(page.get_by_role("table", name="Requests by day")).to_be_attached()
    days = by_day(page, "Requests by day")
    assert len(days) == 30
    assert sum(days.pop(day)[0] for day in {first_day, today()}) == 7  # two days at midnight
    assert set(map(tuple, days.values())) == {(0,)}
    rows = page.get_by_role("table", name="Requests by key").locator("tbody tr").all_inner_texts()
    assert [row.split() for row in rows] == [["Busy", "5"], ["Quiet", "2"]]


def test_chosen_days_are_kept_and_apply_to_a_keys_screen(console: Console) -> None:
    account_id = new_account()
    key = new_key(admin(console.stack, account_id), "Warehouse")
    verdict(console.stack, key["key"])
    page = console.open("/usage", console.stack.tokens.account_token(account_id))
    page.get_by_text("90 days").first.click()
    expect(page).to_have_url(f"{console.url}/usage?days=90")
    page.reload()
    expect(page.get_by_role("radio", name="90 days").first).to_be_checked()
    expect(page.get_by_role("table", name="Requests by day").locator("tbody tr")).to_have_count(90)
    page.get_by_role("table", name="Requests by key").get_by_role("link", name="Warehouse").click()
    console.shows("Warehouse")
    expect(page.get_by_role("radio", name="90 days")).to_be_checked()


def test_deliveries_equal_the_made_attempts(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    with Receiver() as receiver:
        receiver.response("/bad", Behaviour(statuses=[500]))
        for path in ("/good", "/bad"):
            body = {"url": receiver.url(path), "retryScheduleSeconds": [1]}
            account.call("POST", "/webhooks", body, status=201)
        for _ in range(2):
            publish(console.stack, account_id, "order.created")
        eventually(
            lambda: sum(day["attempts"] for day in account.call("GET", "/webhooks/stats?days=2")["data"]),
            lambda attempts: attempts >= 6,
        )
    page = console.open("/usage?days=7", console.stack.tokens.account_token(account_id))
    expect(page.get_by_text("6 attempts")).to_be_visible()
    expect(page.get_by_text("4 failed, 66.7%.")).to_be_visible()
    expect(page.get_by_role("table", name="Deliveries by day")).to_be_attached()
    days = by_day(page, "Deliveries by day")
    assert days.pop(today()) == [2, 4]
    assert list(days.values()) == [[0, 0]] * 6


def test_unused_and_expiring_keys_are_listed(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    never, long_ago, month, _ = (
        new_key(account, name) for name in ("Never used", "Unused for months", "Unused for weeks", "Just made")
    )
    make_old(console.stack, never["id"], created=200)
    make_old(console.stack, long_ago["id"], created=300, used=100)
    make_old(console.stack, month["id"], created=300, used=40)
    new_key(account, "Ends soon", expiresAt=f"{days_ago(-10):%Y-%m-%dT%H:%M:%SZ}")
    new_key(account, "Ends later", expiresAt=f"{days_ago(-40):%Y-%m-%dT%H:%M:%SZ}")

    page = console.open("/usage", console.stack.tokens.account_token(account_id))
    links = card(page, "Unused keys").get_by_role("listitem").get_by_role("link")
    expect(links).to_have_text(["Never used", "Unused for months", "Unused for weeks"])
    page.get_by_role("radiogroup", name="Not used for").get_by_text("90 days").click()
    expect(links).to_have_text(["Never used", "Unused for months"])
    expect(card(page, "Expire soon").get_by_role("link")).to_have_text(["Ends soon"])
    page.get_by_role("link", name="Revoke unused…").click()
    expect(page).to_have_url(f"{console.url}/api-keys?open=revoke-unused.90")
    page.go_back()
    links.first.click()
    console.shows("Never used")


def test_full_screen_looks_right(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    names = ("Production Integration", "Warehouse sync", "Nightly export of every order to the data lake", "Staging")
    for number, name in enumerate(names, start=1):
        uses = {back: (back * 7919 * number) % 211 for back in range(0, 22, number)}
        add_uses(console.stack, new_key(account, name)["id"], uses)
    for number in range(8):
        old = new_key(account, f"Old integration {number}")
        make_old(console.stack, old["id"], created=300 - number, used=None if number % 3 else 50 + number)
    for days in (3, 20):
        new_key(account, f"Contractor, {days} days", expiresAt=f"{days_ago(-days):%Y-%m-%dT%H:%M:%SZ}")
    page = console.open("/usage", console.stack.tokens.account_token(account_id))
    expect(page.get_by_role("table", name="Deliveries by day")).to_be_attached()
    expect(page.get_by_role("table", name="Requests by day")).to_be_attached()
    expect(page.get_by_role("link", name="Revoke unused…")).to_be_visible()
    console.check_screen("usage")
    page.get_by_text("90 days").first.click()
    expect(page.get_by_role("table", name="Requests by day").locator("tbody tr")).to_have_count(90)
    console.screenshot("usage-90-days")


def test_empty_usage_says_what_to_do(console: Console) -> None:
    page = console.open("/usage", console.stack.tokens.account_token(new_account()))
    expect(page.get_by_role("heading", name="Nothing has been used yet")).to_be_visible()
    console.check_screen("usage-empty")
    page.get_by_role("link", name="Create an API key").click()
    expect(page.get_by_role("dialog", name="New key")).to_be_visible()


def test_loading_and_failing_are_shown_in_place(console: Console, watch: Watch) -> None:
    watch.expect("the server responded with a status of 503")
    page = console.page
    with held(page, "**/api-keys/usage?*", "**/webhooks/stats?*", then=fail):
        console.open("/usage", console.stack.tokens.account_token(new_account()))
        console.shows("Usage")
        expect(page.get_by_role("status", name="Loading")).to_have_count(2)
        console.screenshot("usage-loading")
    expect(page.get_by_text("Requests couldn't be loaded")).to_be_visible()
    expect(page.get_by_text("Deliveries couldn't be loaded")).to_be_visible()
    console.check_screen("usage-failed")


def test_limit_of_counted_keys_is_shown(console: Console) -> None:
    page = console.page
    asked: list[str] = []

    def response(route: Route) -> None:
        asked.append(route.request.url)
        first = len(asked) * 100
        used = [
            {
                "keyId": f"00000000-0000-4000-8000-{first + number:012}",
                "name": f"Key {first + number}",
                "prefix": "lh_live_abcd",
                "requests": 1,
                "data": [{"day": f"2026-05-{day:02}", "requests": int(day == 2)} for day in range(1, 8)],
            }
            for number in range(100)
        ]
        route.fulfill(json={"data": used, "nextCursor": f"cursor{len(asked)}"})

    page.route("**/api-keys/usage?*", response)
    console.open("/usage?days=7", console.stack.tokens.account_token(new_account()))
    expect(page.get_by_text("By 1,000 of the newest 1,000 keys. Older keys aren't counted.")).to_be_visible()
    expect(page.get_by_text("1,000 accepted requests")).to_be_visible()
    assert len(asked) == 10
    assert "cursor=cursor9" in asked[-1]
    page.get_by_role("button", name="Show all 1,000").click()
    expect(page.get_by_role("table", name="Requests by key").locator("tbody tr")).to_have_count(1000)


def test_url_below_usage_shows_that_nothing_is_there(console: Console) -> None:
    page = console.open("/usage/nothing", console.stack.tokens.account_token(new_account()))
    expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
