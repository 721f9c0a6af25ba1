"""Changes in the console apply to deliveries: edits, pauses, new secrets, deletion."""

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from local.receiver import Behaviour, Receiver
from tests.console.browsing import Console, Watch, lose_response, narrow
from tests.console.webhook_screens import Account, check_secret_is_gone, dialog
from tests.journeys.product import PATIENCE_SECONDS, eventually


@pytest.fixture
def account(console: Console) -> Account:
    return Account(console)


def menu(page: Page, item: str) -> None:
    """Choose an action of the shown webhook."""
    page.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name=item).click()


def test_paused_webhook_delivers_after_it_is_resumed(console: Console, account: Account, receiver: Receiver) -> None:
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
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("All of them go out when you resume it.")).to_be_hidden()
    receiver.wait_for(1, PATIENCE_SECONDS, "/in")


def test_rotated_webhook_signs_with_both_secrets(console: Console, account: Account, receiver: Receiver) -> None:
    webhook = account.webhook(receiver.url("/in"))
    page = console.open(f"/webhooks/{webhook['id']}", account.token)
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
    account.publish()
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    for each in (secret, webhook["secret"]):
        Webhook(each).verify(request.body, dict(request.headers))


def test_lost_response_causes_no_second_rotation(console: Console, watch: Watch, account: Account) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    webhook = account.webhook("http://127.0.0.1:9/in")
    page = console.open(f"/webhooks/{webhook['id']}?open=rotate.{webhook['id']}", account.token)
    rotate = dialog(page, "Rotate secret").get_by_role("button", name="Rotate secret")
    lose_response(page, "/rotate-secret")
    rotate.click()
    expect(page.get_by_role("alert")).to_contain_text("The API doesn't answer.")
    rotated_at = account.found(webhook["id"])["updatedAt"]
    assert rotated_at != webhook["updatedAt"]
    rotate.click()
    expect(page.get_by_text("the answer got lost on its way")).to_be_visible()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert account.found(webhook["id"])["updatedAt"] == rotated_at


def test_edit_sends_changes_only_and_secret_headers_for_a_new_receiver(
    console: Console, account: Account, receiver: Receiver
) -> None:
    headers = {"Authorization": "Bearer kept", "X-Team": "red"}
    webhook = account.webhook("http://127.0.0.1:9/in", headers=headers, filter={"entity": {"a": [1], "b": [2]}})
    page = console.open(f"/webhooks/{webhook['id']}", account.token)
    page.get_by_role("button", name="Edit", exact=True).click()
    address = page.get_by_role("textbox", name="Address")
    address.fill(receiver.url("/moved"))
    page.get_by_role("textbox", name="Filter as JSON").fill('{"entity": {"b": [2, 3]}}')
    page.get_by_role("button", name="Remove header X-Team").click()
    account.admin.call("PATCH", f"/webhooks/{webhook['id']}", {"description": "by somebody else"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Another receiver: enter the value again.")).to_be_visible()
    console.check_screen("webhook-edit-refused")
    page.get_by_role("textbox", name="Header 1, value").fill("Bearer again")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(receiver.url("/moved"))
    found = account.found(webhook["id"])
    assert found["filter"] == {"entity": {"b": [2, 3]}}
    assert found["headers"] == {"Authorization": "[redacted]"}
    assert found["description"] == "by somebody else"
    check_secret_is_gone(page, "Bearer again")
    account.publish(entity={"b": 3})
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert request.headers["authorization"] == "Bearer again"


def test_disabled_webhook_shows_the_reason_and_offers_a_recovery(
    console: Console, account: Account, receiver: Receiver
) -> None:
    receiver.response("/in", Behaviour(statuses=[410, 200]))
    webhook = account.webhook(receiver.url("/in"), description="Warehouse, ask Grace", asymmetricSignatures=True)
    account.publish()
    eventually(lambda: account.found(webhook["id"])["status"], lambda status: status == "disabled")
    account.attempts(webhook["id"], 1)
    page = console.open(f"/webhooks/{webhook['id']}", account.token)
    expect(page.get_by_text("410 Gone")).to_be_visible()
    expect(page.locator(".recharts-surface").first).to_be_visible()
    console.check_screen("webhook-disabled")
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Recover deliveries")).to_be_visible()
    assert account.found(webhook["id"])["status"] == "active"
    console.screenshot("webhook-enabled")


def test_deleting_a_used_webhook_requires_its_host(console: Console, account: Account, receiver: Receiver) -> None:
    used = account.webhook(receiver.url("/in"))
    unused = account.webhook("http://127.0.0.1:9/unused", events=["nothing.happened"])
    account.publish()
    account.attempts(used["id"], 1)
    page = console.open(f"/webhooks/{used['id']}", account.token)
    menu(page, "Delete")
    host = receiver.base_url.removeprefix("http://")
    confirm = page.get_by_role("button", name="Delete webhook")
    expect(page.get_by_label(f"Type {host} to confirm")).to_be_visible()
    expect(confirm).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    menu(page, "Delete")
    page.get_by_label(f"Type {host} to confirm").fill(host)
    console.check_screen("webhook-delete")
    page.keyboard.press("Enter")
    console.shows("Webhooks")
    expect(page.get_by_role("link", name=receiver.url("/in"))).to_have_count(0)
    account.admin.call("GET", f"/webhooks/{used['id']}", status=404)
    page.get_by_role("link", name=unused["url"]).click()
    menu(page, "Delete")
    confirm.click()
    expect(page.get_by_role("heading", name="No webhooks yet")).to_be_visible()


@narrow
def test_statistics_show_the_days(console: Console, account: Account, receiver: Receiver) -> None:
    webhook = account.webhook(receiver.url("/in"))
    account.publish()
    account.attempts(webhook["id"], 1)
    page = console.open(f"/webhooks/{webhook['id']}", account.token)
    expect(page.get_by_text("100%", exact=True)).to_be_visible()
    page.get_by_text("Response time", exact=True).click()
    page.get_by_text("7 days", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(8)
    assert "chart=latency" in page.url
    assert "days=7" in page.url
    console.check_screen("webhook-statistics")
