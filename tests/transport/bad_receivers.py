"""Broken and hostile receivers of every known kind, with the error text that a webhook's owner sees."""

import gzip
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from tests.transport.raw_receiver import Behaviour, Conversation, RawReceiver, always_say, say_and_close, say_nothing

MAX_KEPT = 64 * 1024
_OK = b"HTTP/1.1 200 OK\r\n"


class BadReceiver(NamedTuple):
    """A receiver's behaviour, and the result of the first attempt: the status, the error text, the size of the body.

    In the text `{url}` is the webhook's URL, `{host}` its host and `{seconds}` the deadline of a call.
    """

    behaviour: Behaviour
    status: int | None
    words: str | None
    kept: int = 0
    is_cut: bool = False
    has_broken_certificate: bool = False
    has_note: bool = False


def _one_byte_a_second(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.drip(_OK + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000, 1)


def _endless_header(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.say(_OK + b"X-A: ")
    while True:
        conversation.say(b"a" * 65536)


def _bomb() -> bytes:
    packed = gzip.compress(b"\0" * 50_000_000)
    return _OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed)


_REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n"

BAD_RECEIVERS: Mapping[str, BadReceiver] = {
    "one byte a second": BadReceiver(_one_byte_a_second, None, "Timed out after {seconds} s at {url}"),
    "never": BadReceiver(say_nothing, None, "Timed out after {seconds} s at {url}"),
    "hangs up": BadReceiver(say_and_close(b""), None, "The connection was closed without a response at {url}"),
    "10 MiB": BadReceiver(
        say_and_close(_OK + b"Content-Length: 10485760\r\n\r\n" + b"x" * 10_485_760),
        200,
        None,
        MAX_KEPT,
        is_cut=True,
        has_note=True,
    ),
    "a gzip bomb": BadReceiver(say_and_close(_bomb()), 200, None, MAX_KEPT, is_cut=True, has_note=True),
    "an endless header": BadReceiver(_endless_header, 200, None, has_note=True),
    "a malformed header": BadReceiver(
        always_say(_OK + b"X-FRAME-OPTIONS : SAMEORIGIN\r\nno colon\r\nContent-Length: 2\r\n\r\nok"), 200, None, 2
    ),
    "a body that breaks off": BadReceiver(
        say_and_close(_OK + b"Content-Length: 9\r\n\r\nhalf"), 200, None, 4, has_note=True
    ),
    "a broken TLS certificate": BadReceiver(
        always_say(_OK + b"Content-Length: 0\r\n\r\n"),
        None,
        "The TLS certificate of {host} was rejected: unable to get local issuer certificate",
        has_broken_certificate=True,
    ),
    "an empty status line": BadReceiver(say_and_close(b"\r\n\r\n"), None, "The response from {url} is not valid HTTP"),
    "99 redirects": BadReceiver(always_say(_REDIRECT), 302, "HTTP 302 from {url}: redirects are not followed"),
}


def listening(bad: BadReceiver, broken_certificate: ssl.SSLContext) -> RawReceiver:
    """Return the receiver as a context manager."""
    return RawReceiver(bad.behaviour, broken_certificate if bad.has_broken_certificate else None)
