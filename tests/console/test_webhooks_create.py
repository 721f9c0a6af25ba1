"""Creating a webhook in the console: the API has the chosen settings, and deliveries verify."""

import json

import pytest
from playwright.sync_api import Page, expect

from local.receiver import Receiver
from tests.console.browsing import Console, Watch, lose_response
from tests.console.webhook_screens import Account, check_secret_is_gone, dialog
from tests.journeys.product import PATIENCE_SECONDS, check_signatures, operator

OWN_SECRET = "a secret that the receiver has"


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


def test_delivery_verifies_with_the_secret_that_was_shown_once(
    console: Console, account: Account, receiver: Receiver
) -> None:
    page = begin(console, account)
    page.get_by_role("textbox", name="Address").fill(receiver.url("/in"))
    page.get_by_role("textbox", name="Description").fill("Warehouse, ask Grace")
    console.check_screen("webhook-create")
    page.keyboard.press("Enter")
    shown = dialog(page, f"{receiver.base_url.removeprefix('http://')} is created")
    secret = shown.locator("code").filter(has_text="whsec_").inner_text()
    console.check_screen("webhook-secret")
    page.keyboard.press("Escape")
    expect(shown).to_be_visible()
    expect(shown.get_by_role("button", name="Done")).to_be_disabled()
    shown.get_by_label("I have stored the signing secret").check()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_be_hidden()
    expect(page.get_by_role("link", name=receiver.url("/in"))).to_be_visible()
    check_secret_is_gone(page, secret)
    account.publish()
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(console.stack, request, secret)
    made = account.only()
    assert (made["events"], made["description"]) == (["*"], "Warehouse, ask Grace")


def test_all_chosen_settings_are_stored(console: Console, account: Account, receiver: Receiver) -> None:
    page = begin(console, account)
    page.get_by_role("textbox", name="Address").fill(receiver.url("/in"))
    choose(page, "Events", "Chosen ones")
    page.get_by_role("checkbox", name="api_key.*").check()
    search = page.get_by_role("searchbox", name="Search events")
    search.fill("exposed")
    expect(page.get_by_role("checkbox", name="api_key.exposed")).to_be_checked()
    expect(page.get_by_role("checkbox", name="api_key.exposed")).to_be_disabled()
    search.fill("lap.time.*")
    search.press("Enter")
    expect(page.get_by_role("button", name="Remove lap.time.*")).to_be_visible()
    expect(search).to_have_value("")
    choose(page, "Signing secret", "Use my own")
    page.get_by_label("Your own secret").fill(OWN_SECRET)
    page.get_by_role("button", name="Add a header").click()
    page.get_by_role("textbox", name="Header 1, name").fill("X-Team")
    page.get_by_role("textbox", name="Header 1, value").fill("red")
    page.get_by_role("button", name="Add a header").click()
    page.get_by_role("textbox", name="Header 2, name").fill("Authorization")
    page.get_by_role("textbox", name="Header 2, value").fill("Bearer of-news")
    switch(page, "Rate limit")
    page.get_by_role("textbox", name="Requests").fill("50")
    page.get_by_label("In", exact=True).select_option("1 minute")
    switch(page, "Own retry schedule")
    page.get_by_role("textbox", name="Waits between attempts").fill("2 s, 1 min")
    switch(page, "Ed25519 signatures, too")
    page.get_by_role("button", name="Create webhook").click()
    shown = page.get_by_role("dialog").filter(has_text="is created")
    expect(shown.get_by_text('{ format: "raw" }')).to_be_visible()
    shown.get_by_label("I have stored the signing secret").check()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_be_hidden()
    check_secret_is_gone(page, OWN_SECRET)
    check_secret_is_gone(page, "of-news")
    made = account.only()
    assert made["events"] == ["api_key.*", "lap.time.*"]
    assert made["headers"] == {"X-Team": "red", "Authorization": "[redacted]"}
    assert made["rateLimit"] == {"limit": 50, "windowSeconds": 60}
    assert made["retryScheduleSeconds"] == [2, 60]
    account.publish("lap.time.set")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
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


def test_errors_are_shown_at_their_field(console: Console, account: Account) -> None:
    page = begin(console, account)
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Say where events go.")).to_be_visible()
    page.get_by_role("textbox", name="Address").fill("https://10.0.0.1/in")
    page.get_by_role("button", name="Add a header").click()
    page.get_by_role("textbox", name="Header 1, name").fill("webhook-id")
    page.get_by_role("textbox", name="Header 1, value").fill("mine")
    page.get_by_role("button", name="Create webhook").click()
    alert = page.get_by_role("alert").filter(has_text="The webhook wasn't created")
    expect(alert).to_contain_text("Request ")
    expect(page.get_by_role("textbox", name="Header 1, name")).to_be_focused()
    console.check_screen("webhook-create-refused")
    page.keyboard.press("Escape")
    expect(dialog(page, "Discard what you entered?")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="New webhook")).to_be_focused()


def test_events_are_chosen_by_groups(console: Console, account: Account) -> None:
    page = begin(console, account)
    choose(page, "Events", "Chosen ones")
    expect(page.get_by_role("checkbox", name="webhook.failing")).to_be_visible()
    search = page.get_by_role("searchbox", name="Search events")
    search.fill("nobody.has.registered.this")
    page.get_by_role("button", name="Add nobody.has.registered.this").click()
    search.fill("key")
    page.get_by_role("checkbox", name="api_key.*").check()
    expect(page.get_by_text("1 event and 1 whole group chosen")).to_be_visible()
    console.check_screen("webhook-events")


def test_lost_response_creates_no_second_webhook(console: Console, watch: Watch, account: Account) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    page = begin(console, account)
    page.get_by_role("textbox", name="Address").fill("http://127.0.0.1:9/twice")
    lose_response(page, "/webhooks")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The API doesn't answer.")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("the answer got lost on its way")).to_be_visible()
    console.check_screen("webhook-lost-secret")
    assert account.only()["url"] == "http://127.0.0.1:9/twice"
    page.get_by_role("button", name="Rotate the secret").click()
    dialog(page, "Rotate secret").get_by_role("button", name="Rotate secret").click()
    expect(page.get_by_role("dialog").locator("code").filter(has_text="whsec_")).to_be_visible()


def test_own_secret_survives_a_lost_response(console: Console, watch: Watch, account: Account) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    page = begin(console, account)
    page.get_by_role("textbox", name="Address").fill("http://127.0.0.1:9/twice")
    choose(page, "Signing secret", "Use my own")
    page.get_by_label("Your own secret").fill(OWN_SECRET)
    lose_response(page, "/webhooks")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_role("alert")).to_contain_text("The API doesn't answer.")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_role("dialog").get_by_text(OWN_SECRET, exact=True).first).to_be_visible()
    account.only()
