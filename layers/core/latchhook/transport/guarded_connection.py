"""HTTP/1.1 connections to checked addresses. They never resolve a name and never connect by themselves."""

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from io import BufferedReader, BytesIO
from ipaddress import IPv4Address, IPv6Address
from typing import cast

from urllib3.connection import HTTPConnection

from latchhook.transport.answer_head import MAX_LINE_BYTES, Field, framing, read_fields
from latchhook.transport.exchange import Exchange
from latchhook.transport.guarded_socket import GuardedSocket, GuardedTlsSocket

# The number of a name's addresses that are tried. Each gets an equal share of the remaining time.
_MAX_ADDRESSES_TRIED = 4
# Errors of a machine that has no route for one address family. The error of the other family is reported instead.
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


_INTERIM = re.compile(rb"HTTP/1\.[0-9] +1(?!01)[0-9]{2}(?![0-9])")
"""The status line of an interim response. 101 is final."""


class FinalResponse(http.client.HTTPResponse):
    """The final response. Interim responses before it are skipped.

    `http.client` reads the status line and the body. `answer_head` reads the fields and passes to `http.client` only
    those that define the end of the body.
    """

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None):
        super().__init__(sock, debuglevel, method, url)
        self.fields: list[Field] = []
        self.head_failure: Exception | None = None
        """The error that interrupted the fields after a valid status line."""

    def begin(self) -> None:
        """Read the status line and headers of the final response.

        Raises:
            OSError, http.client.HTTPException, AnswerTooLongError: no valid status line arrived.
        """
        stream = self.fp
        line = stream.readline(MAX_LINE_BYTES)
        while _INTERIM.match(line):
            for _ in read_fields(stream):
                pass
            line = stream.readline(MAX_LINE_BYTES)
        self._begin_with(stream, line)
        try:
            for field in read_fields(stream):
                self.fields.append(field)
            lines = framing(self.fields)
        except Exception as failure:  # noqa: BLE001 - the status was read, so any later error is stored
            self.head_failure = failure
            lines = b"Connection: close\r\nContent-Length: 0\r\n"
        self._begin_with(stream, line.rstrip(b"\r\n") + b"\r\n" + lines)

    def _begin_with(self, stream: BufferedReader, head: bytes) -> None:
        """Pass `head` to `http.client`, which then reads the body from `stream`."""
        self.headers = self.msg = None  # type: ignore[assignment] # begin() reads only without headers
        self.fp = BytesIO(head)  # type: ignore[assignment] # also a stream
        try:
            super().begin()
        finally:
            self.fp = stream


class GuardedConnection(HTTPConnection):
    """A connection without TLS. Call `open` once, then for each further exchange `attach` and `post`."""

    response_class = FinalResponse
    auto_open = 0

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.remote_address: str | None = None
        self.is_spoiled = False
        self._guarded: GuardedSocket | GuardedTlsSocket | None = None
        self._request: list[bytes] = []

    def open(self, addresses: Sequence[IPv4Address | IPv6Address], exchange: Exchange) -> None:
        """Connect to the first address that accepts a connection. All `addresses` must be checked.

        Raises:
            OSError: no address accepted a connection. `TimeoutError` and `ssl.SSLError` are subclasses of `OSError`.
        """
        began = exchange.monotonic()
        sock, address = _connect(addresses, self.port, exchange)
        exchange.connect_millis = exchange.millis_since(began)
        self.remote_address = str(address)
        self.sock = self._guarded = sock

    def attach(self, exchange: Exchange) -> None:
        """Use the kept-alive connection for `exchange` from now on."""
        if self._guarded is not None:
            self._guarded.exchange = exchange

    def putheader(self, header: str, *values: str) -> None:  # type: ignore[override] # as in urllib3's own
        """Add a header with any value. urllib3's method rejects the value that it uses as its "skip" marker."""
        http.client.HTTPConnection.putheader(self, header, *values)

    def send(self, data: bytes) -> None:  # type: ignore[override] # `post` sends only bytes
        """Buffer a part of the request for `post`, because http.client sends headers and body separately."""
        self._request.append(data)

    def post(self, target: str, headers: Mapping[str, str], body: bytes, exchange: Exchange) -> None:
        """Send headers and body together. `response` then reads the response.

        Raises:
            OSError: the request could not be sent. `exchange.sent_bytes` is the number of bytes that were sent.
            ValueError: a header cannot be sent.
        """
        self._request.clear()
        self.request("POST", target, body=body, headers=headers, preload_content=False, decode_content=False)
        try:
            self.sock.sendall(b"".join(self._request))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            if not exchange.sent_bytes:
                raise
            # A receiver that rejects a request may respond and close before it has read the whole request.
            self.is_spoiled = True
        exchange.request_sent()

    def response(self) -> FinalResponse:
        """Read the status line and headers of the response.

        Raises:
            OSError, http.client.HTTPException, AnswerTooLongError: no valid status line arrived.
        """
        # Not urllib3's method: it parses the fields again and rejects contradictory fields.
        return cast(FinalResponse, http.client.HTTPConnection.getresponse(self))


class GuardedTlsConnection(GuardedConnection):
    """A connection over TLS. The certificate must be valid for the host name."""

    default_port = 443  # type: ignore[misc] # as in urllib3's own

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port)
        self._context = context

    def open(self, addresses: Sequence[IPv4Address | IPv6Address], exchange: Exchange) -> None:
        """Connect and do the TLS handshake, with the host name for SNI and for certificate verification."""
        super().open(addresses, exchange)
        began = exchange.monotonic()
        self.sock.settimeout(exchange.seconds_left())
        secure = cast(GuardedTlsSocket, self._context.wrap_socket(self.sock, server_hostname=self.host))
        secure.exchange = exchange
        self.sock = self._guarded = secure
        exchange.tls_millis = exchange.millis_since(began)


def _connect(
    addresses: Sequence[IPv4Address | IPv6Address], port: int, exchange: Exchange
) -> tuple[GuardedSocket, IPv4Address | IPv6Address]:
    tried = addresses[:_MAX_ADDRESSES_TRIED]
    failure: OSError | None = None
    for position, address in enumerate(tried):
        seconds = exchange.seconds_left() / (len(tried) - position)
        try:
            return _connected_socket(address, port, seconds, exchange), address
        except OSError as error:
            if failure is None or failure.errno in _NO_ROUTE:
                failure = error
    raise failure or OSError(errno.EADDRNOTAVAIL, "no address")


def _connected_socket(
    address: IPv4Address | IPv6Address, port: int, seconds: float, exchange: Exchange
) -> GuardedSocket:
    sock = GuardedSocket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except OSError:
        sock.close()
        raise
    sock.exchange = exchange
    return sock
