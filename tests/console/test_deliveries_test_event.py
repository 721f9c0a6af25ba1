"""Test events on the screen: the receiver gets the chosen event, and the dialog shows its response."""

import json

from playwright.sync_api import expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import Console
from tests.console.delivering import HOOK, delivering
from tests.journeys.product import PATIENCE_SECONDS, check_signatures


def test_first_test_event_is_signed_and_its_response_is_shown(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    receiver.response(HOOK, Behaviour(headers={"Content-Type": "application/json"}, body=b'{"thanks":true}'))
    secret = "whsec_" + "c2VjcmV0" * 5
    hook = delivering(stack, receiver, secret=secret, events=["order.*"])
    hook.open(console)
    page = console.page
    expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()
    console.check_screen("deliveries-none")
    page.get_by_role("button", name="Send test event").click()
    dialog = page.get_by_role("dialog", name="Send test event")
    expect(page.get_by_role("combobox", name="Event")).to_be_focused()
    console.screenshot("test-event")
    page.get_by_role("combobox", name="Event").fill("stock.low")
    page.get_by_label("Entity").fill("[1]")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("An object is needed")).to_be_visible()
    console.check_screen("test-event-refused")
    page.get_by_label("Entity").fill('{"sku": "A-1", "left": 3}')
    page.get_by_role("button", name="Send", exact=True).click()
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(stack, request, secret)
    body = json.loads(request.body)
    assert (body["event"], body["entity"]) == ("stock.low", {"sku": "A-1", "left": 3})
    expect(dialog.get_by_text("Delivered")).to_be_visible()
    expect(dialog.get_by_text("HTTP 200 in ")).to_be_visible()
    expect(dialog.get_by_role("region", name="The response body")).to_contain_text('"thanks": true')
    console.check_screen("test-event-delivered")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Send test event")).to_be_focused()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="stock.low"))
    expect(row).to_contain_text("Test")
    page.get_by_role("link", name="stock.low").click()
    expect(page.get_by_role("heading", name="stock.low", level=1)).to_be_visible()
    expect(page.get_by_role("region", name="The request body")).to_contain_text('"left": 3')
