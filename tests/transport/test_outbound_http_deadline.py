"""Slow receivers and name servers: a call ends at its deadline."""

import threading
import time
from ipaddress import IPv4Address

import pytest

from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.outcome import HttpOutcome
from tests.transport.certificates import CertificateAuthority
from tests.transport.conftest import SHORT_SECONDS, MakeClient
from tests.transport.raw_receiver import OK, Behaviour, Conversation, RawReceiver, say_nothing

# All drips last much longer than the deadline and then close the connection, which causes another error than a
# timeout.
DRIP_SECONDS = 0.05


def _post(client: OutboundHttp, url: str, body: bytes = b"{}") -> HttpOutcome:
    return client.post(url, headers={}, body=body)


def _dripping(before: bytes, dripped: bytes) -> Behaviour:
    def behaviour(conversation: Conversation) -> None:
        conversation.read_request()
        conversation.say(before)
        conversation.drip(dripped, DRIP_SECONDS)

    return behaviour


SLOW: dict[str, tuple[Behaviour, int | None]] = {
    "says nothing": (say_nothing, None),
    "drips the status line": (_dripping(b"", b"HTTP/1.1 " + b"2" * 1000), None),
    "drips headers": (_dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 100), 200),
    "drips interim answers": (_dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), None),
    "drips the body": (_dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x" * 1000), 200),
    "drips chunks": (
        _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 200),
        200,
    ),
    "drips a chunk's size": (
        _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 1000),
        200,
    ),
    "drips trailers": (
        _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: 1\r\n" * 100),
        200,
    ),
    "drips without a length": (_dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000), 200),
}


def _assert_timed_out(outcome: HttpOutcome, url: str, began: float) -> None:
    assert outcome.error == f"Timed out after {SHORT_SECONDS:g} s at {url}"
    assert time.monotonic() - began > SHORT_SECONDS * 0.9


@pytest.mark.parametrize(("behaviour", "status"), SLOW.values(), ids=SLOW.keys())
def test_deadline_ends_a_call_to_a_receiver_that(
    make_client: MakeClient, behaviour: Behaviour, status: int | None
) -> None:
    with RawReceiver(behaviour) as receiver:
        began = time.monotonic()
        outcome = _post(make_client(timeout_seconds=SHORT_SECONDS), receiver.url())
        _assert_timed_out(outcome, receiver.url(), began)
        assert outcome.status == status


@pytest.mark.parametrize("kind", ["says nothing", "drips headers", "drips the body", "drips chunks"])
def test_deadline_ends_a_tls_call_to_a_receiver_that(
    make_client: MakeClient, authority: CertificateAuthority, kind: str
) -> None:
    client = make_client(timeout_seconds=SHORT_SECONDS, ssl_context=authority.client_context())
    with RawReceiver(SLOW[kind][0], authority.server_context("receiver.example")) as receiver:
        url = receiver.url("receiver.example", "https")
        began = time.monotonic()
        _assert_timed_out(_post(client, url), url, began)


def test_deadline_ends_the_sending_of_an_unread_request(make_client: MakeClient) -> None:
    with RawReceiver(lambda _: time.sleep(2 * SHORT_SECONDS)) as receiver:
        began = time.monotonic()
        outcome = _post(make_client(timeout_seconds=SHORT_SECONDS), receiver.url(), b"x" * 20_000_000)
        _assert_timed_out(outcome, receiver.url(), began)


def _dripping_handshake(conversation: Conversation) -> None:
    # The start of a TLS record of 16 KiB that never ends.
    conversation.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 1000, DRIP_SECONDS)


@pytest.mark.parametrize("behaviour", [_dripping_handshake, lambda _: time.sleep(2 * SHORT_SECONDS)])
def test_deadline_ends_the_handshake(
    make_client: MakeClient, authority: CertificateAuthority, behaviour: Behaviour
) -> None:
    client = make_client(timeout_seconds=SHORT_SECONDS, ssl_context=authority.client_context())
    with RawReceiver(behaviour) as receiver:
        url = receiver.url("receiver.example", "https")
        began = time.monotonic()
        _assert_timed_out(_post(client, url), url, began)


def test_deadline_ends_the_name_lookup(make_client: MakeClient) -> None:
    over = threading.Event()

    def resolve(_: str) -> list[IPv4Address]:
        over.wait(120)
        return []

    client = make_client(timeout_seconds=SHORT_SECONDS, resolve=resolve)
    began = time.monotonic()
    _assert_timed_out(_post(client, "https://slow.example/"), "https://slow.example/", began)
    over.set()


def test_deadline_covers_all_parts_together(make_client: MakeClient) -> None:
    def resolve(_: str) -> list[IPv4Address]:
        time.sleep(SHORT_SECONDS * 0.7)
        return [IPv4Address("127.0.0.1")]

    def behaviour(conversation: Conversation) -> None:
        conversation.read_request()
        time.sleep(SHORT_SECONDS * 0.7)
        conversation.say(OK)

    client = make_client(timeout_seconds=SHORT_SECONDS, resolve=resolve)
    with RawReceiver(behaviour) as receiver:
        began = time.monotonic()
        outcome = _post(client, receiver.url("slow.example"))
        _assert_timed_out(outcome, receiver.url("slow.example"), began)
