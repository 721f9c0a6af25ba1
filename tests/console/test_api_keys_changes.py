"""Editing, disabling, rotating and revoking API keys on the screen, with the effect on their secrets."""

import re
from datetime import datetime
from typing import Any

from playwright.sync_api import expect

from local.stack import RunningStack
from tests.console.api_key_screens import PATH, act, create, in_days, rows, said, take_secret
from tests.console.browsing import Console
from tests.journeys.product import Caller, holder, operator, verdict


def read(owner: Caller, key: Any) -> Any:
    """Return a key's current state."""
    return owner.call("GET", f"/api-keys/{key['id']}")


def test_edited_and_disabled_key_changes_with_the_next_request(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    key = create(owner, "Shop", scopes=["orders:*", "products:read"], expiresAt=in_days(30))
    page = console.open(PATH, token)
    act(page, "Shop", "Edit")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Shop")
    expect(page.get_by_role("group", name="orders").get_by_label("orders:*")).to_be_checked()
    page.get_by_role("group", name="orders").get_by_label("orders:*").uncheck()
    page.get_by_label("Name", exact=True).fill("Web shop")
    page.get_by_label("Expires").select_option("Never")
    console.screenshot("api-keys-edit")
    owner.call("PATCH", f"/api-keys/{key['id']}", {"description": "From elsewhere"})
    page.get_by_role("button", name="Save").click()
    said(page, "Web shop is changed")
    expect(rows(page)).to_have_text(["Web shop"])
    now = read(owner, key)
    assert (now["name"], now["scopes"], now["expiresAt"]) == ("Web shop", ["products:read"], None)
    assert now["description"] == "From elsewhere"  # concurrent changes are kept
    assert verdict(stack, key["key"], "orders:read") == "INSUFFICIENT_SCOPE"

    page.get_by_role("button", name="Actions for Web shop").click()
    expect(page.get_by_role("menuitem", name="Disable")).to_be_visible()
    console.check_screen("api-keys-menu", own_width=True)
    page.get_by_role("menuitem", name="Disable").click()
    expect(page.get_by_role("dialog")).to_contain_text("refused from the next one on")
    console.screenshot("api-keys-disable")
    page.get_by_role("button", name="Disable key").click()
    said(page, "Web shop is disabled")
    assert verdict(stack, key["key"]) == "DISABLED"
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
    act(page, "Web shop", "Enable")
    said(page, "Web shop is enabled")
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    assert verdict(stack, key["key"]) == "VALID"


def test_rotated_key_has_two_secrets_until_it_is_revoked(
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

    act(page, "Warehouse", "Revoke")
    button = dialog.get_by_role("button", name="Revoke key")
    expect(button).to_be_disabled()
    expect(dialog.get_by_label("Type Warehouse to confirm")).to_be_focused()
    page.keyboard.type("Warehouse")
    console.check_screen("api-keys-revoke")
    page.keyboard.press("Enter")
    said(page, "Warehouse is revoked")
    assert [verdict(stack, each) for each in (secret, key["key"])] == ["REVOKED"] * 2
    holder(stack, secret).call("GET", "/api-keys/current", status=401)
    row = page.get_by_role("row").filter(has_text="Warehouse")
    expect(row).to_contain_text("Revoked")
    expect(row.get_by_role("button")).to_have_count(0)


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
    page.get_by_role("button", name="Actions for Production warehouse").click()
    page.get_by_role("menuitem", name="Revoke").click()
    page.get_by_label("Type Production warehouse to confirm").fill("Production warehouse")
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    said(page, "Production warehouse is revoked")
    expect(main.get_by_text("Revoked").first).to_be_visible()
    expect(page.get_by_role("button", name="Rotate")).to_have_count(0)
    assert datetime.fromisoformat(read(owner, key)["revokedAt"])
    console.screenshot("api-key-revoked")
