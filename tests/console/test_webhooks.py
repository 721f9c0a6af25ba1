"""The list of webhooks: their state and success, and texts that look like HTML."""

import pytest
from playwright.sync_api import expect

from local.receiver import Behaviour, Receiver
from tests.console.browsing import Console
from tests.console.webhook_screens import Account
from tests.journeys.product import eventually

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def account(console: Console) -> Account:
    return Account(console)


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
