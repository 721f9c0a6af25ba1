"""The list of webhooks: their state and success, and the first step in an empty list."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from local.receiver import Behaviour, Receiver
from tests.console.browsing import Console, held
from tests.console.webhook_screens import Account
from tests.journeys.product import eventually

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def account(console: Console) -> Account:
    return Account(console)


def row(page: Page, text: str) -> Any:
    """Return a webhook's row in the table."""
    return page.get_by_role("row").filter(has_text=text)


def test_empty_list_says_what_to_do_first(console: Console, account: Account) -> None:
    page = console.open("/webhooks", account.token)
    expect(page.get_by_role("heading", name="No webhooks yet")).to_be_visible()
    console.check_screen("webhooks-empty")
    page.get_by_role("button", name="New webhook").click()
    expect(page.get_by_role("dialog", name="New webhook")).to_be_visible()


def test_list_shows_each_state_and_success_rate(console: Console, account: Account, receiver: Receiver) -> None:
    receiver.response("/failing", Behaviour(statuses=[500], body=b"no"))
    receiver.response("/gone", Behaviour(statuses=[410]))
    quiet = account.webhook(receiver.url("/quiet"), events=["nothing.happened"], description="Nightly export")
    good = account.webhook(
        receiver.url("/good"), description="Warehouse, ask Grace", filter={"entity": {"number": [1001]}}
    )
    failing = account.webhook(
        receiver.url("/failing"), events=["order.created", "order.*"], retryScheduleSeconds=[3600]
    )
    gone = account.webhook(receiver.url("/gone"))
    paused = account.webhook(receiver.url("/paused"))
    account.admin.call("PATCH", f"/webhooks/{paused['id']}", {"status": "paused"})
    for _ in range(3):
        account.publish()
    eventually(lambda: account.found(gone["id"])["status"], lambda status: status == "disabled")
    eventually(lambda: account.found(failing["id"])["failingSince"], lambda since: since is not None)

    def counted() -> set[int]:
        stats = account.admin.call("GET", "/webhooks/stats?days=1")["webhooks"]
        return {each["attempts"] for each in stats if each["id"] in {good["id"], failing["id"]}}

    eventually(counted, lambda attempts: attempts == {3})
    page = console.open("/webhooks", account.token)
    expect(page.get_by_text("100%of 3")).to_be_visible()
    expect(page.get_by_text("0%of 3").last).to_be_visible()
    for word in ("Active", "Failing", "Paused", "Disabled"):
        expect(page.get_by_text(word, exact=True).first).to_be_visible()
    expect(page.get_by_role("img", name="Last 24 hours: 3 attempts, 3 failed").first).to_be_visible()
    expect(page.get_by_role("img", name="Nothing was sent in the last 24 hours").first).to_be_visible()
    expect(page.get_by_text(quiet["description"])).to_be_visible()
    table, card = page.get_by_role("table"), page.get_by_role("listitem").first
    console.check_screen("webhooks-list", wide=table, narrow=card)


def _busy(route: Route) -> None:
    response = route.fetch()
    stats = response.json()
    for number, webhook in enumerate(stats["webhooks"]):
        for hour, each in enumerate(webhook["last24Hours"]):
            each["attempts"] = 0 if hour < 3 else 1200
            each["failed"] = (0, 4 if hour == 9 else 0, 400 if hour > 18 else 0, 1200 if hour > 20 else 2)[number % 4]
            each["failed"] = min(each["attempts"], each["failed"])
    route.fulfill(response=response, json=stats)


def test_strip_shows_the_last_day(console: Console, account: Account) -> None:
    for number in range(8):
        account.webhook(f"http://127.0.0.1:9/shop-{number}", description=f"Shop {number}", events=["order.*"])
    console.page.route("**/webhooks/stats?*", _busy)
    page = console.open("/webhooks", account.token)
    expect(page.get_by_text("99.9%").first).to_be_visible()
    console.check_screen("webhooks-day")


def test_search_and_filter_of_the_list_are_in_the_url(console: Console, account: Account) -> None:
    for number in range(7):
        account.webhook(f"http://127.0.0.1:9/hooks-{number}", events=[f"order{number}.created"])
    paused = account.webhook("http://127.0.0.1:9/paused", description="The night watch")
    account.admin.call("PATCH", f"/webhooks/{paused['id']}", {"status": "paused"})
    page = console.open("/webhooks", account.token)
    expect(page.get_by_role("row")).to_have_count(9)
    page.keyboard.press("/")
    page.keyboard.type("night")
    expect(page.get_by_role("row")).to_have_count(2)
    assert page.url.endswith("/webhooks?search=night")
    page.keyboard.press("Escape")
    expect(page.get_by_role("row")).to_have_count(9)
    page.get_by_role("searchbox").fill("order3.")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("combobox", name="Status").select_option("Paused")
    expect(page.get_by_role("heading", name="No webhook fits")).to_be_visible()
    page.get_by_role("button", name="Show all webhooks").click()
    page.get_by_role("combobox", name="Status").select_option("Paused")
    page.reload()
    expect(row(page, "/paused")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_customers_texts_are_shown_as_text(console: Console, account: Account, receiver: Receiver) -> None:
    address = f"http://127.0.0.1:9/{'long/' * 60}?q=%3Cscript%3E{HOSTILE.replace(' ', '%20')}"
    webhook = account.webhook(address, description=HOSTILE * 6, headers={"X-Note": HOSTILE})
    page = console.open("/webhooks", account.token)
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    console.check_screen("webhooks-hostile-list")
    page.get_by_role("link", name="http://127.0.0.1:9/").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(webhook["url"])
    assert heading.evaluate("it => it.clientHeight <= 2 * parseFloat(getComputedStyle(it).lineHeight) + 1")
    expect(heading).to_have_attribute("title", webhook["url"])
    expect(page.get_by_role("definition").filter(has_text=webhook["url"])).to_be_visible()
    expect(page.get_by_text(f"X-Note: {HOSTILE}")).to_be_visible()
    assert page.locator("main img, main script").count() == 0
    console.check_screen("webhooks-hostile-screen")


def test_list_that_cannot_be_loaded_shows_the_reason(console: Console, account: Account) -> None:
    problem = {"code": "too_many_requests", "detail": "Try again in a moment.", "requestId": "req-1"}
    console.page.route(f"{console.stack.base_url}/webhooks", lambda route: route.fulfill(status=429, json=problem))
    page = console.open("/webhooks", account.token)
    alert = page.get_by_role("alert").filter(has_text="The webhooks couldn't be loaded")
    expect(alert).to_contain_text("Try again in a moment.")
    expect(alert).to_contain_text("req-1")
    console.check_screen("webhooks-error")


def test_placeholder_is_shown_while_the_list_loads(console: Console, account: Account) -> None:
    with held(console.page, f"{console.stack.base_url}/webhooks"):
        page = console.open("/webhooks", account.token)
        expect(page.get_by_role("status").filter(has_text="Loading").first).to_be_visible()
        console.shows("Webhooks")
        console.check_screen("webhooks-loading")
    expect(page.get_by_role("heading", name="No webhooks yet")).to_be_visible()
