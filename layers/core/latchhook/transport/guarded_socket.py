"""Sockets that apply the deadline of the whole call to every operation.

An ordinary socket timeout restarts with each read, so a receiver that sends one byte per second never exceeds it.
These sockets set the timeout to the call's remaining time before each operation. The TLS handshake does not need this:
`ssl` applies its timeout to the whole handshake.
"""

import socket
import ssl
from typing import TYPE_CHECKING

from latchhook.transport.exchange import Exchange

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class GuardedSocket(socket.socket):
    """A TCP socket that belongs to one exchange at a time."""

    exchange: Exchange

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """Read like `socket.recv_into`, within the exchange's deadline and size limit."""
        self.settimeout(self.exchange.seconds_left())
        count = super().recv_into(buffer, _bounded(buffer, nbytes, self.exchange), flags)
        self.exchange.count_received(count)
        return count

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """Write like `socket.send`, within the exchange's deadline."""
        self.settimeout(self.exchange.seconds_left())
        count = super().send(data, flags)
        self.exchange.sent_bytes += count
        return count

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """Write all of `data`. On failure, `exchange.sent_bytes` is the number of bytes that were sent."""
        with memoryview(data).cast("B") as view:
            sent = 0
            while sent < len(view):
                sent += self.send(view[sent:], flags)


class GuardedTlsSocket(ssl.SSLSocket):
    """A TLS socket that belongs to one exchange at a time. `SSLContext.sslsocket_class` makes a context create it."""

    exchange: Exchange

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        """Read like `SSLSocket.recv_into`, within the exchange's deadline and size limit."""
        self.settimeout(self.exchange.seconds_left())
        count = super().recv_into(buffer, _bounded(buffer, nbytes, self.exchange), flags)
        self.exchange.count_received(count)
        return count

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """Write like `SSLSocket.send`, within the exchange's deadline. `SSLSocket.sendall` calls this method."""
        self.settimeout(self.exchange.seconds_left())
        count = super().send(data, flags)
        self.exchange.sent_bytes += count
        return count


def _bounded(buffer: "WriteableBuffer", nbytes: int | None, exchange: Exchange) -> int:
    return min(nbytes or memoryview(buffer).nbytes, exchange.receivable_bytes())
