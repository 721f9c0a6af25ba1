"""Permission profiles: the form previews the effect of the rules, and changes apply to the next request of a key."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.console.browsing import Console, Watch, fail, held
from tests.journeys.product import Caller, admin, new_account, verdict

PATH = "/api-keys/profiles"

ALLOW_ORDERS = {"effect": "allow", "actions": ["orders:*"]}
DENY_WRITING = {"effect": "deny", "actions": ["orders:write"]}


def new_profile(account: Caller, name: str, *rules: dict[str, Any], description: str | None = None) -> str:
    body = {"name": name, "description": description, "rules": list(rules)}
    return str(account.call("POST", "/permission-profiles", body, status=201)["id"])


def row(page: Page, name: str) -> Locator:
    listed = page.get_by_role("list", name="Permission profiles").get_by_role("listitem").filter(has_text=name)
    expect(listed).to_be_visible()
    return listed


def drawer(page: Page, title: str) -> Locator:
    opened = page.get_by_role("dialog", name=title)
    expect(opened.get_by_label("Name")).to_be_visible()
    return opened


def choose(rule: Locator, effect: str, *actions: str) -> None:
    """Fill in a rule with the keyboard."""
    rule.get_by_text(effect, exact=True).click()
    field = rule.get_by_role("combobox").or_(rule.get_by_role("textbox")).first
    for action in actions:
        field.fill(action)
        field.press("Enter")
    field.press("Escape")


def effects(opened: Locator, resource: str) -> list[str]:
    """Return the previewed effects on a resource's scopes."""
    preview = opened.get_by_role("region", name="What its keys may do")
    return preview.locator("dl > div").filter(has_text=resource).locator("dd").all_inner_texts()


def test_profile_is_created_by_keyboard_with_a_preview(console: Console) -> None:
    account_id = new_account()
    page = console.open("/api-keys", console.stack.tokens.account_token(account_id))
    page.get_by_role("navigation", name="API keys").get_by_role("link", name="Profiles").click()
    console.shows("Permission profiles")
    page.get_by_role("button", name="New profile").click()
    opened = drawer(page, "New profile")
    expect(opened.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Order readers")
    choose(opened.get_by_role("group", name="Rule 1"), "Allow", "orders:*")
    assert [text.split() for text in effects(opened, "orders")] == [["read", "allowed"], ["write", "allowed"]]
    opened.get_by_role("button", name="Add rule").click()
    choose(opened.get_by_role("group", name="Rule 2"), "Deny", "orders:write")
    assert [text.split() for text in effects(opened, "orders")] == [["read", "allowed"], ["write", "denied"]]
    assert [text.split() for text in effects(opened, "inventory")] == [["read", "own"], ["write", "own"]]
    opened.get_by_label("Name").press("Enter")
    expect(opened).to_be_hidden()
    expect(row(page, "Order readers")).to_contain_text("orders:*")
    (made,) = admin(console.stack, account_id).call("GET", "/permission-profiles")["data"]
    assert (made["name"], made["rules"]) == ("Order readers", [ALLOW_ORDERS, DENY_WRITING])


def test_deny_rule_applies_to_the_next_request_of_a_key(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    profile_id = new_profile(account, "Everything about orders", ALLOW_ORDERS)
    body = {"name": "Warehouse", "profileId": profile_id, "scopes": ["orders:write"]}
    key = account.call("POST", "/api-keys", body, status=201)["key"]
    assert verdict(console.stack, key, "orders:write") == "VALID"

    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    expect(row(page, "Everything about orders")).to_contain_text("1 key")
    page.get_by_role("button", name="Edit Everything about orders").click()
    opened = drawer(page, "Edit profile")
    expect(opened.get_by_text("1 key has it: a change binds on the next request.")).to_be_visible()
    opened.get_by_role("button", name="Add rule").click()
    choose(opened.get_by_role("group", name="Rule 2"), "Deny", "orders:write")
    opened.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It binds 1 key from the next request on.")).to_be_visible()
    assert verdict(console.stack, key, "orders:write") == "INSUFFICIENT_SCOPE"
    assert verdict(console.stack, key, "orders:read") == "VALID"
    expect(page.get_by_role("button", name="Edit Everything about orders")).to_be_focused()


def test_profile_in_use_is_not_deleted_and_the_reason_is_shown(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    used = new_profile(account, "In use", ALLOW_ORDERS)
    new_profile(account, "Not in use", ALLOW_ORDERS)
    account.call("POST", "/api-keys", {"name": "Warehouse", "profileId": used}, status=201)
    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    row(page, "Not in use").get_by_role("button", name="Delete").click()
    query = page.get_by_role("dialog", name="Delete profile")
    expect(query.get_by_text("No key has it.")).to_be_visible()
    query.get_by_role("button", name="Delete profile").click()
    expect(query).to_be_hidden()
    assert [each["id"] for each in account.call("GET", "/permission-profiles")["data"]] == [used]

    page.get_by_role("button", name="Delete In use").click()
    expect(query.get_by_text("1 key has it. Give them another one first.")).to_be_visible()
    query.get_by_role("button", name="Delete profile").click()
    refused = account.send_request("DELETE", f"/permission-profiles/{used}")
    assert refused.status_code == 409
    expect(query.get_by_role("alert")).to_contain_text(refused.json()["detail"])
    page.keyboard.press("Escape")
    expect(query).to_be_hidden()
    expect(page).to_have_url(f"{console.url}{PATH}")


def test_unknown_action_is_reported_at_its_rule(console: Console) -> None:
    page = console.open(f"{PATH}?open=create", console.stack.tokens.account_token(new_account()))
    opened = drawer(page, "New profile")
    opened.get_by_role("button", name="Create profile").click()
    expect(opened.get_by_text("Give it a name.")).to_be_visible()
    expect(opened.get_by_text("Choose one action at least, or remove the rule.")).to_be_visible()
    opened.get_by_label("Name").fill("Typo")
    choose(opened.get_by_role("group", name="Rule 1"), "Allow", "odrers:read")
    opened.get_by_role("button", name="Create profile").click()
    expect(opened.get_by_role("alert")).to_contain_text("/rules/0/actions/0")
    expect(opened.get_by_label("Actions of rule 1")).to_be_focused()
    for _ in range(2):  # first the list of choices, then the drawer
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard").click()
    expect(opened).to_be_hidden()


def test_each_state_looks_right(console: Console, watch: Watch) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    expect(page.get_by_role("heading", name="No profiles yet")).to_be_visible()
    console.check_screen("profiles-empty")
    used = new_profile(account, "Order readers", ALLOW_ORDERS, DENY_WRITING, description="The warehouse's tools")
    new_profile(account, "Nothing yet")
    many = {"effect": "allow", "actions": ["orders:read", "products:*", "inventory:*", "commissions:read"]}
    new_profile(account, "Everything that the nightly export to the data lake needs", many)
    account.call("POST", "/api-keys", {"name": "Warehouse", "profileId": used}, status=201)
    page.reload()
    row(page, "Order readers")
    console.check_screen("profiles")
    page.get_by_role("button", name="Edit Order readers").click()
    drawer(page, "Edit profile")
    console.check_screen("profiles-edit")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete Order readers").click()
    query = page.get_by_role("dialog", name="Delete profile")
    query.get_by_role("button", name="Delete profile").click()
    expect(query.get_by_role("alert")).to_be_visible()
    console.check_screen("profiles-in-use")

    watch.expect("the server responded with a status of 503")
    with held(page, "**/permission-profiles?*", then=fail):
        page.goto(f"{console.url}{PATH}")
        expect(page.get_by_text("Loading")).to_be_attached()
        console.screenshot("profiles-loading")
    expect(page.get_by_text("The profiles couldn't be loaded")).to_be_visible()
    console.screenshot("profiles-failed")
