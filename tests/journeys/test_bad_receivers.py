"""All kinds of bad receivers at once on the deployed product: each failure is explained, and good deliveries arrive."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from local.receiver import Receiver
from local.stack import RunningStack
from tests.journeys.product import PATIENCE_SECONDS, admin, eventually, new_account, publish
from tests.transport.bad_receivers import BAD_RECEIVERS, listening
from tests.transport.certificates import CertificateAuthority

HOST = "127.0.0.1"
DEADLINE_SECONDS = 15
"""The product's deadline for one call."""


def test_bad_receivers_are_explained_and_do_not_harm_the_worker(
    stack: RunningStack, receiver: Receiver, tmp_path: Path
) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    broken = CertificateAuthority(tmp_path).server_context("hooks.example.com")

    def made(url: str) -> str:
        body = {"url": url, "events": ["order.created"], "retryScheduleSeconds": []}
        return str(account.call("POST", "/webhooks", body, status=201)["id"])

    def attempts(webhook_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = account.call("GET", f"/webhooks/{webhook_id}/deliveries")["data"]
        return found

    with ExitStack() as opened:
        urls = {
            name: opened.enter_context(listening(bad, broken)).url(
                HOST, "https" if bad.has_broken_certificate else "http"
            )
            for name, bad in BAD_RECEIVERS.items()
        }
        webhooks = {name: made(url) for name, url in urls.items()}
        made(receiver.url("/good"))
        publish(stack, account_id, "order.created")
        for name, bad in BAD_RECEIVERS.items():
            (attempt,) = eventually(partial(attempts, webhooks[name]), bool)
            words = bad.words and bad.words.format(url=urls[name], host=HOST, seconds=DEADLINE_SECONDS)
            response = attempt["response"] or {"status": None, "body": "", "truncated": False}
            assert (attempt["errorMessage"], response["status"]) == (words, bad.status), name
            assert (len(response["body"]), response["truncated"]) == (bad.kept, bad.is_cut), name
        for webhook_id in webhooks.values():
            assert account.send_request("DELETE", f"/webhooks/{webhook_id}").status_code == 204
    publish(stack, account_id, "order.created")
    assert len(receiver.wait_for(2, PATIENCE_SECONDS, "/good")) == 2
