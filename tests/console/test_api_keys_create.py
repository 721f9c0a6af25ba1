"""Creating an API key on the screen, and using it."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from local.stack import RunningStack
from tests.console.api_key_screens import PATH, create, query, rows, said, take_secret
from tests.console.browsing import Console, Watch, lose_response, narrow
from tests.journeys.product import Caller, holder, verdict


def test_first_key_is_created_after_sign_in_and_works(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    page = console.open(PATH, token)
    page.get_by_role("main").get_by_role("button", name="New key").click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Warehouse")
    page.get_by_label("Description").fill("The scanners in hall 3")
    orders = page.get_by_role("group", name="orders")
    orders.get_by_label("read").check()
    page.get_by_role("group", name="products").get_by_label("all").check()
    expect(page.get_by_role("group", name="products").get_by_label("write")).to_be_disabled()
    console.check_screen("api-keys-create")
    page.get_by_label("Name", exact=True).press("Enter")

    secret = take_secret(console, "api-keys-secret")
    expect(rows(page)).to_have_text(["Warehouse"])
    assert verdict(stack, secret, "orders:read", "products:write") == "VALID"
    assert verdict(stack, secret, "orders:write") == "INSUFFICIENT_SCOPE"
    made = holder(stack, secret).call("GET", "/api-keys/current")
    assert made["description"] == "The scanners in hall 3"
    in_90_days = datetime.now(UTC) + timedelta(days=90)
    assert abs(datetime.fromisoformat(made["expiresAt"]) - in_90_days) < timedelta(minutes=5)
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


def test_key_is_created_with_every_limit(console: Console, owner: Caller, token: str) -> None:
    page = console.open(f"{PATH}?open=create", token)
    page.get_by_label("Name", exact=True).fill("Limited")
    page.get_by_role("button", name="Read only").click()
    page.get_by_label("Expires").select_option("On a day")
    page.get_by_label("Last day on which it works").fill("2031-12-31")
    page.get_by_role("switch", name="Rate limit").check()
    page.get_by_label("Requests", exact=True).fill("600")
    page.get_by_label("At once", exact=True).fill("20")
    page.get_by_role("switch", name="Credits").check()
    page.get_by_label("Left now", exact=True).fill("5000")
    page.get_by_label("Refilled", exact=True).select_option("Each month")
    page.get_by_label("Set to", exact=True).fill("4000")
    page.get_by_role("switch", name="Only from certain addresses").check()
    page.get_by_label("Addresses", exact=True).fill("203.0.113.0/24\n2001:db8::/32")
    page.get_by_role("switch", name="Metadata").check()
    page.get_by_label("Metadata as JSON").fill('{"team": "fulfilment"}')
    console.check_screen("api-keys-create-limits")
    page.get_by_role("button", name="Create key").click()
    take_secret(console)
    (made,) = owner.call("GET", "/api-keys")["data"]
    assert made["expiresAt"] == "2031-12-31T23:00:00Z"  # the end of the day in Berlin
    assert made["rateLimit"] == {"limit": 600, "windowSeconds": 60, "burst": 20}
    assert (made["credits"]["remaining"], made["credits"]["refill"]["amount"]) == (5000, 4000)
    assert made["ipAllowList"] == ["203.0.113.0/24", "2001:db8::/32"]
    assert made["metadata"] == {"team": "fulfilment"}
    assert {scope.rpartition(":")[2] for scope in made["scopes"]} == {"read"}


def test_key_is_created_with_a_profile(console: Console, owner: Caller, stack: RunningStack, token: str) -> None:
    rules = [{"effect": "allow", "actions": ["orders:*"]}, {"effect": "deny", "actions": ["orders:write"]}]
    owner.call("POST", "/permission-profiles", {"name": "Order readers", "rules": rules}, status=201)
    page = console.open(f"{PATH}?open=create", token)
    page.get_by_label("Name", exact=True).fill("Partner")
    page.get_by_text("Permission profile").click()
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Choose a profile.")).to_be_visible()
    page.get_by_label("Profile", exact=True).select_option("Order readers")
    console.screenshot("api-keys-create-profile")
    page.get_by_role("button", name="Create key").click()
    secret = take_secret(console)
    assert verdict(stack, secret, "orders:read") == "VALID"
    assert verdict(stack, secret, "orders:write") == "INSUFFICIENT_SCOPE"
    expect(page.get_by_role("row").filter(has_text="Partner")).to_contain_text("Order readers")


def test_errors_of_the_api_are_shown_at_their_field(console: Console, token: str) -> None:
    page = console.open(f"{PATH}?open=create", token)
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Give it a name.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Office")
    page.get_by_role("switch", name="Only from certain addresses").check()
    page.get_by_label("Addresses", exact=True).fill("203.0.113.7/24")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Must be an IPv4 or IPv6 address").first).to_be_visible()
    expect(page.get_by_label("Addresses", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert").filter(has_text="The key wasn't created")).to_contain_text("Request")
    console.check_screen("api-keys-create-refused")


def test_escape_closes_an_unchanged_form_and_asks_before_discarding(
    console: Console, owner: Caller, token: str
) -> None:
    create(owner, "There is one")
    page = console.open(PATH, token)
    new_key = page.get_by_role("button", name="New key")
    new_key.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert query(page) == {"open": "create"}
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(new_key).to_be_focused()

    new_key.press("Enter")
    page.get_by_label("Name", exact=True).fill("Half done")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Discard what you entered?")).to_be_visible()
    page.get_by_role("button", name="Keep editing").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half done")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(owner.call("GET", "/api-keys")["data"]) == 1


def test_lost_response_creates_no_second_key(console: Console, watch: Watch, owner: Caller, token: str) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    page = console.page
    console.open(f"{PATH}?open=create", token)
    page.get_by_label("Name", exact=True).fill("Sent twice")
    lose_response(page, "/api-keys")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_role("alert")).to_contain_text("The API doesn't answer.")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("the answer got lost on its way")).to_be_visible()
    console.screenshot("api-keys-lost-secret")
    assert [key["name"] for key in owner.call("GET", "/api-keys")["data"]] == ["Sent twice"]
    page.get_by_role("button", name="Rotate the key").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate key").click()
    take_secret(console)
