"""Actions of the API Keys tab's tests, on the screens and through the API."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.console.browsing import Console
from tests.journeys.product import Caller

PATH = "/api-keys"


def create(owner: Caller, name: str, **fields: Any) -> Any:
    """Create a key through the API."""
    return owner.call("POST", "/api-keys", {"name": name, **fields}, status=201)


def import_keys(owner: Caller, account_id: str, count: int) -> None:
    """Import `count` keys with the names `Imported 0000` and so on."""
    for start in range(0, count, 250):
        keys = [
            {
                "name": f"Imported {number:04}",
                "hash": hashlib.sha256(f"{account_id}{number}".encode()).hexdigest(),
                "prefix": f"ext_{number:04}",
            }
            for number in range(start, min(start + 250, count))
        ]
        owner.call("POST", "/api-keys/import", {"keys": keys})


def in_days(days: int) -> str:
    """Return the time in `days` days, in the API's format."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(page: Page) -> Locator:
    """Return the links with the keys' names, in the table or on the cards."""
    keys = page.get_by_role("table", name="API keys").or_(page.get_by_role("list", name="API keys"))
    return keys.get_by_role("link")


def act(page: Page, name: str, action: str) -> None:
    """Choose an action in the menu of a key."""
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=action).click()


def said(page: Page, text: str) -> None:
    """Wait for a notification."""
    expect(page.get_by_role("alert").filter(has_text=text)).to_be_visible()


def take_secret(console: Console, screenshot: str | None = None) -> str:
    """Copy the shown secret, confirm that it is stored, and check that the page no longer contains it."""
    page = console.page
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This is the only time")
    secret = dialog.locator("code").first.inner_text()
    expect(dialog.locator("code").nth(1)).to_contain_text(f'curl -H "X-API-Key: {secret}"')
    dialog.get_by_role("button", name="Copy the API key").click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    if screenshot:
        console.check_screen(screenshot)
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()  # closes only after the confirmation
    expect(dialog.get_by_role("button", name="Done")).to_be_disabled()
    dialog.get_by_label("I have stored the API key").check()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    page.evaluate("navigator.clipboard.writeText('')")
    assert_forgotten(page, secret)
    return secret


def assert_forgotten(page: Page, secret: str) -> None:
    """Check that neither the document nor the URL, the history or any storage contains the secret."""
    kept = page.evaluate(
        """() => [document.documentElement.outerHTML, location.href, JSON.stringify(history.state),
            JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie].join()"""
    )
    assert secret not in kept
