"""Revoking unused keys together: they are listed first, and a key that was used again is kept."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from local.old_keys import make_old
from tests.console.browsing import Console, Watch, fail
from tests.journeys.product import admin, new_account, verdict

PATH = "/api-keys?open=revoke-unused"


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


def test_listed_keys_are_revoked_after_confirmation(console: Console) -> None:
    account_id = new_account()
    old = old_keys(console, account_id, 2)
    younger = old_keys(console, account_id, 1, days=60)[0]
    new = admin(console.stack, account_id).call("POST", "/api-keys", {"name": "New"}, status=201)
    page = console.open("/api-keys", console.stack.tokens.account_token(account_id))
    page.get_by_role("button", name="Revoke unused…").click()
    expect(dialog(page).get_by_role("radio", name="90 days")).to_be_checked()
    show_keys(page, "2 keys weren't used since")
    expect(dialog(page).get_by_role("listitem")).to_have_count(2)
    for key in (*old, younger, new):  # the list changes nothing and is not a use
        response = admin(console.stack, account_id).call("GET", f"/api-keys/{key['id']}")
        assert (response["status"], response["lastUsedAt"]) == ("active", None)

    dialog(page).get_by_role("button", name="Revoke 2 keys").click()
    expect(dialog(page).get_by_text("2 keys revoked.")).to_be_visible()
    expect(dialog(page).get_by_text("Revoked", exact=True)).to_have_count(2)
    assert [verdict(console.stack, key["key"]) for key in (*old, younger, new)] == [*["REVOKED"] * 2, *["VALID"] * 2]
    dialog(page).get_by_role("button", name="Close").last.click()
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Revoke unused…")).to_be_focused()
    expect(page.get_by_role("table", name="API keys").get_by_text("Revoked")).to_have_count(2)


def test_key_that_is_used_before_the_confirmation_is_kept(console: Console) -> None:
    account_id = new_account()
    used, unused = old_keys(console, account_id, 2)
    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    show_keys(page, "2 keys")
    assert verdict(console.stack, used["key"]) == "VALID"
    dialog(page).get_by_role("button", name="Revoke 2 keys").click()
    expect(dialog(page).get_by_text("1 key revoked, 1 kept, used since.")).to_be_visible()
    row = dialog(page).get_by_role("listitem").filter(has_text=used["prefix"])
    expect(row).to_contain_text("Kept: used since")
    assert (verdict(console.stack, used["key"]), verdict(console.stack, unused["key"])) == ("VALID", "REVOKED")


def test_number_of_many_keys_is_typed_and_enter_confirms(console: Console) -> None:
    account_id = new_account()
    old = old_keys(console, account_id, 6)
    page = console.open(f"{PATH}.30", console.stack.tokens.account_token(account_id))
    expect(dialog(page).get_by_role("radio", name="30 days")).to_be_checked()
    show_keys(page, "6 keys weren't used since")
    field = dialog(page).get_by_label("Type 6 to confirm")
    expect(field).to_be_focused()
    button = dialog(page).get_by_role("button", name="Revoke 6 keys")
    expect(button).to_be_disabled()
    field.fill("5")
    expect(button).to_be_disabled()
    field.fill("6")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("6 keys revoked.")).to_be_visible()
    assert {verdict(console.stack, key["key"]) for key in old} == {"REVOKED"}


def test_any_number_of_days_can_be_chosen(console: Console) -> None:
    account_id = new_account()
    old_keys(console, account_id, 1, days=10)
    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    dialog(page).get_by_text("Other").click()
    expect(dialog(page).get_by_role("button", name="Show keys")).to_be_disabled()
    dialog(page).get_by_role("textbox", name="Days").fill("11")
    dialog(page).get_by_role("button", name="Show keys").click()
    expect(dialog(page).get_by_text("Every key was used or created since")).to_be_visible()
    dialog(page).get_by_role("button", name="Back").click()
    expect(dialog(page).get_by_role("textbox", name="Days")).to_have_value("11")
    dialog(page).get_by_role("textbox", name="Days").fill("9")
    show_keys(page, "1 key wasn't used since")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(page).to_have_url(f"{console.url}/api-keys")


def test_lost_response_is_shown_as_uncertain(console: Console, watch: Watch) -> None:
    account_id = new_account()
    old = old_keys(console, account_id, 2)
    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    show_keys(page, "2 keys")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    watch.expect("Failed to load resource")
    page.route("**/api-keys/bulk-revoke", lose)
    dialog(page).get_by_role("button", name="Revoke 2 keys").click()
    expect(dialog(page).get_by_text("2 keys couldn't be revoked yet, or their answer was lost")).to_be_visible()
    expect(dialog(page).get_by_text("Not certain")).to_have_count(2)
    assert {verdict(console.stack, key["key"]) for key in old} == {"REVOKED"}
    page.unroute("**/api-keys/bulk-revoke")
    dialog(page).get_by_role("button", name="Go on with 2 keys").click()
    expect(dialog(page).get_by_text("2 keys revoked.")).to_be_visible()


def test_each_step_looks_right(console: Console, watch: Watch) -> None:
    account_id = new_account()
    old_keys(console, account_id, 8)
    page = console.open(PATH, console.stack.tokens.account_token(account_id))
    expect(dialog(page)).to_be_visible()
    console.check_screen("bulk-revoke-choose")
    show_keys(page, "8 keys")
    console.check_screen("bulk-revoke-confirm")

    watch.expect("the server responded with a status of 503")
    page.route("**/api-keys/bulk-revoke", fail)
    dialog(page).get_by_label("Type 8 to confirm").fill("8")
    dialog(page).get_by_role("button", name=re.compile("^Revoke 8")).click()
    expect(dialog(page).get_by_role("alert")).to_be_visible()
    console.check_screen("bulk-revoke-failed")
    page.unroute("**/api-keys/bulk-revoke")
    dialog(page).get_by_role("button", name="Go on with 8 keys").click()
    expect(dialog(page).get_by_text("8 keys revoked.")).to_be_visible()
    console.check_screen("bulk-revoke-done")
