"""The history of a webhook, which is live and does not move what is read."""

from playwright.sync_api import expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import NARROW, UNTIL_STILL, Console, Looks
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
    page.get_by_text("Failed", exact=True).first.click()
    expect(page.get_by_text("Looked through 4 attempts, to the end of the history.")).to_be_visible()
    expect(page).to_have_url(f"{console.url}{hook.path}/deliveries?status=failed")
    console.screenshot("deliveries-failed-only")


def test_new_attempts_appear_without_moving_other_content(
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
    page.evaluate(SHIFTS)
    for _ in range(2):  # polls without news
        with page.expect_response("**/deliveries?limit=*"):
            pass
    page.evaluate(UNTIL_STILL)
    assert page.evaluate("shifts") == []
    hook.publish(id="order-next")
    expect(links).to_have_count(31)
    moved = page.evaluate("shifts")
    assert all("row" in name or name in {"TD", "TR"} or "mantine-Table" in name for name in moved), moved

    page.mouse.wheel(0, 600)
    page.wait_for_function("scrollY > 500")
    page.evaluate(SHIFTS)
    hook.publish(id="order-last")
    show = page.get_by_role("button", name="Show 1 new")
    expect(show).to_be_visible()
    expect(links).to_have_count(31)
    console.screenshot("deliveries-new-waiting")
    assert page.evaluate("shifts") == []
    show.click()
    expect(page.get_by_text("order-last")).to_be_in_viewport()
    expect(links).to_have_count(32)
    expect(show).to_have_count(0)
