"""Creating an API key on the screen, and using it."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from local.stack import RunningStack
from tests.console.api_key_screens import PATH, create, rows, said, take_secret
from tests.console.browsing import Console, Watch, lose_response, narrow
from tests.journeys.product import Caller, holder, verdict


def test_first_key_is_created_after_sign_in_and_works(console: Console, stack: RunningStack, token: str) -> None:
    page = console.open(PATH, token)
    expect(page.get_by_role("heading", name="No API keys yet")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="New key").click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Warehouse")
    page.get_by_label("Description").fill("The scanners in hall 3")
    orders = page.get_by_role("group", name="orders")
    orders.get_by_label("read").check()
    page.get_by_role("group", name="products").get_by_label("products:*").check()
    expect(page.get_by_role("group", name="products").get_by_label("write")).to_be_disabled()
    page.get_by_role("switch", name="Rate limit").check()
    page.get_by_label("Requests", exact=True).fill("600")
    page.get_by_role("switch", name="Credits").check()
    page.get_by_label("Left now", exact=True).fill("5000")
    page.get_by_role("switch", name="Only from certain addresses").check()
    page.get_by_label("Addresses", exact=True).fill("203.0.113.7/24")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Must be an IPv4 or IPv6 address").first).to_be_visible()
    expect(page.get_by_label("Addresses", exact=True)).to_be_focused()
    console.check_screen("api-keys-create-refused")
    page.get_by_role("switch", name="Only from certain addresses").uncheck()
    page.get_by_label("Name", exact=True).press("Enter")

    secret = take_secret(console, "api-keys-secret")
    expect(rows(page)).to_have_text(["Warehouse"])
    assert verdict(stack, secret, "orders:read", "products:write") == "VALID"
    assert verdict(stack, secret, "orders:write") == "INSUFFICIENT_SCOPE"
    made = holder(stack, secret).call("GET", "/api-keys/current")
    assert made["description"] == "The scanners in hall 3"
    assert made["rateLimit"]["limit"] == 600
    in_90_days = datetime.now(UTC) + timedelta(days=90)
    assert abs(datetime.fromisoformat(made["expiresAt"]) - in_90_days) < timedelta(hours=1)
    page.reload()
    expect(rows(page)).to_have_text(["Warehouse"])
    expect(page.get_by_role("dialog")).to_have_count(0)


@narrow
def test_key_is_created_and_revoked_on_a_narrow_screen(console: Console, stack: RunningStack, token: str) -> None:
    page = console.open(PATH, token)
    page.get_by_role("main").get_by_role("button", name="New key").click()
    page.get_by_label("Name", exact=True).fill("Warehouse")
    page.get_by_role("button", name="Create key").click()
    secret = take_secret(console)
    assert verdict(stack, secret) == "VALID"
    page.get_by_role("button", name="Actions for Warehouse").click()
    expect(page.get_by_role("menuitem", name="Revoke")).to_be_visible()
    console.check_screen("api-keys-menu", own_width=True)
    page.get_by_role("menuitem", name="Revoke").click()
    page.get_by_label("Type Warehouse to confirm").fill("Warehouse")
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    said(page, "Warehouse is revoked")
    card = page.get_by_role("listitem").filter(has_text="Warehouse")
    expect(card).to_contain_text("Revoked")
    expect(card.get_by_role("button")).to_have_count(0)
    assert verdict(stack, secret) == "REVOKED"


def test_closed_form_returns_the_focus_and_lost_response_repeats(
    console: Console, watch: Watch, owner: Caller, token: str
) -> None:
    create(owner, "There is one")
    page = console.open(PATH, token)
    new_key = page.get_by_role("button", name="New key")
    new_key.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page).to_have_url(f"{console.url}{PATH}?open=create")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(new_key).to_be_focused()
    new_key.press("Enter")
    page.get_by_label("Name", exact=True).fill("Half done")
    page.keyboard.press("Escape")
    console.screenshot("api-keys-discard")
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(new_key).to_be_focused()

    watch.expect("ERR_CONNECTION_RESET")
    new_key.press("Enter")
    page.get_by_label("Name", exact=True).fill("Sent twice")
    lose_response(page, "/api-keys")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_role("alert")).to_contain_text("The API doesn't answer.")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("the answer got lost on its way")).to_be_visible()
    console.screenshot("api-keys-lost-secret")
    names = [key["name"] for key in owner.call("GET", "/api-keys")["data"]]
    assert sorted(names) == ["Sent twice", "There is one"]
    page.get_by_role("button", name="Rotate the key").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate key").click()
    take_secret(console)
