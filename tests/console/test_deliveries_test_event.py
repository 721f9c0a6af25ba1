"""Test events on the screen: the receiver gets the chosen event, and the dialog shows its response."""

import json

from playwright.sync_api import Page, expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import Console
from tests.console.delivering import HOOK, Delivering, delivering
from tests.journeys.product import PATIENCE_SECONDS, check_signatures, eventually, new_account, operator


def opened(console: Console, hook: Delivering) -> Page:
    """Open the dialog with its button."""
    hook.open(console)
    console.page.get_by_role("button", name="Send test event").click()
    expect(console.page.get_by_role("dialog", name="Send test event")).to_be_visible()
    return console.page


def test_test_event_is_signed_and_its_response_is_shown(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    receiver.response(HOOK, Behaviour(headers={"Content-Type": "application/json"}, body=b'{"thanks":true}'))
    secret = "whsec_" + "c2VjcmV0" * 5
    hook = delivering(stack, receiver, secret=secret, events=["order.*"])
    page = opened(console, hook)
    console.check_screen("test-event")
    page.get_by_role("combobox", name="Event").fill("stock.low")
    page.get_by_label("Entity").fill('{"sku": "A-1", "left": 3}')
    page.get_by_role("button", name="Send", exact=True).click()
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(stack, request, secret)
    body = json.loads(request.body)
    assert (body["event"], body["entity"]) == ("stock.low", {"sku": "A-1", "left": 3})
    dialog = page.get_by_role("dialog", name="Send test event")
    expect(dialog.get_by_text("Delivered")).to_be_visible()
    expect(dialog.get_by_text("HTTP 200 in ")).to_be_visible()
    expect(dialog.get_by_role("region", name="The response body")).to_contain_text('"thanks": true')
    console.check_screen("test-event-delivered")
    dialog.get_by_role("link", name="Request and response").click()
    expect(page.get_by_role("heading", name="stock.low", level=1)).to_be_visible()
    expect(page.get_by_role("region", name="The request body")).to_contain_text('"left": 3')


def test_failed_test_event_shows_the_reason(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(statuses=[401], body=b"<b>bad signature</b>"))
    hook = delivering(stack, receiver)
    page = opened(console, hook)
    page.keyboard.press("Control+Enter")
    page.get_by_label("Entity").press("Control+Enter")
    dialog = page.get_by_role("dialog", name="Send test event")
    expect(dialog.get_by_text("Failed")).to_be_visible()
    expect(dialog.get_by_text(f"HTTP 401 from {receiver.url(HOOK)}")).to_be_visible()
    expect(dialog.get_by_text("check how it verifies the signature")).to_be_visible()
    expect(dialog.get_by_text("<b>bad signature</b>")).to_be_visible()
    assert json.loads(receiver.requests()[0].body)["event"] == "webhook.test"
    console.check_screen("test-event-failed")


def test_registered_event_type_fills_in_its_example(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    name = f"garage.{new_account()[:8]}"
    path = f"/event-types/{name}"
    operator(stack).call("PUT", path, {"example": {"id": 42, "severity": "major"}}, status=201)
    try:
        page = opened(console, delivering(stack, receiver))
        page.get_by_role("combobox", name="Event").fill(name)
        page.get_by_role("option", name=name).click()
        expect(page.get_by_label("Entity")).to_have_value('{\n  "id": 42,\n  "severity": "major"\n}')
        page.get_by_role("combobox", name="Event").press("Enter")
        (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
        assert json.loads(request.body)["entity"] == {"id": 42, "severity": "major"}
    finally:
        operator(stack).call("DELETE", path, status=204)


def test_malformed_json_is_not_sent(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    page = opened(console, delivering(stack, receiver))
    entity = page.get_by_label("Entity")
    entity.fill('{\n  "id": 42,\n  oops\n}')
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("This isn't JSON: look at line 3.")).to_be_visible()
    entity.fill("[1, 2]")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("An object is needed")).to_be_visible()
    console.check_screen("test-event-refused")
    page.get_by_role("button", name="Use the example").click()
    expect(entity).to_have_value('{\n  "message": "This is a test."\n}')
    assert receiver.requests() == []


def test_invalid_event_name_is_refused_at_its_field(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    page = opened(console, delivering(stack, receiver))
    page.get_by_role("combobox", name="Event").fill("No Event!")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The test wasn't sent")).to_be_visible()
    expect(page.get_by_role("combobox", name="Event")).to_have_attribute("aria-invalid", "true")


def test_escape_closes_the_dialog_and_returns_the_focus(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    page = opened(console, delivering(stack, receiver))
    assert page.url.endswith("?open=test")
    expect(page.get_by_role("combobox", name="Event")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Send test event")).to_be_focused()
    assert page.url.endswith("/deliveries")


def test_test_event_appears_in_the_history(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = delivering(stack, receiver)
    page = opened(console, hook)
    page.get_by_role("button", name="Send", exact=True).click()
    receiver.wait_for(1, PATIENCE_SECONDS)
    expect(page.get_by_text("HTTP 200 in ")).to_be_visible()
    page.get_by_role("button", name="Close").last.click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="webhook.test"))
    expect(row).to_contain_text("Test")
    eventually(hook.attempts, lambda seen: len(seen) == 1)
