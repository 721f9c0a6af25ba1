"""Editing, rotating, disabling and revoking API keys on the screen, with the effect on their secrets."""

import re
from datetime import datetime
from typing import Any

from playwright.sync_api import expect

from local.stack import RunningStack
from tests.console.api_key_screens import PATH, act, create, in_days, query, rows, said, take_secret
from tests.console.browsing import Console
from tests.journeys.product import Caller, admin, holder, new_account, operator, verdict


def read(owner: Caller, key: Any) -> Any:
    """Return a key's current state."""
    return owner.call("GET", f"/api-keys/{key['id']}")


def test_both_secrets_work_during_the_grace_period(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Warehouse")
    page = console.open(PATH, token)
    act(page, "Warehouse", "Rotate")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The old secret still works for")).to_have_value("300")  # the deployment's default
    dialog.get_by_label("The old secret still works for").select_option("1 hour")
    expect(dialog.get_by_role("status")).to_contain_text(re.compile(r"the old one works until .*\d\d:\d\d:\d\d"))
    console.check_screen("api-keys-rotate")
    dialog.get_by_role("button", name="Rotate key").click()
    expect(dialog).to_contain_text("Warehouse is rotated")
    expect(dialog).to_contain_text("The old secret works until")
    secret = take_secret(console, "api-keys-rotated")
    assert verdict(stack, secret) == "VALID"
    assert verdict(stack, key["key"]) == "VALID"


def test_old_secret_ends_immediately_without_grace_period(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Leaked")
    page = console.open(f"{PATH}?open=rotate.{key['id']}", token)
    page.get_by_label("The old secret still works for").select_option("0")
    expect(page.get_by_role("dialog")).to_contain_text("refused from the same moment")
    page.get_by_role("dialog").get_by_role("button", name="Rotate key").click()
    secret = take_secret(console)
    assert verdict(stack, secret) == "VALID"
    assert verdict(stack, key["key"]) != "VALID"


def test_revoking_a_used_key_requires_its_name(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Production", scopes=["orders:read"])
    assert verdict(stack, key["key"]) == "VALID"
    page = console.open(PATH, token)
    act(page, "Production", "Revoke")
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Revoke key")
    expect(button).to_be_disabled()
    expect(dialog.get_by_label("Type Production to confirm")).to_be_focused()
    page.keyboard.type("Production")
    console.check_screen("api-keys-revoke")
    page.keyboard.press("Enter")
    said(page, "Production is revoked")
    assert verdict(stack, key["key"]) == "REVOKED"
    holder(stack, key["key"]).call("GET", "/api-keys/current", status=401)
    row = page.get_by_role("row").filter(has_text="Production")
    expect(row).to_contain_text("Revoked")
    expect(row.get_by_role("button")).to_have_count(0)


def test_revoking_an_unused_key_requires_a_simple_confirmation(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Never used")
    page = console.open(PATH, token)
    act(page, "Never used", "Revoke")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions for Never used")).to_be_focused()
    assert read(owner, key)["status"] == "active"
    act(page, "Never used", "Revoke")
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    said(page, "Never used is revoked")
    assert verdict(stack, key["key"]) == "REVOKED"


def test_use_after_loading_the_list_requires_the_name(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Used just now")
    page = console.open(PATH, token)
    expect(rows(page)).to_have_count(1)
    assert verdict(stack, key["key"]) == "VALID"
    act(page, "Used just now", "Revoke")
    expect(page.get_by_label("Type Used just now to confirm")).to_be_visible()


def test_disabled_key_is_refused_until_it_is_enabled(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Staging")
    page = console.open(PATH, token)
    page.get_by_role("button", name="Actions for Staging").click()
    expect(page.get_by_role("menuitem", name="Disable")).to_be_visible()
    console.check_screen("api-keys-menu", own_width=True)
    page.get_by_role("menuitem", name="Disable").click()
    expect(page.get_by_role("dialog")).to_contain_text("refused from the next one on")
    console.screenshot("api-keys-disable")
    page.get_by_role("button", name="Disable key").click()
    said(page, "Staging is disabled")
    assert verdict(stack, key["key"]) == "DISABLED"
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
    act(page, "Staging", "Enable")
    said(page, "Staging is enabled")
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    assert verdict(stack, key["key"]) == "VALID"


def test_edit_applies_to_the_next_request(console: Console, owner: Caller, stack: RunningStack, token: str) -> None:
    key = create(owner, "Shop", scopes=["orders:*", "products:read"], expiresAt=in_days(30))
    page = console.open(PATH, token)
    act(page, "Shop", "Edit")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Shop")
    expect(page.get_by_role("group", name="orders").get_by_label("all")).to_be_checked()
    page.get_by_role("group", name="orders").get_by_label("all").uncheck()
    page.get_by_label("Name", exact=True).fill("Web shop")
    page.get_by_label("Expires").select_option("Never")
    console.check_screen("api-keys-edit")
    page.get_by_role("button", name="Save").click()
    said(page, "Web shop is changed")
    expect(rows(page)).to_have_text(["Web shop"])
    now = read(owner, key)
    assert (now["name"], now["scopes"], now["expiresAt"]) == ("Web shop", ["products:read"], None)
    assert verdict(stack, key["key"], "orders:read") == "INSUFFICIENT_SCOPE"


def test_concurrent_changes_are_kept(console: Console, owner: Caller, stack: RunningStack, token: str) -> None:
    key = create(owner, "Shared", credits={"remaining": 10, "refill": {"amount": 10, "interval": "daily"}})
    page = console.open(f"{PATH}?open=edit.{key['id']}", token)
    page.get_by_label("Set to", exact=True).fill("20")
    owner.call("PATCH", f"/api-keys/{key['id']}", {"description": "From somewhere else"})
    operator(stack).call("POST", "/api-keys/verify", {"key": key["key"], "cost": 4})
    page.get_by_role("button", name="Save").click()
    said(page, "Shared is changed")
    now = read(owner, key)
    assert now["description"] == "From somewhere else"
    assert (now["credits"]["remaining"], now["credits"]["refill"]["amount"]) == (6, 20)


def test_editing_a_key_that_was_just_revoked_shows_an_error(console: Console, owner: Caller, token: str) -> None:
    key = create(owner, "Gone")
    page = console.open(f"{PATH}?open=edit.{key['id']}", token)
    page.get_by_label("Name", exact=True).fill("Still here")
    owner.call("DELETE", f"/api-keys/{key['id']}", status=204)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="The key wasn't changed")).to_contain_text("Request")
    console.screenshot("api-keys-edit-conflict")


def test_key_has_its_own_screen(console: Console, owner: Caller, stack: RunningStack, token: str) -> None:
    limits = {"rateLimit": {"limit": 3, "windowSeconds": 3600}, "ipAllowList": ["203.0.113.0/24"]}
    key = create(owner, "Production warehouse", description="The scanners in hall 3", scopes=["orders:read"], **limits)
    there = {"key": key["key"], "ipAddress": "203.0.113.7"}
    for _ in range(4):
        operator(stack).call("POST", "/api-keys/verify", there)
    operator(stack).call("POST", "/api-keys/verify", {**there, "requiredScopes": ["orders:write"]})
    operator(stack).call("POST", "/api-keys/verify", {**there, "ipAddress": "8.8.8.8"})

    page = console.open(f"{PATH}/{key['id']}", token)
    console.shows("Production warehouse")
    main = page.get_by_role("main")
    for text in ("The scanners in hall 3", key["id"], "3 in 1 hour", "203.0.113.0/24", "3 requests", "3 accepted"):
        expect(main).to_contain_text(text)
    expect(main).to_contain_text(re.compile(r"Over the rate limit\s*1"))
    expect(main).to_contain_text(re.compile(r"Without the scope it needed\s*1"))
    expect(main).to_contain_text(re.compile(r"From an address that isn't allowed\s*1"))
    expect(page.locator(".recharts-surface").first).to_be_visible()
    console.check_screen("api-key")
    page.get_by_text("7 days").click()
    expect(page).to_have_url(re.compile("days=7"))
    page.reload()
    expect(page.get_by_role("radio", name="7 days")).to_be_checked()

    page.get_by_role("button", name="Rotate").click()
    assert query(page) == {"days": "7", "open": f"rotate.{key['id']}"}
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Actions for Production warehouse").click()
    page.get_by_role("menuitem", name="Revoke").click()
    page.get_by_label("Type Production warehouse to confirm").fill("Production warehouse")
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    said(page, "Production warehouse is revoked")
    expect(main.get_by_text("Revoked").first).to_be_visible()
    expect(page.get_by_role("button", name="Rotate")).to_have_count(0)
    assert datetime.fromisoformat(read(owner, key)["revokedAt"])
    console.screenshot("api-key-revoked")


def test_unknown_key_shows_that_nothing_is_there(console: Console, stack: RunningStack, token: str) -> None:
    others = create(admin(stack, new_account()), "Somebody else's")
    console.open(f"{PATH}/{others['id']}", token)
    expect(console.page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    console.screenshot("api-key-missing")
