"""Permission profiles: the form previews the effect of the rules, and changes apply to the next request of a key."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.console.browsing import Console
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


def preview(opened: Locator, resource: str) -> Locator:
    """Return the previewed effects on a resource's scopes."""
    effects = opened.get_by_role("region", name="What its keys may do")
    return effects.locator("dl > div").filter(has_text=resource).locator("dd")


def test_profile_binds_its_keys_from_the_next_request_on(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    page = console.open("/api-keys", console.stack.tokens.account_token(account_id))
    page.get_by_role("navigation", name="API keys").get_by_role("link", name="Profiles").click()
    console.shows("Permission profiles")
    expect(page.get_by_role("heading", name="No profiles yet")).to_be_visible()
    console.check_screen("profiles-empty")
    page.get_by_role("button", name="New profile").click()
    opened = drawer(page, "New profile")
    expect(opened.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Order readers")
    choose(opened.get_by_role("group", name="Rule 1"), "Allow", "orders:*")
    expect(preview(opened, "orders")).to_have_text(["readallowed", "writeallowed"])
    expect(preview(opened, "inventory")).to_have_text(["readown", "writeown"])
    opened.get_by_label("Name").press("Enter")
    expect(opened).to_be_hidden()
    expect(row(page, "Order readers")).to_contain_text("orders:*")
    (made,) = account.call("GET", "/permission-profiles")["data"]
    assert (made["name"], made["rules"]) == ("Order readers", [ALLOW_ORDERS])

    body = {"name": "Warehouse", "profileId": made["id"], "scopes": ["orders:write"]}
    key = account.call("POST", "/api-keys", body, status=201)["key"]
    many = {"effect": "allow", "actions": ["orders:read", "products:*", "inventory:*", "commissions:read"]}
    new_profile(account, "Everything that the nightly export to the data lake needs", many)
    assert verdict(console.stack, key, "orders:write") == "VALID"
    page.reload()
    expect(row(page, "Order readers")).to_contain_text("1 key")
    console.check_screen("profiles")
    page.get_by_role("button", name="Edit Order readers").click()
    opened = drawer(page, "Edit profile")
    expect(opened.get_by_text("1 key uses it. A change applies to the next request.")).to_be_visible()
    opened.get_by_role("button", name="Add rule").click()
    choose(opened.get_by_role("group", name="Rule 2"), "Deny", "orders:write")
    console.check_screen("profiles-edit")
    opened.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Order readers is changed, from the next request on.")).to_be_visible()
    assert verdict(console.stack, key, "orders:write") == "INSUFFICIENT_SCOPE"
    assert verdict(console.stack, key, "orders:read") == "VALID"
    assert account.call("GET", f"/permission-profiles/{made['id']}")["rules"] == [ALLOW_ORDERS, DENY_WRITING]
    expect(page.get_by_role("button", name="Edit Order readers")).to_be_focused()

    page.get_by_role("button", name="Delete Order readers").click()
    query = page.get_by_role("dialog", name="Delete profile")
    query.get_by_role("button", name="Delete profile").click()
    refused = account.send_request("DELETE", f"/permission-profiles/{made['id']}")
    assert refused.status_code == 409
    expect(query.get_by_role("alert")).to_contain_text(refused.json()["detail"])
    console.screenshot("profiles-in-use")
