"""Recoveries on the screen: failed and missed deliveries are sent again with progress, and can be stopped."""

from playwright.sync_api import expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import Console
from tests.console.delivering import HOOK, delivering
from tests.journeys.product import PATIENCE_SECONDS, eventually


def test_missed_deliveries_are_recovered_after_the_webhook_is_enabled(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    receiver.response(HOOK, Behaviour(statuses=[410]))
    hook = delivering(stack, receiver, events=["order.*"], retryScheduleSeconds=[60])
    hook.publish(id="gone")
    eventually(lambda: hook.account.call("GET", hook.path)["status"], lambda status: bool(status == "disabled"))
    hook.open(console, "")
    page = console.page
    expect(page.get_by_text("410 Gone")).to_be_visible()
    expect(page.locator(".recharts-surface").first).to_be_visible()
    console.check_screen("webhook-disabled")
    receiver.response(HOOK, Behaviour())
    page.get_by_role("button", name="Enable").click()
    banner = page.get_by_role("alert").filter(has_text="Recover what was missed?")
    expect(banner).to_be_visible()
    assert hook.account.call("GET", hook.path)["status"] == "active"
    console.screenshot("recover-offered")
    banner.get_by_role("button", name="Recover deliveries").click()
    dialog = page.get_by_role("dialog", name="Recover deliveries")
    expect(dialog.get_by_label("Events since").locator("option:checked")).to_contain_text("Before it failed")
    expect(dialog.get_by_label("Events since")).to_be_focused()
    console.check_screen("recover")
    dialog.get_by_role("button", name="Recover", exact=True).click()
    expect(dialog).to_have_count(0)
    first, again = receiver.wait_for(2, PATIENCE_SECONDS)
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    expect(page.get_by_text("Finished", exact=True)).to_be_visible()
    expect(page.get_by_text("1 sent again · 1 looked at")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(banner).to_have_count(0)
    console.screenshot("recovery-finished")
    assert sorted(each["trigger"] for each in hook.made(2)) == ["event", "recover"]
    assert hook.account.call("GET", hook.path)["recoverSince"] is None


def test_recovery_can_be_stopped(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(statuses=[500]))
    hook = delivering(stack, receiver, rateLimit={"limit": 1, "windowSeconds": 3600})  # the recovery has to wait
    hook.publish()
    hook.made(1)
    hook.open(console, "/recoveries?open=recover")
    page = console.page
    page.get_by_role("dialog").get_by_role("button", name="Recover", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(page.get_by_text("0 sent again")).to_be_visible()
    (recovery,) = hook.account.call("GET", f"{hook.path}/recoveries")["data"]
    assert recovery["status"] == "cancelled"
    console.screenshot("recovery-cancelled")
    assert len(receiver.requests()) == 1
