"""Receivers on loopback that send exactly the bytes of a test, with a thread for each connection."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

Behaviour = Callable[["Conversation"], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Conversation:
    """One connection from the receiver's side."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock = sock
        self.number = number
        """The number of earlier connections."""
        self._rest = b""

    def read_request(self) -> bytes | None:
        """Return the next request with headers and body, or None when the client has closed the connection."""
        while b"\r\n\r\n" not in self._rest:
            if not self._read_more():
                return None
        head, _, _ = self._rest.partition(b"\r\n\r\n")
        length = len(head) + 4 + _content_length(head)
        while len(self._rest) < length:
            if not self._read_more():
                return None
        request, self._rest = self._rest[:length], self._rest[length:]
        return request

    def say(self, text: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(text)

    def drip(self, text: bytes, seconds_between: float) -> None:
        """Send one byte at a time while the client listens."""
        for position in range(len(text)):
            self.say(text[position : position + 1])
            time.sleep(seconds_between)

    def reset(self) -> None:
        """Close so that the client's system is notified immediately (RST instead of FIN)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def _read_more(self) -> bool:
        part = self.sock.recv(65536)
        self._rest += part
        return bool(part)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class RawReceiver:
    """Listens on a free port of 127.0.0.1 and runs `behaviour` for each connection."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Only a shutdown wakes a thread that waits in accept() or recv().
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(timeout=10)
        self._listener.close()

    def url(self, host: str = "127.0.0.1", scheme: str = "http", path: str = "/hook") -> str:
        """Return the receiver's URL with a host name that the test's resolver knows."""
        return f"{scheme}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number, self.connections = self.connections, self.connections + 1
            self._open.append(sock)
            thread = threading.Thread(target=self._converse, args=(sock, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _converse(self, sock: socket.socket, number: int) -> None:
        # Many tests are about a client that gives up or distrusts the certificate.
        with sock, contextlib.suppress(OSError):
            if self._tls is None:
                self._behaviour(Conversation(sock, number))
                return
            with self._tls.wrap_socket(sock, server_side=True) as secure:
                self._open.append(secure)
                self._behaviour(Conversation(secure, number))


def always_say(response: bytes, requests: list[bytes] | None = None) -> Behaviour:
    """Send the same response to every request and keep the connection open."""

    def behaviour(conversation: Conversation) -> None:
        while (request := conversation.read_request()) is not None:
            if requests is not None:
                requests.append(request)
            conversation.say(response)

    return behaviour


def say_and_close(response: bytes) -> Behaviour:
    """Respond to the first request and close the connection."""

    def behaviour(conversation: Conversation) -> None:
        if conversation.read_request() is not None:
            conversation.say(response)

    return behaviour


def say_nothing(conversation: Conversation) -> None:
    """Read every request without a response."""
    while conversation.read_request() is not None:
        pass
