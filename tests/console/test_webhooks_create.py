"""Creating a webhook in the console: the API has the chosen settings, and deliveries verify."""

import json

import pytest
from playwright.sync_api import Page, expect

from local.receiver import Receiver
from tests.console.browsing import Console
from tests.console.webhook_screens import Account, check_secret_is_gone, dialog
from tests.journeys.product import PATIENCE_SECONDS, check_signatures, operator


@pytest.fixture
def account(console: Console) -> Account:
    return Account(console)


def begin(console: Console, account: Account) -> Page:
    """Open the form of a new webhook."""
    page = console.open("/webhooks", account.token)
    page.get_by_role("button", name="New webhook").click()
    expect(page.get_by_role("textbox", name="Address")).to_be_focused()
    return page


def switch(page: Page, name: str) -> None:
    page.get_by_role("switch", name=name).focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name=name)).to_be_checked()


def choose(page: Page, group: str, name: str) -> None:
    """Choose one of a few options."""
    page.get_by_role("radiogroup", name=group).get_by_text(name, exact=True).click()


def test_created_webhook_delivers_with_all_chosen_settings(
    console: Console, account: Account, receiver: Receiver
) -> None:
    page = begin(console, account)
    page.get_by_role("textbox", name="Address").fill(receiver.url("/in"))
    page.get_by_role("textbox", name="Description").fill("Warehouse, ask Grace")
    choose(page, "Events", "Chosen ones")
    page.get_by_role("checkbox", name="api_key.*").check()
    search = page.get_by_role("searchbox", name="Search events")
    search.fill("lap.time.*")
    search.press("Enter")
    expect(page.get_by_role("button", name="Remove lap.time.*")).to_be_visible()
    expect(page.get_by_role("checkbox", name="webhook.failing")).to_be_visible()
    page.get_by_role("button", name="Add a header").click()
    page.get_by_role("textbox", name="Header 1, name").fill("webhook-id")
    page.get_by_role("textbox", name="Header 1, value").fill("Bearer of-news")
    switch(page, "Rate limit")
    page.get_by_role("textbox", name="Requests").fill("50")
    page.get_by_label("In", exact=True).select_option("1 minute")
    switch(page, "Own retry schedule")
    page.get_by_role("textbox", name="Waits between attempts").fill("2 s, 1 min")
    switch(page, "Ed25519 signatures, too")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_role("alert").filter(has_text="The webhook wasn't created")).to_contain_text("Request ")
    expect(page.get_by_role("textbox", name="Header 1, name")).to_be_focused()
    console.check_screen("webhook-create-refused")
    page.get_by_role("textbox", name="Header 1, name").fill("Authorization")
    page.get_by_role("button", name="Create webhook").click()
    shown = dialog(page, f"{receiver.base_url.removeprefix('http://')} is created")
    secret = shown.locator("code").filter(has_text="whsec_").inner_text()
    console.check_screen("webhook-secret")
    page.keyboard.press("Escape")
    expect(shown).to_be_visible()
    expect(shown.get_by_role("button", name="Done")).to_be_disabled()
    shown.get_by_label("I have stored the signing secret").check()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_be_hidden()
    check_secret_is_gone(page, secret)
    check_secret_is_gone(page, "of-news")
    made = account.only()
    assert (made["events"], made["description"]) == (["api_key.*", "lap.time.*"], "Warehouse, ask Grace")
    assert made["headers"] == {"Authorization": "[redacted]"}
    assert made["rateLimit"] == {"limit": 50, "windowSeconds": 60}
    assert made["retryScheduleSeconds"] == [2, 60]
    account.publish("lap.time.set")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(console.stack, request, secret)
    assert request.headers["authorization"] == "Bearer of-news"
    assert [each.split(",")[0] for each in request.headers["webhook-signature"].split(" ")] == ["v1", "v1a"]
    page.get_by_role("link", name=receiver.url("/in")).click()
    page.get_by_role("button", name="Copy the public key").click()
    assert page.evaluate("navigator.clipboard.readText()") == made["publicKeys"][0]


def test_filter_is_tried_while_it_is_written(console: Console, account: Account, receiver: Receiver) -> None:
    name = f"stock_{account.id[:8]}.low"
    operator(console.stack).call(
        "PUT",
        f"/event-types/{name}",
        {
            "description": "Something runs out.",
            "example": {"left": 3, "grade": "minor"},
            "orders": {"entity.grade": ["minor", "major"]},
        },
        status=201,
    )
    page = begin(console, account)
    page.get_by_role("textbox", name="Address").fill(receiver.url("/in"))
    switch(page, "Filter")
    page.get_by_label("Try it on the example of").select_option(name)
    written = page.get_by_role("textbox", name="Filter as JSON")
    written.fill('{\n  "entity": {\n    "grade": [{"ordinal": [">=", "major"]}]\n  }\n}')
    expect(page.get_by_text("It doesn't fit: this event isn't sent.")).to_be_visible()
    console.screenshot("webhook-filter")
    event = page.get_by_role("textbox", name="The event, to be edited")
    event.fill(event.input_value().replace("minor", "major"))
    expect(page.get_by_text("It fits: this event is sent.")).to_be_visible()
    written.fill('{\n  "entity": {\n    "grade": [{"nothing": "like it"}]\n  }\n}')
    expect(page.get_by_text("Line 3: ")).to_be_visible()
    written.fill('{\n  "entity": {\n')
    expect(page.get_by_text("Line 3: this isn't JSON.")).to_be_visible()
    console.check_screen("webhook-filter-refused")
    page.get_by_role("button", name="Create webhook").click()
    expect(written).to_be_focused()
    written.fill('{"entity": {"left": [{"numeric": ["<", 5]}]}}')
    expect(page.get_by_text("It fits: this event is sent.")).to_be_visible()
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_label("I have stored the signing secret")).to_be_visible()
    assert account.only()["filter"] == {"entity": {"left": [{"numeric": ["<", 5]}]}}
    account.publish(name, entity={"left": 7}, id="many")
    account.publish(name, entity={"left": 2}, id="few")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert json.loads(request.body)["id"] == "few"
