"""The history of a webhook: live, in pages, or with failed attempts only."""

from playwright.sync_api import Page, expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import NARROW, Console, Looks, held
from tests.console.delivering import HOOK, SHIFTS, delivering


def test_history_shows_each_attempt_with_its_result(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(statuses=[500, 503, 200]))
    hook = delivering(stack, receiver, retryScheduleSeconds=[1, 1])
    hook.publish(externalId="ERP_PART_12345")
    hook.made(3)
    hook.publish("order.shipped")
    hook.made(4)
    hook.open(console)
    page = console.page
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    for looks, role in ((Looks(), "row"), (Looks(NARROW, 740), "listitem")):
        console.show_in(looks)
        rows = page.get_by_role(role)  # type: ignore[arg-type]
        delivered = rows.filter(has=page.get_by_role("link", name="order.created", exact=True))
        for text in ("ERP_PART_12345", "Delivered", "Automatic retry", "HTTP 200"):
            expect(delivered).to_contain_text(text)
        for name, text in (("Earlier attempt 1", "HTTP 500"), ("Earlier attempt 2", "Failed")):
            earlier = page.get_by_role("link", name=f"{name} of order.created")
            expect(rows.filter(has=earlier)).to_contain_text(text)
    console.check_screen("deliveries", wide=page.get_by_role("table"), narrow=page.get_by_role("listitem").first)


def test_new_attempts_appear_without_moving_other_content(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    hook = delivering(stack, receiver)
    hook.publish()
    hook.made(1)
    hook.open(console)
    links = console.page.get_by_role("link", name="order.created", exact=True)
    expect(links).to_have_count(1)
    console.page.evaluate(SHIFTS)
    console.page.wait_for_timeout(7000)  # two more polls without news
    assert console.page.evaluate("shifts") == []
    hook.publish()
    expect(links).to_have_count(2)
    moved = console.page.evaluate("shifts")
    assert all("row" in name or name in {"TD", "TR"} or "mantine-Table" in name for name in moved), moved


def test_reader_further_down_is_notified_and_keeps_the_position(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    hook = delivering(stack, receiver)
    for number in range(30):
        hook.publish(id=f"order-{number}")
    hook.made(30)
    hook.open(console)
    page = console.page
    links = page.get_by_role("link", name="order.created", exact=True)
    expect(links).to_have_count(30)
    page.mouse.wheel(0, 600)
    page.wait_for_function("scrollY > 500")
    page.evaluate(SHIFTS)
    hook.publish(id="order-new")
    show = page.get_by_role("button", name="Show 1 new")
    expect(show).to_be_visible()
    expect(links).to_have_count(30)
    console.screenshot("deliveries-new-waiting")
    assert page.evaluate("shifts") == []
    show.click()
    expect(page.get_by_text("order-new")).to_be_in_viewport()
    expect(links).to_have_count(31)
    expect(show).to_have_count(0)


def test_failed_filter_searches_all_pages_and_reports_progress(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    receiver.response(HOOK, Behaviour(statuses=[500, 200]))
    hook = delivering(stack, receiver)
    hook.publish(id="the-one-that-failed")
    hook.made(1)
    for number in range(55):
        hook.publish(id=f"order-{number}")
    hook.made(56)
    hook.open(console)
    page = console.page
    expect(page.get_by_role("link", name="order.created", exact=True)).to_have_count(50)
    expect(page.get_by_text("the-one-that-failed")).to_have_count(0)
    page.get_by_text("Failed", exact=True).first.click()
    expect(page.get_by_text("the-one-that-failed")).to_be_visible()
    expect(page.get_by_role("link", name="order.created", exact=True)).to_have_count(1)
    expect(page.get_by_text("Looked through 56 attempts, to the end of the history.")).to_be_visible()
    assert page.url.endswith("/deliveries?status=failed")
    console.check_screen("deliveries-failed-only")
    page.reload()
    expect(page.get_by_role("link", name="order.created", exact=True)).to_have_count(1)


def test_older_pages_have_urls_and_a_delivery_leads_back(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    hook = delivering(stack, receiver)
    for number in range(52):
        hook.publish(id=f"order-{number:02}")
    hook.made(52)
    hook.open(console)
    page = console.page
    links = page.get_by_role("link", name="order.created", exact=True)
    expect(links).to_have_count(50)
    page.get_by_role("button", name="Next").click()
    expect(links).to_have_count(2)
    expect(page.get_by_text("Not live: this is an older page")).to_be_visible()
    address = page.url
    assert "cursor=" in address
    links.first.click()
    expect(page.get_by_role("heading", name="order.created", level=1)).to_be_visible()
    page.get_by_role("link", name="Deliveries").click()
    expect(links).to_have_count(2)
    assert page.url == address
    page.reload()
    expect(links).to_have_count(2)


def test_empty_history_says_what_to_do_first(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = delivering(stack, receiver)
    hook.open(console)
    expect(console.page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()
    console.check_screen("deliveries-none")
    console.page.get_by_role("button", name="Send a test event").click()
    expect(console.page.get_by_role("dialog", name="Send test event")).to_be_visible()


def test_history_that_cannot_be_loaded_shows_the_reason(
    console: Console, stack: RunningStack, receiver: Receiver, page: Page
) -> None:
    hook = delivering(stack, receiver)
    problem = {
        "status": 403,
        "code": "insufficient_scope",
        "detail": "You may not read deliveries.",
        "requestId": "r-1",
    }
    page.route("**/deliveries?limit=*", lambda route: route.fulfill(status=403, json=problem))
    hook.open(console)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("You may not read deliveries.")
    expect(notice).to_contain_text("r-1")
    console.check_screen("deliveries-error")
    page.unroute("**/deliveries?limit=*")
    expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()


def test_placeholder_is_shown_while_history_loads(
    console: Console, stack: RunningStack, receiver: Receiver, page: Page
) -> None:
    hook = delivering(stack, receiver)
    hook.publish()
    hook.made(1)
    with held(page, "**/deliveries?limit=*"):
        hook.open(console)
        expect(page.get_by_text("Loading")).to_have_count(1)
        console.check_screen("deliveries-loading")
        expect(page.get_by_text("Loading")).to_have_count(1)
    expect(page.get_by_role("link", name="order.created", exact=True)).to_be_visible()


def test_webhook_of_another_account_is_not_found(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    theirs, mine = delivering(stack, receiver), delivering(stack, receiver)
    token = console.stack.tokens.account_token(mine.account_id)
    console.open(f"{theirs.path}/deliveries", token)
    expect(console.page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
