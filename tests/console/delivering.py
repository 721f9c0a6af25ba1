"""Webhooks with deliveries, for tests of the screens that show them."""

from dataclasses import dataclass
from typing import Any

from local.receiver import Receiver
from local.stack import RunningStack
from tests.console.browsing import Console
from tests.journeys.product import Caller, admin, eventually, new_account, publish

HOOK = "/hook"


@dataclass(frozen=True)
class Delivering:
    """An account's webhook whose endpoint is the test's receiver, and the account's admin."""

    stack: RunningStack
    account_id: str
    account: Caller
    webhook_id: str

    @property
    def path(self) -> str:
        """The webhook's path, in the API and in the console."""
        return f"/webhooks/{self.webhook_id}"

    def publish(self, event: str = "order.created", **fields: Any) -> str:
        """Publish an event of the account and return its id."""
        return publish(self.stack, self.account_id, event, **fields)

    def attempts(self) -> list[dict[str, Any]]:
        """Return the newest attempts."""
        return list(self.account.call("GET", f"{self.path}/deliveries?limit=100")["data"])

    def made(self, count: int) -> list[dict[str, Any]]:
        """Return the attempts when there are at least `count`."""
        return eventually(self.attempts, lambda seen: len(seen) >= count)

    def open(self, console: Console, path: str = "/deliveries") -> None:
        """Open a screen of the webhook, signed in."""
        console.open(f"{self.path}{path}", console.stack.tokens.account_token(self.account_id))


def delivering(stack: RunningStack, receiver: Receiver, **settings: Any) -> Delivering:
    """Create a webhook of a new account. Without `retryScheduleSeconds`, failed attempts are not retried."""
    account_id = new_account()
    account = admin(stack, account_id)
    body = {"url": receiver.url(HOOK), "retryScheduleSeconds": [], **settings}
    webhook = account.call("POST", "/webhooks", body, status=201)
    return Delivering(stack, account_id, account, str(webhook["id"]))


SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver(list => {
        for (const entry of list.getEntries())
            shifts.push(...entry.sources.map(source => source.node?.className ?? source.node?.nodeName ?? '?'));
    }).observe({ type: 'layout-shift', buffered: false });
}"""
"""Records unrequested movements on the page (layout shifts)."""
