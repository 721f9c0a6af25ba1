"""Sends HTTP requests to customers' endpoints, with checked addresses, a deadline, size limits and keep-alive.

No other module calls customers' endpoints. The reasons for urllib3: docs/decisions/0005-outbound-http-on-urllib3.md.
"""

import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from latchhook.transport.answer_head import Field
from latchhook.transport.error_messages import error_messages
from latchhook.transport.exchange import Exchange
from latchhook.transport.guarded_connection import FinalResponse, GuardedConnection, GuardedTlsConnection
from latchhook.transport.guarded_socket import GuardedTlsSocket
from latchhook.transport.idle_connections import IdleConnections, Origin
from latchhook.transport.name_lookups import NameLookups, Resolver, system_resolver
from latchhook.transport.response_body import read_body
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError, parse_endpoint_url
from latchhook.webhooks.outcome import HttpOutcome
from latchhook.webhooks.own_hosts import OwnHosts

# The number of response headers in an outcome, and the characters of all their names and values. They are stored with
# the attempt.
MAX_HEADERS = 64
MAX_HEADER_CHARACTERS = 16 * 1024

# Every delivery needs the parsed URL, and a webhook's URL seldom changes.
_parsed = lru_cache(maxsize=1024)(parse_endpoint_url)


class OutboundHttp:
    """Sends signed webhooks. Each process creates one instance, which all threads share."""

    def __init__(
        self,
        *,
        timeout_seconds: float,
        allow_insecure: bool,
        own_hosts: OwnHosts | None = None,
        resolve: Resolver = system_resolver,
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int = 128,
    ) -> None:
        """Set the limits of every call.

        Args:
            timeout_seconds: limit for a whole call, from the name lookup to the last byte of the response.
            allow_insecure: accepts plain HTTP and loopback addresses. Only the local stack sets it.
            own_hosts: the hosts of this API, which are rejected. With None, no host is rejected.
            resolve: returns a name's addresses.
            monotonic: seconds of a monotonic clock, for deadlines and timings.
            wall_clock: seconds since 1970, for the age of idle connections.
            ssl_context: verifies receivers. This object changes the context. With None, the first HTTPS call loads the
                system's certificate authorities.
            max_connections: the maximum number of connections that are kept open between calls.
        """
        self._timeout_seconds = timeout_seconds
        self.allow_insecure = allow_insecure
        self._own_hosts = own_hosts or OwnHosts()
        self._monotonic = monotonic
        self._lookups = NameLookups(resolve, allow_loopback=allow_insecure)
        self._idle = IdleConnections(max_connections, wall_clock)
        self._ssl_context = None if ssl_context is None else _guarding(ssl_context)
        self._ssl_context_lock = threading.Lock()

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        """POST `body` once. Do not follow redirects, and do not repeat a request that may have arrived.

        Without a response, the outcome's `status` is None. If the body is interrupted after the headers, the outcome
        has both `status` and `error`. It has at most 64 headers, together at most 16 KiB.

        Raises:
            ValueError: a header cannot be sent. The caller must check headers before.
        """
        exchange = Exchange(self._timeout_seconds, self._monotonic)
        try:
            endpoint = _parsed(url, allow_insecure=self.allow_insecure)
            self._own_hosts.refuse(endpoint)
        except EndpointUrlError as refused:
            return _failed(refused.reason, exchange)
        added = _added_headers(endpoint, headers, body)
        try:
            connection = self._send(endpoint, {**added, **headers}, body, exchange)
        except (EndpointUrlError, OSError) as failure:
            outcome = _failed(self._words(failure, endpoint), exchange)
        else:
            outcome = self._receive(endpoint, connection, exchange)
        return replace(outcome, added_headers=added)

    def check_endpoint(self, url: EndpointUrl) -> None:
        """Resolve and check the host as a delivery does, so that a bad URL is rejected when a customer saves it.

        Raises:
            EndpointUrlError: the host belongs to this API, has no address, or has an address that is not public.
        """
        self._own_hosts.refuse(url)
        exchange = Exchange(self._timeout_seconds, self._monotonic)
        try:
            self._lookups.public_addresses(url, exchange)
        except OSError:
            raise EndpointUrlError(f"The host name {url.host} could not be resolved") from None

    def close(self) -> None:
        """Close all idle connections. Later calls open new connections."""
        self._idle.close()

    def _send(
        self, endpoint: EndpointUrl, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> GuardedConnection:
        """Send the request on a kept-alive connection or a new connection.

        A request is sent again only if no byte of it was sent. Otherwise the receiver may have received it.
        """
        kept = self._idle.take(_origin(endpoint))
        if kept is not None:
            kept.attach(exchange)
            try:
                return _posted(kept, endpoint, headers, body, exchange)
            except OSError:
                if exchange.sent_bytes:
                    raise
        connection = self._connection_to(endpoint)
        try:
            connection.open(self._lookups.public_addresses(endpoint, exchange), exchange)
        except BaseException:
            connection.close()
            raise
        return _posted(connection, endpoint, headers, body, exchange)

    def _receive(self, endpoint: EndpointUrl, connection: GuardedConnection, exchange: Exchange) -> HttpOutcome:
        try:
            response = connection.response()
        except Exception as failure:  # noqa: BLE001 - any error that a parser raises for the receiver's bytes is the receiver's failure
            connection.close()
            return _failed(self._words(failure, endpoint), exchange, connection.remote_address)
        exchange.head_received()
        body = read_body(response)
        response.close()
        if body.is_complete and _can_serve_again(connection, response):
            self._idle.put(_origin(endpoint), connection)
        else:
            # The rest of a response that is too long is not read.
            connection.close()
        return HttpOutcome(
            status=response.status,
            headers=_reported(response.fields),
            body=body.content,
            body_truncated=body.is_truncated,
            error=None if body.failure is None else self._words(body.failure, endpoint),
            timings=exchange.timings(),
            remote_address=connection.remote_address,
        )

    def _words(self, failure: BaseException, endpoint: EndpointUrl) -> str:
        return error_messages(failure, endpoint, self._timeout_seconds)

    def _connection_to(self, endpoint: EndpointUrl) -> GuardedConnection:
        if endpoint.scheme == "http":
            return GuardedConnection(endpoint.host, endpoint.port)
        with self._ssl_context_lock:
            if self._ssl_context is None:
                self._ssl_context = _guarding(ssl.create_default_context())
        return GuardedTlsConnection(endpoint.host, endpoint.port, self._ssl_context)


def _guarding(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = GuardedTlsSocket
    context.set_alpn_protocols(["http/1.1"])
    return context


def _added_headers(endpoint: EndpointUrl, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
    given = {name.lower() for name in headers}
    added = {"Host": endpoint.authority, "Accept-Encoding": "identity", "Content-Length": str(len(body))}
    return {name: value for name, value in added.items() if name.lower() not in given}


def _origin(endpoint: EndpointUrl) -> Origin:
    return endpoint.scheme, endpoint.host, endpoint.port


def _posted(
    connection: GuardedConnection,
    endpoint: EndpointUrl,
    headers: Mapping[str, str],
    body: bytes,
    exchange: Exchange,
) -> GuardedConnection:
    try:
        connection.post(endpoint.target, headers, body, exchange)
    except BaseException:
        connection.close()
        raise
    return connection


def _reported(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return the first fields that fit within the limits, without fields that are too long."""
    reported: list[Field] = []
    left = MAX_HEADER_CHARACTERS
    for name, value in fields:
        size = len(name) + len(value)
        if size <= left and len(reported) < MAX_HEADERS:
            reported.append((name, value))
            left -= size
    return tuple(reported)


def _can_serve_again(connection: GuardedConnection, response: FinalResponse) -> bool:
    """Return whether the connection can be reused. It cannot be reused after a 101, which changes the protocol.

    `http.client` has already closed the connection if the receiver asked for it.
    """
    return not connection.is_closed and not connection.is_spoiled and response.status >= 200


def _failed(words: str, exchange: Exchange, remote_address: str | None = None) -> HttpOutcome:
    return HttpOutcome(status=None, error=words, timings=exchange.timings(), remote_address=remote_address)
