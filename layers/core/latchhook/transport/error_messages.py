"""Why a call to an endpoint failed, in words for its owner; nothing of our own network is in them."""

import http.client
import socket
import ssl
import zlib

from latchhook.transport.exchange import AnswerTooLongError
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError

# The first kind that fits speaks, so the narrower stands before the wider.
_WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (EndpointUrlError, "{failure}"),
    (TimeoutError, "Timed out after {timeout_seconds:g} s at {url}"),
    (socket.gaierror, "The host name {host} could not be resolved"),
    (ssl.SSLCertVerificationError, "The TLS certificate of {host} was refused: {failure.verify_message}"),
    (ssl.SSLEOFError, "The connection was closed before the answer ended at {url}"),
    (ssl.SSLError, "The TLS connection to {host} failed: {reason}"),
    (ConnectionRefusedError, "Connection refused at {url}"),
    (http.client.RemoteDisconnected, "The connection was closed without an answer at {url}"),
    (
        (ConnectionError, http.client.IncompleteRead),
        "The connection was closed before the answer ended at {url}",
    ),
    ((AnswerTooLongError, http.client.LineTooLong), "The answer from {url} is too long: {failure}"),
    (zlib.error, "The body from {url} is no valid gzip"),
    (OSError, "No connection to {url}: {failure.strerror}"),
    (BaseException, "The answer from {url} is not valid HTTP"),
)

# What OpenSSL says of bytes that are none of TLS: mostly a plain HTTP server's.
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "UNEXPECTED_MESSAGE"})


def error_messages(failure: BaseException, endpoint: EndpointUrl, timeout_seconds: float) -> str:
    """One sentence about `failure`. The URL is named without its query, which may hold a token."""
    words = next(words for kind, words in _WORDS if isinstance(failure, kind))
    return words.format(
        failure=failure,
        reason=_tls_reason(failure),
        url=endpoint.shown,
        host=endpoint.host,
        timeout_seconds=timeout_seconds,
    )


def _tls_reason(failure: BaseException) -> str:
    """OpenSSL's constant in words."""
    reason = getattr(failure, "reason", None) or "unknown"
    return "the port does not speak TLS" if reason in _NO_TLS else str(reason).replace("_", " ").lower()
