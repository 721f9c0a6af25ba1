"""Recoveries on the screen: failed and missed deliveries are sent again with progress, and can be stopped."""

from playwright.sync_api import Page, Route, expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import Console, held
from tests.console.delivering import HOOK, Delivering, delivering
from tests.journeys.product import PATIENCE_SECONDS, eventually

FAILED = 3


def that_failed(stack: RunningStack, receiver: Receiver) -> Delivering:
    """Create a webhook with failed deliveries whose receiver works again."""
    receiver.response(HOOK, Behaviour(statuses=[500]))
    hook = delivering(stack, receiver)
    for number in range(FAILED):
        hook.publish(id=f"order-{number}")
    hook.made(FAILED)
    receiver.response(HOOK, Behaviour())
    return hook


def enabled_again(stack: RunningStack, receiver: Receiver) -> Delivering:
    """Create a webhook that its receiver disabled with 410, and enable it again."""
    receiver.response(HOOK, Behaviour(statuses=[410]))
    hook = delivering(stack, receiver, events=["order.*"], retryScheduleSeconds=[60])
    hook.publish(id="gone")
    eventually(lambda: hook.account.call("GET", hook.path)["status"], lambda status: bool(status == "disabled"))
    hook.account.call("PATCH", hook.path, {"status": "active"})
    receiver.response(HOOK, Behaviour())
    return hook


def recoveries(hook: Delivering) -> list[str]:
    """Return the status of each of the webhook's recoveries, newest first."""
    return [each["status"] for each in hook.account.call("GET", f"{hook.path}/recoveries")["data"]]


def test_recovery_delivers_failed_events_and_shows_its_end(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    hook = that_failed(stack, receiver)
    hook.open(console, "/recoveries")
    page = console.page
    expect(page.get_by_role("heading", name="No recovery yet")).to_be_visible()
    console.screenshot("recoveries-none")
    page.get_by_role("button", name="Recover deliveries").click()
    dialog = page.get_by_role("dialog", name="Recover deliveries")
    expect(dialog.get_by_label("Events since")).to_be_focused()
    dialog.get_by_role("radio", name="Failed only").check()
    console.check_screen("recover")
    with held(page, "**/recoveries/*"):
        dialog.get_by_role("button", name="Recover", exact=True).click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text("Running", exact=True)).to_be_visible()
        expect(page.get_by_role("progressbar")).to_be_attached()
        console.check_screen("recovery-running")
    requests = receiver.wait_for(2 * FAILED, PATIENCE_SECONDS)
    assert len({request.headers["webhook-id"] for request in requests}) == FAILED
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    expect(page.get_by_text("3 sent again · 3 looked at")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    console.check_screen("recovery-finished")
    made = hook.made(2 * FAILED)
    assert sorted(each["trigger"] for each in made) == ["event"] * FAILED + ["recover"] * FAILED


def test_recovery_can_be_stopped(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(statuses=[500]))
    hook = delivering(stack, receiver, rateLimit={"limit": 1, "windowSeconds": 3600})  # the recovery has to wait
    hook.publish()
    hook.made(1)
    hook.open(console, "/recoveries")
    page = console.page
    page.get_by_role("button", name="Recover deliveries").click()
    page.get_by_role("dialog").get_by_role("button", name="Recover", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(page.get_by_text("0 sent again")).to_be_visible()
    assert recoveries(hook) == ["cancelled"]
    console.screenshot("recovery-cancelled")
    assert len(receiver.requests()) == 1


def test_recovery_is_offered_after_a_webhook_is_enabled_again(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    hook = enabled_again(stack, receiver)
    hook.open(console)
    page = console.page
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("Recover what was missed?")
    console.check_screen("recover-offered")
    banner.get_by_role("button", name="Recover deliveries").click()
    dialog = page.get_by_role("dialog", name="Recover deliveries")
    expect(dialog.get_by_label("Events since").locator("option:checked")).to_contain_text("Before it failed")
    dialog.get_by_role("button", name="Recover", exact=True).click()
    expect(banner).to_have_count(0)
    receiver.wait_for(2, PATIENCE_SECONDS)
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    assert hook.account.call("GET", hook.path)["recoverSince"] is None


def test_chosen_time_must_be_in_the_past(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = that_failed(stack, receiver)
    hook.open(console, "/recoveries?open=recover")
    page = console.page
    dialog = page.get_by_role("dialog", name="Recover deliveries")
    dialog.get_by_label("Events since").select_option("A time of your choice")
    submit = dialog.get_by_role("button", name="Recover", exact=True)
    submit.click()
    expect(dialog.get_by_text("Choose a day and a time.")).to_be_visible()
    dialog.get_by_label("Since when").fill("2999-01-01T00:00")
    submit.click()
    expect(dialog.get_by_text("Choose a time that is over.")).to_be_visible()
    assert recoveries(hook) == []
    dialog.get_by_label("Since when").fill("2026-01-01T00:00")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Failed and missed since")).to_be_visible()
    receiver.wait_for(2 * FAILED, PATIENCE_SECONDS)


def test_second_concurrent_recovery_is_refused(
    console: Console, stack: RunningStack, receiver: Receiver, page: Page
) -> None:
    hook = delivering(stack, receiver)
    detail = "Another recovery of this webhook is running. Wait until it finishes, or cancel it."

    def refuse(route: Route) -> None:
        problem = {"status": 409, "code": "recovery_running", "detail": detail, "requestId": "r-9"}
        route.fulfill(status=409, json=problem)

    page.route("**/recover", refuse)
    hook.open(console, "/recoveries?open=recover")
    page.get_by_role("dialog").get_by_role("button", name="Recover", exact=True).click()
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text(detail)
    expect(notice).to_contain_text("r-9")
    console.check_screen("recover-refused")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
