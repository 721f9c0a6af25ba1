"""Helpers of the webhook tests: an account with webhooks, and the parts of the screens."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.console.browsing import Console
from tests.journeys.product import Caller, admin, eventually, new_account, publish


class Account:
    """A new account and its admin."""

    def __init__(self, console: Console) -> None:
        self.stack = console.stack
        self.id = new_account()
        self.admin: Caller = admin(console.stack, self.id)
        self.token = console.stack.tokens.account_token(self.id, email="ada@example.com")

    def webhook(self, url: str, **fields: Any) -> dict[str, Any]:
        """Create a webhook through the API and return it with its secret."""
        made: dict[str, Any] = self.admin.call("POST", "/webhooks", {"url": url, **fields}, status=201)
        return made

    def found(self, webhook_id: str) -> dict[str, Any]:
        """Return a webhook from the API."""
        found: dict[str, Any] = self.admin.call("GET", f"/webhooks/{webhook_id}")
        return found

    def only(self) -> dict[str, Any]:
        """Return the account's only webhook."""
        (found,) = self.admin.call("GET", "/webhooks")["data"]
        return dict(found)

    def publish(self, event: str = "order.created", **fields: Any) -> str:
        """Publish an event of the account and return its id."""
        return publish(self.stack, self.id, event, **fields)

    def attempts(self, webhook_id: str, count: int) -> None:
        """Wait until the statistics have `count` attempts."""

        def counted() -> int:
            stats = self.admin.call("GET", f"/webhooks/{webhook_id}/stats?days=1")["data"]
            return int(stats[-1]["attempts"])

        eventually(counted, lambda seen: seen >= count)


def dialog(page: Page, name: str) -> Locator:
    """Return a drawer or dialog by its title."""
    return page.get_by_role("dialog", name=name)


def check_secret_is_gone(page: Page, secret: str) -> None:
    """Check that neither the document nor a field, the URL or a storage contains the secret."""
    kept = page.evaluate(
        """() => [
            document.documentElement.outerHTML,
            ...[...document.querySelectorAll("input, textarea")].map((field) => field.value),
            window.location.href, JSON.stringify(window.history.state),
            JSON.stringify(window.localStorage), JSON.stringify(window.sessionStorage), document.cookie,
        ].join("\\n")"""
    )
    assert secret not in kept
