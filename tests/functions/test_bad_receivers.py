"""Bad receivers: the attempts listed for their owners, and the health of the worker."""

from contextlib import ExitStack
from pathlib import Path

from latchhook.bootstrap.receivers import outbound_http
from local.receiver import Receiver
from tests.functions.callers import admin, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import RETRY_QUEUE
from tests.transport.bad_receivers import BAD_RECEIVERS, listening
from tests.transport.certificates import CertificateAuthority

HOST = "loopback.example.com"


def test_bad_receivers_are_explained_and_do_not_affect_a_good_receiver(
    cloud: Cloud, receiver: Receiver, tmp_path: Path
) -> None:
    broken = CertificateAuthority(tmp_path).server_context(HOST)
    with ExitStack() as stack:
        made_webhook(receiver.url("/good"), events=["*"])
        urls = {}
        receivers = {}
        for name, bad in BAD_RECEIVERS.items():
            receivers[name] = stack.enter_context(listening(bad, broken))
            urls[name] = receivers[name].url(HOST, "https" if bad.has_broken_certificate else "http")
        webhooks = {name: made_webhook(url, events=["order.created"])["id"] for name, url in urls.items()}
        published()
        cloud.run_event_path()
        for name, bad in BAD_RECEIVERS.items():
            (attempt,) = call("list_webhook_deliveries", admin(), object_id=webhooks[name]).body["data"]
            words = bad.words and bad.words.format(url=urls[name], host=HOST, seconds=5)
            response = attempt["response"] or {"status": None, "body": "", "truncated": False}
            assert (attempt["errorMessage"], response["status"]) == (words, bad.status), name
            assert (len(response["body"]), response["truncated"]) == (bad.kept, bad.is_cut), name
            assert bool(attempt["note"]) == bad.has_note, name
            assert (attempt["status"], attempt["nextAttemptAt"] is None) == (
                ("success", True) if words is None else ("failed", False)
            ), name
            assert receivers[name].connections == 1, name
        failed = sum(bad.words is not None for bad in BAD_RECEIVERS.values())
        assert cloud.waiting(RETRY_QUEUE) == failed
        published(event="order.updated")
        cloud.run_event_path()
        outbound_http().close()
    assert len(receiver.requests("/good")) == 2
