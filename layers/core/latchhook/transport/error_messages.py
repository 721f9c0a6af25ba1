"""Error messages for failed calls, written for the webhook's owner. They reveal nothing about Latchhook's network."""

import http.client
import socket
import ssl
import zlib

from latchhook.transport.exchange import AnswerTooLongError
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError

# The first matching class decides, so subclasses come before their base classes.
_WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (EndpointUrlError, "{failure}"),
    (TimeoutError, "Timed out after {timeout_seconds:g} s at {url}"),
    (socket.gaierror, "The host name {host} could not be resolved"),
    (ssl.SSLCertVerificationError, "The TLS certificate of {host} was rejected: {failure.verify_message}"),
    (ssl.SSLEOFError, "The connection was closed before the response ended at {url}"),
    (ssl.SSLError, "The TLS connection to {host} failed: {reason}"),
    (ConnectionRefusedError, "Connection refused at {url}"),
    (http.client.RemoteDisconnected, "The connection was closed without a response at {url}"),
    (
        (ConnectionError, http.client.IncompleteRead),
        "The connection was closed before the response ended at {url}",
    ),
    ((AnswerTooLongError, http.client.LineTooLong), "The response from {url} is too long: {failure}"),
    (zlib.error, "The response body from {url} is not valid gzip"),
    (OSError, "No connection to {url}: {failure.strerror}"),
    (BaseException, "The response from {url} is not valid HTTP"),
)

# OpenSSL's reasons when the received bytes are not TLS, usually because the port speaks plain HTTP.
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "UNEXPECTED_MESSAGE"})


def error_messages(failure: BaseException, endpoint: EndpointUrl, timeout_seconds: float) -> str:
    """Return one sentence about `failure`. It names the URL without its query, which may contain a token."""
    words = next(words for kind, words in _WORDS if isinstance(failure, kind))
    return words.format(
        failure=failure,
        reason=_tls_reason(failure),
        url=endpoint.shown,
        host=endpoint.host,
        timeout_seconds=timeout_seconds,
    )


def _tls_reason(failure: BaseException) -> str:
    """Return OpenSSL's reason as text."""
    reason = getattr(failure, "reason", None) or "unknown"
    return "the port does not speak TLS" if reason in _NO_TLS else str(reason).replace("_", " ").lower()
