"""Sockets that keep an exchange's deadline at every operation, however little each of them brings.

An ordinary socket timeout starts anew with each read, so a receiver that sends one byte a second never runs
into it. These sockets get what is left of the whole call before each operation. The handshake of TLS needs
nothing of this: `ssl` itself counts the timeout that it finds at the start over the whole handshake.
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
        """Read like `socket.recv_into`, within the exchange's deadline and size."""
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
        """Write all of `data`; when that fails, the exchange tells whether any of it had left."""
        with memoryview(data).cast("B") as view:
            sent = 0
            while sent < len(view):
                sent += self.send(view[sent:], flags)


class GuardedTlsSocket(ssl.SSLSocket):
    """The same over TLS; `SSLContext.sslsocket_class` makes a context produce it."""

    exchange: Exchange

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        """Read like `SSLSocket.recv_into`, within the exchange's deadline and size."""
        self.settimeout(self.exchange.seconds_left())
        count = super().recv_into(buffer, _bounded(buffer, nbytes, self.exchange), flags)
        self.exchange.count_received(count)
        return count

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """Write like `SSLSocket.send`, within the exchange's deadline; `SSLSocket.sendall` writes by this."""
        self.settimeout(self.exchange.seconds_left())
        count = super().send(data, flags)
        self.exchange.sent_bytes += count
        return count


def _bounded(buffer: "WriteableBuffer", nbytes: int | None, exchange: Exchange) -> int:
    return min(nbytes or memoryview(buffer).nbytes, exchange.receivable_bytes())
