"""Changes in the console apply to deliveries: edits, pauses, new secrets, deletion."""

import re

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from local.receiver import Receiver
from tests.console.browsing import Console, narrow
from tests.console.webhook_screens import Account, check_secret_is_gone, dialog
from tests.journeys.product import PATIENCE_SECONDS


@pytest.fixture
def account(console: Console) -> Account:
    return Account(console)


def menu(page: Page, item: str) -> None:
    """Choose an action of the shown webhook."""
    page.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name=item).click()


def test_paused_webhook_delivers_with_both_secrets_when_resumed(
    console: Console, account: Account, receiver: Receiver
) -> None:
    webhook = account.webhook(receiver.url("/in"))
    other = account.webhook(receiver.url("/other"))
    page = console.open(f"/webhooks/{webhook['id']}", account.token)
    menu(page, "Pause")
    expect(dialog(page, "Pause webhook")).to_contain_text("held")
    page.get_by_role("button", name="Pause webhook").click()
    expect(page.get_by_text("All of them go out when you resume it.")).to_be_visible()
    assert account.found(webhook["id"])["status"] == "paused"
    account.publish()
    receiver.wait_for(1, PATIENCE_SECONDS, "/other")
    account.attempts(other["id"], 1)
    assert receiver.requests("/in") == []
    console.check_screen("webhook-paused")

    page.get_by_role("button", name="Rotate secret").click()
    expect(dialog(page, "Rotate secret")).to_contain_text("Both secrets sign each delivery until")
    page.get_by_label("The old one still signs for").select_option("1 hour")
    console.check_screen("webhook-rotate")
    dialog(page, "Rotate secret").get_by_role("button", name="Rotate secret").click()
    shown = page.get_by_role("dialog").filter(has_text="has a new secret")
    secret = shown.locator("code").filter(has_text="whsec_").inner_text()
    expect(shown).to_contain_text("The old secret signs, too, until")
    shown.get_by_label("I have stored the signing secret").check()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_be_hidden()
    check_secret_is_gone(page, secret)

    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("All of them go out when you resume it.")).to_be_hidden()
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS, "/in")
    for each in (secret, webhook["secret"]):
        Webhook(each).verify(request.body, dict(request.headers))


@narrow
def test_edited_webhook_delivers_to_its_new_receiver_until_it_is_deleted(
    console: Console, account: Account, receiver: Receiver
) -> None:
    headers = {"Authorization": "Bearer kept", "X-Team": "red"}
    webhook = account.webhook("http://127.0.0.1:9/in", headers=headers, filter={"entity": {"a": [1], "b": [2]}})
    page = console.open(f"/webhooks/{webhook['id']}", account.token)
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="Address").fill(receiver.url("/moved"))
    page.get_by_role("textbox", name="Filter as JSON").fill('{"entity": {"b": [2, 3]}}')
    page.get_by_role("button", name="Remove header X-Team").click()
    account.admin.call("PATCH", f"/webhooks/{webhook['id']}", {"description": "From elsewhere"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Another receiver: enter the value again.")).to_be_visible()
    console.check_screen("webhook-edit-refused")
    page.get_by_role("textbox", name="Header 1, value").fill("Bearer again")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(receiver.url("/moved"))
    found = account.found(webhook["id"])
    assert found["filter"] == {"entity": {"b": [2, 3]}}
    assert found["headers"] == {"Authorization": "[redacted]"}
    assert found["description"] == "From elsewhere"
    check_secret_is_gone(page, "Bearer again")
    account.publish(entity={"b": 3})
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert request.headers["authorization"] == "Bearer again"

    account.attempts(webhook["id"], 1)
    page.reload()
    expect(page.get_by_text("100%", exact=True)).to_be_visible()
    page.get_by_text("Response time", exact=True).click()
    page.get_by_text("7 days", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(8)
    expect(page).to_have_url(re.compile("chart=latency"))
    console.check_screen("webhook-statistics")
    menu(page, "Delete")
    host = receiver.base_url.removeprefix("http://")
    expect(page.get_by_role("button", name="Delete webhook")).to_be_disabled()
    page.get_by_label(f"Type {host} to confirm").fill(host)
    console.check_screen("webhook-delete")
    page.keyboard.press("Enter")
    console.shows("Webhooks")
    expect(page.get_by_role("heading", name="No webhooks yet")).to_be_visible()
    account.admin.call("GET", f"/webhooks/{webhook['id']}", status=404)
