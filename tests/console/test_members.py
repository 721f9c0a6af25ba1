"""Members: an admin adds a user, changes its rights and removes it, from the user's next request on."""

from playwright.sync_api import Locator, expect

from tests.console.browsing import Console
from tests.journeys.product import Caller, admin, new_account

USER = "auth0|64f0c2a1"


def caller(console: Console, account_id: str) -> Caller:
    """Return the user, whose session gives no rights."""
    token = console.stack.tokens.account_token(account_id, role="member", user_id=USER)
    return Caller(console.stack.base_url, {"Authorization": f"Bearer {token}"})


def row(console: Console, name: str) -> Locator:
    return console.page.get_by_role("list", name="Members").get_by_role("listitem").filter(has_text=name)


def test_member_has_the_stored_rights_from_the_next_request_on(console: Console) -> None:
    account_id = new_account()
    rules = [{"effect": "allow", "actions": ["api-keys:read"]}]
    admin(console.stack, account_id).call(
        "POST", "/permission-profiles", {"name": "Readers", "rules": rules}, status=201
    )
    user = caller(console, account_id)
    user.call("GET", "/api-keys", status=403)
    page = console.open("/members", console.stack.tokens.account_token(account_id))
    page.get_by_role("button", name="Add member").click()
    drawer = page.get_by_role("dialog", name="Add member")
    expect(drawer.get_by_label("User ID")).to_be_focused()
    page.keyboard.type(USER)
    drawer.get_by_label("Permission profile").select_option("Readers")
    drawer.get_by_label("Name").fill("Mira Okafor")
    console.check_screen("members-add")
    drawer.get_by_role("button", name="Add member").click()
    expect(row(console, "Mira Okafor")).to_contain_text("Readers")
    console.check_screen("members")
    user.call("GET", "/api-keys")
    user.call("POST", "/api-keys", {"name": "Mine"}, status=403)

    page.get_by_role("button", name="Edit Mira Okafor").click()
    drawer = page.get_by_role("dialog", name="Edit member")
    drawer.get_by_role("radio", name="Advisor").check()
    drawer.get_by_role("button", name="Save").click()
    expect(row(console, "Mira Okafor")).to_contain_text("Advisor")
    user.call("POST", "/api-keys", {"name": "Mine"}, status=201)

    page.get_by_role("button", name="Remove Mira Okafor").click()
    query = page.get_by_role("dialog", name="Remove member")
    expect(query).to_contain_text("the user's sign-in decides the rights")
    console.check_screen("members-remove")
    query.get_by_role("button", name="Remove member").click()
    expect(page.get_by_role("heading", name="No members yet")).to_be_visible()
    user.call("GET", "/api-keys", status=403)
