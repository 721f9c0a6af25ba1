"""Revoking unused keys together: they are listed first, and a key that was used again is kept."""

from playwright.sync_api import Locator, Page, expect

from local.old_keys import make_old
from tests.console.browsing import Console, Watch, lose_response
from tests.journeys.product import admin, new_account, verdict


def old_keys(console: Console, account_id: str, count: int, *, days: int = 200) -> list[dict[str, str]]:
    """Create `count` unused keys with a creation `days` days ago."""
    account = admin(console.stack, account_id)
    made = [account.call("POST", "/api-keys", {"name": f"Old {number}"}, status=201) for number in range(count)]
    for key in made:
        make_old(console.stack, key["id"], created=days)
    return made


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Revoke unused keys")


def show_keys(page: Page, text: str) -> None:
    """List the affected keys, and wait for `text`."""
    dialog(page).get_by_role("button", name="Show keys").click()
    expect(dialog(page).get_by_role("status").filter(has_text=text)).to_be_visible()


def test_listed_keys_are_revoked_after_confirmation(console: Console, watch: Watch) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    used, *old = old_keys(console, account_id, 6)
    younger = old_keys(console, account_id, 1, days=60)[0]
    new = account.call("POST", "/api-keys", {"name": "New"}, status=201)
    page = console.open("/api-keys", console.stack.tokens.account_token(account_id))
    page.get_by_role("button", name="Revoke unused…").click()
    expect(dialog(page).get_by_role("radio", name="90 days")).to_be_checked()
    console.screenshot("bulk-revoke-choose")
    show_keys(page, "6 keys weren't used since")
    expect(dialog(page).get_by_role("listitem")).to_have_count(6)
    for key in (used, *old, younger, new):  # the list changes nothing and is not a use
        response = account.call("GET", f"/api-keys/{key['id']}")
        assert (response["status"], response["lastUsedAt"]) == ("active", None)
    assert verdict(console.stack, used["key"]) == "VALID"
    expect(dialog(page).get_by_label("Type 6 to confirm")).to_be_focused()
    page.keyboard.type("6")
    console.check_screen("bulk-revoke-confirm")

    watch.expect("Failed to load resource")
    lose_response(page, "/api-keys/bulk-revoke")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("6 keys couldn't be revoked yet, or their answer was lost")).to_be_visible()
    console.check_screen("bulk-revoke-failed")
    assert {verdict(console.stack, key["key"]) for key in old} == {"REVOKED"}
    dialog(page).get_by_role("button", name="Go on with 6 keys").click()
    expect(dialog(page).get_by_text("5 keys revoked, 1 kept, used since.")).to_be_visible()
    expect(dialog(page).get_by_role("listitem").filter(has_text=used["name"])).to_contain_text("Kept: used since")
    console.check_screen("bulk-revoke-done")
    assert [verdict(console.stack, key["key"]) for key in (used, younger, new)] == ["VALID"] * 3
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Revoke unused…")).to_be_focused()
    expect(page.get_by_role("table", name="API keys").get_by_text("Revoked")).to_have_count(5)
