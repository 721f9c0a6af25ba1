"""A small webhook receiver for the demo and the tests. It records every request. Each path has its own behaviour."""

import random
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as received. Header names are in lower case, and `received_at` is a Unix time in seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: float
    status: int  # of the response


@dataclass
class Behaviour:
    """The responses of one path: `statuses` in turn, the last of them repeated.

    With `failure_probability`, `rng` decides which requests fail with 500. Every response waits `delay_seconds` and has
    `headers` and `body`.
    """

    statuses: Sequence[int] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_seconds: float = 0
    failure_probability: float = 0
    rng: random.Random = field(default_factory=random.Random)

    def status_for(self, request_number: int) -> int:
        """Return the status for the path's request number 0, 1, 2, …"""
        if self.failure_probability and self.rng.random() < self.failure_probability:
            return 500
        return self.statuses[min(request_number, len(self.statuses) - 1)]


class Receiver:
    """Listens on a loopback port while the context lasts, a free one for 0. Any thread may call any method."""

    def __init__(self, port: int = 0) -> None:
        self._changed = Condition()
        self._requests: list[ReceivedRequest] = []
        self._behaviours: dict[str, Behaviour] = {}
        self._counts: dict[str, int] = {}
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.port = self._server.server_port
        self.base_url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str = "/") -> str:
        """Return the full URL of a path."""
        return self.base_url + path

    def response(self, path: str, behaviour: Behaviour) -> None:
        """Set the behaviour of a path and reset its count."""
        with self._changed:
            self._behaviours[path] = behaviour
            self._counts[path] = 0

    def requests(self, path: str | None = None) -> list[ReceivedRequest]:
        """Return the received requests of one path or of all paths, oldest first."""
        with self._changed:
            return [request for request in self._requests if path in {None, request.path}]

    def wait_for(self, count: int, timeout_seconds: float, path: str | None = None) -> list[ReceivedRequest]:
        """Return the requests when at least `count` have arrived. Raise TimeoutError if that takes too long."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests(path)) >= count, timeout_seconds):
                arrived = len(self.requests(path))
                raise TimeoutError(f"{arrived} of {count} requests arrived in {timeout_seconds} s")
            return self.requests(path)

    def clear(self) -> None:
        """Delete the recorded requests, but keep the behaviours."""
        with self._changed:
            self._requests.clear()

    def record(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Behaviour, int]:
        """Record a request. Return the path's behaviour and the status to send."""
        with self._changed:
            behaviour = self._behaviours.get(path, Behaviour())
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            status = behaviour.status_for(number)
            self._requests.append(ReceivedRequest(method, path, headers, body, time.time(), status))
            self._changed.notify_all()
        return behaviour, status


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], receiver: Receiver) -> None:
        self.receiver = receiver
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # Skips HTTPServer's look-up of this machine's full name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port of the last run
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing, because a sender may time out on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75
    wbufsize = -1

    def _receive(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        behaviour, status = self.server.receiver.record(self.command, self.path, headers, body)
        time.sleep(behaviour.delay_seconds)
        self.send_response_only(status)
        for name, value in behaviour.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(behaviour.body)))
        self.end_headers()
        self.wfile.write(behaviour.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _receive  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""
