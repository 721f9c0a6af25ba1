"""Webhooks as their tests come upon them: an account with some, and the parts of the screens."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.console.browsing import Console
from tests.journeys.product import Caller, admin, eventually, new_account, publish

PATIENT_MILLISECONDS = 120_000
"""How long a screen may take; a busy machine is no failed test."""


class Account:
    """An account of the test's own, and who manages it."""

    def __init__(self, console: Console) -> None:
        expect.set_options(timeout=PATIENT_MILLISECONDS)
        self.stack = console.stack
        self.id = new_account()
        self.admin: Caller = admin(console.stack, self.id)
        self.token = console.stack.tokens.account_token(self.id, email="ada@example.com")

    def webhook(self, url: str, **fields: Any) -> dict[str, Any]:
        """A webhook made by the API, with its secret."""
        made: dict[str, Any] = self.admin.call("POST", "/webhooks", {"url": url, **fields}, status=201)
        return made

    def found(self, webhook_id: str) -> dict[str, Any]:
        """A webhook as the API has it."""
        found: dict[str, Any] = self.admin.call("GET", f"/webhooks/{webhook_id}")
        return found

    def only(self) -> dict[str, Any]:
        """The account's one webhook."""
        (found,) = self.admin.call("GET", "/webhooks")["data"]
        return dict(found)

    def publish(self, event: str = "order.created", **fields: Any) -> str:
        """Publishes an event of the account; its id."""
        return publish(self.stack, self.id, event, **fields)

    def attempts(self, webhook_id: str, count: int) -> None:
        """Waits until the statistics have so many attempts."""

        def counted() -> int:
            stats = self.admin.call("GET", f"/webhooks/{webhook_id}/stats?days=1")["data"]
            return int(stats[-1]["attempts"])

        eventually(counted, lambda seen: seen >= count)


def dialog(page: Page, name: str) -> Locator:
    """A drawer or a dialog, by its title."""
    return page.get_by_role("dialog", name=name)


def check_secret_is_gone(page: Page, secret: str) -> None:
    """Neither the document nor a field, the address or a storage has it."""
    kept = page.evaluate(
        """() => [
            document.documentElement.outerHTML,
            ...[...document.querySelectorAll("input, textarea")].map((field) => field.value),
            window.location.href, JSON.stringify(window.history.state),
            JSON.stringify(window.localStorage), JSON.stringify(window.sessionStorage), document.cookie,
        ].join("\\n")"""
    )
    assert secret not in kept
