"""HTTP/1.1 connections to checked addresses: they look no name up and never connect by themselves."""

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

# A name may have any number of addresses; this many are tried, each with its share of the time that is left.
_MAX_ADDRESSES_TRIED = 4
# Where a machine has no route for one of the two address families, the other one's failure is the telling
# one.
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


_INTERIM = re.compile(rb"HTTP/1\.[0-9] +1(?!01)[0-9]{2}(?![0-9])")
"""The status line of an answer before the final one; 101 is final."""


class FinalResponse(http.client.HTTPResponse):
    """The final answer; interim answers before it are skipped.

    `http.client` reads the status line and the body. The fields are read by `answer_head`, and `http.client` sees only
    those that say where the body ends.
    """

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None):
        super().__init__(sock, debuglevel, method, url)
        self.fields: list[Field] = []
        self.head_failure: Exception | None = None
        """What broke off the fields, after a good status line."""

    def begin(self) -> None:
        """Read up to the end of the final answer's head.

        Raises:
            OSError, http.client.HTTPException, AnswerTooLongError: there is no good status line.
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
        except Exception as failure:  # noqa: BLE001 - whatever broke it off, the status was read
            self.head_failure = failure
            lines = b"Connection: close\r\nContent-Length: 0\r\n"
        self._begin_with(stream, line.rstrip(b"\r\n") + b"\r\n" + lines)

    def _begin_with(self, stream: BufferedReader, head: bytes) -> None:
        """Let `http.client` read `head`, and the body from `stream`."""
        self.headers = self.msg = None  # type: ignore[assignment] # begin() reads only without headers
        self.fp = BytesIO(head)  # type: ignore[assignment] # a stream, too
        try:
            super().begin()
        finally:
            self.fp = stream


class GuardedConnection(HTTPConnection):
    """A plain connection. `open` it once, then `attach` each further exchange and `post`."""

    response_class = FinalResponse
    auto_open = 0

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.remote_address: str | None = None
        self.is_spoiled = False
        self._guarded: GuardedSocket | GuardedTlsSocket | None = None
        self._request: list[bytes] = []

    def open(self, addresses: Sequence[IPv4Address | IPv6Address], exchange: Exchange) -> None:
        """Connect to the first of `addresses`, all of them checked, that answers.

        Raises:
            OSError: none of them did; `TimeoutError` and `ssl.SSLError` are among its kinds.
        """
        began = exchange.monotonic()
        sock, address = _connect(addresses, self.port, exchange)
        exchange.connect_millis = exchange.millis_since(began)
        self.remote_address = str(address)
        self.sock = self._guarded = sock

    def attach(self, exchange: Exchange) -> None:
        """Let the kept-alive connection work for `exchange` now."""
        if self._guarded is not None:
            self._guarded.exchange = exchange

    def putheader(self, header: str, *values: str) -> None:  # type: ignore[override] # as in urllib3's own
        """Add a header to the request, whatever its value: urllib3's own refuses the one that means "skip" to it."""
        http.client.HTTPConnection.putheader(self, header, *values)

    def send(self, data: bytes) -> None:  # type: ignore[override] # `post` has nothing but bytes
        """Keep a part of the request until `post` has all of it: http.client sends head and body apart."""
        self._request.append(data)

    def post(self, target: str, headers: Mapping[str, str], body: bytes, exchange: Exchange) -> None:
        """Send the request, head and body at once; `answer` then reads the answer.

        Raises:
            OSError: it could not be sent. `exchange.sent_bytes` tells whether any of it had left.
            ValueError: a header cannot be sent.
        """
        self._request.clear()
        self.request("POST", target, body=body, headers=headers, preload_content=False, decode_content=False)
        try:
            self.sock.sendall(b"".join(self._request))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            if not exchange.sent_bytes:
                raise
            # A receiver that refuses a request may answer and close before it has read all of it.
            self.is_spoiled = True
        exchange.request_sent()

    def response(self) -> FinalResponse:
        """Read the head of the answer to the request that was posted.

        Raises:
            OSError, http.client.HTTPException, AnswerTooLongError: no good status line came.
        """
        # Not urllib3's own: it parses the fields again, and refuses contradictory ones.
        return cast(FinalResponse, http.client.HTTPConnection.getresponse(self))


class GuardedTlsConnection(GuardedConnection):
    """A connection over TLS whose certificate is verified for the host's name."""

    default_port = 443  # type: ignore[misc] # as in urllib3's own

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port)
        self._context = context

    def open(self, addresses: Sequence[IPv4Address | IPv6Address], exchange: Exchange) -> None:
        """Connect, then shake hands, with the host's name for SNI and for the certificate."""
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
