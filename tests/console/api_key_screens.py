"""What the tests of the API Keys tab do on its screens, and by the API beside it."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.console.browsing import Console
from tests.journeys.product import Caller

PATH = "/api-keys"


def create(owner: Caller, name: str, **fields: Any) -> Any:
    """A key, made by the API."""
    return owner.call("POST", "/api-keys", {"name": name, **fields}, status=201)


def import_keys(owner: Caller, account_id: str, count: int) -> None:
    """So many keys of another system, `Imported 0000` and so on."""
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
    """A moment, as the API takes it."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(page: Page) -> Locator:
    """The links that the keys' names are, in the table or on the cards."""
    keys = page.get_by_role("table", name="API keys").or_(page.get_by_role("list", name="API keys"))
    return keys.get_by_role("link")


def query(page: Page) -> dict[str, str]:
    """What the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def act(page: Page, name: str, action: str) -> None:
    """Chooses an action in the menu of a key."""
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=action).click()


def said(page: Page, text: str) -> None:
    """Waits for a notification."""
    expect(page.get_by_role("alert").filter(has_text=text)).to_be_visible()


def take_secret(console: Console, screenshot: str | None = None) -> str:
    """The secret that is shown, once it is copied and said to be stored; nothing of it is left behind then."""
    page = console.page
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This is the only time")
    secret = dialog.locator("code").first.inner_text()
    expect(dialog.locator("code").nth(1)).to_contain_text(f'curl -H "X-API-Key: {secret}"')
    dialog.get_by_role("button", name="Copy the API key").click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    if screenshot:
        console.screenshot(screenshot)
        console.check_accessibility()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()  # not before it is stored
    expect(dialog.get_by_role("button", name="CompletedRequest")).to_be_disabled()
    dialog.get_by_label("I have stored the API key").check()
    dialog.get_by_role("button", name="CompletedRequest").click()
    expect(dialog).to_have_count(0)
    page.evaluate("navigator.clipboard.writeText('')")
    assert_forgotten(page, secret)
    return secret


def assert_forgotten(page: Page, secret: str) -> None:
    """Neither the document nor the address, the history or any storage has the secret."""
    kept = page.evaluate(
        """() => [document.documentElement.outerHTML, location.href, JSON.stringify(history.state),
            JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie].join()"""
    )
    assert secret not in kept
