"""One fixed base URL in front of the emulated API Gateway, whose own paths nobody should have to know."""

import errno
import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import ClassVar, Self

import urllib3

from local.errors import LocalStackError

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
MAX_BODY_BYTES = 10 * 1024 * 1024  # API Gateway's own limit
MAX_CONCURRENT_REQUESTS = 16  # each may start another function's process; more wait their turn
SIGN_IN_AS = "local/sign-in-as"
"""Where the console finds ready-made sessions, below the base URL; the product has no such path."""


class Front:
    """Listens on `port` (0 picks one), and from `forward_to` on hands every request to that address.

    `base_path` (`/api/v1`) is what an API mapping of a custom domain adds: part of the base URL, unknown behind it.
    """

    def __init__(self, port: int = 0, *, base_path: str = "") -> None:
        self._base_path = base_path
        self._resources = ExitStack()
        try:
            main = _LoopbackServer(("127.0.0.1", port), _Handler, bind_and_activate=False)
            self._resources.callback(main.server_close)
            main.server_bind()
            self.port = main.server_port
            self.servers = [main]
            if port and socket.has_dualstack_ipv6():  # a fixed port is for people, and `localhost` may be ::1
                self._add_ipv6(port)
        except OSError as error:
            self._resources.close()
            if error.errno == errno.EADDRINUSE:
                raise LocalStackError(
                    f"Port {port} is in use; end what uses it or choose another: PORT={port + 1} make run"
                ) from None
            raise
        self.base_url = (f"http://localhost:{port}" if port else f"http://127.0.0.1:{self.port}") + base_path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def forward_to(self, upstream_url: str, *, sessions: Callable[[], object] | None = None) -> None:
        """Start answering: `/path` is answered by `<upstream_url>/path`, and SIGN_IN_AS by what `sessions` gives."""
        for server in self.servers:
            server.upstream_url = upstream_url
            server.sessions = sessions
            server.base_path = self._base_path
            server.server_activate()
            self._resources.callback(server.upstream.clear)
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            self._resources.callback(thread.join)
            self._resources.callback(server.shutdown)

    def _add_ipv6(self, port: int) -> None:
        server = _LoopbackServer(("::1", port), _Handler, bind_and_activate=False, family=socket.AF_INET6)
        self._resources.callback(server.server_close)
        try:
            server.server_bind()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise
            return  # a machine whose loopback has no IPv6
        self.servers.append(server)


class _LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    upstream_url: str
    sessions: Callable[[], object] | None
    base_path: str

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        *,
        bind_and_activate: bool,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> None:
        self.address_family = family
        self.upstream = urllib3.PoolManager(
            maxsize=MAX_CONCURRENT_REQUESTS,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=5, read=60),
        )
        super().__init__(address, handler, bind_and_activate)

    def server_bind(self) -> None:
        # Without HTTPServer's look-up of this machine's full name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet about callers that hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _LoopbackServer
    protocol_version = "HTTP/1.1"
    timeout = 75
    disable_nagle_algorithm: ClassVar[bool] = True
    wbufsize = -1  # one packet per answer

    def _forward(self) -> None:
        try:
            body = self._read_body()
        except ValueError:
            self.close_connection = True
            self._problem(400, "malformed_request", "Bad Request", "How long the body is can't be read.")
            return
        if body is None:
            self.close_connection = True
            self._problem(413, "payload_too_large", "Content Too Large", "A body has at most 10 MiB.")
            return
        path = self._mapped_path()
        if path is None:
            self._problem(404, "not_mapped", "Not Found", f"The API is at {self.server.base_path}.")
            return
        if self.server.sessions and (self.command, path) == ("GET", f"/{SIGN_IN_AS}"):
            headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
            self._send(200, headers, json.dumps(self.server.sessions()).encode())
            return
        try:
            answer = self.server.upstream.request(
                self.command,
                self.server.upstream_url + path,
                body=body or None,
                headers=self._upstream_headers(),
                redirect=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError:
            detail = "The local stack's emulated AWS doesn't answer."
            self._problem(502, "emulator_unavailable", "Bad Gateway", detail)
            return
        self._send(answer.status, list(self._end_to_end(iter(answer.headers.iteritems()))), answer.data)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward  # noqa: N815

    def _mapped_path(self) -> str | None:
        """The path as the API knows it, or None if it is not below the base path."""
        base_path = self.server.base_path
        rest = self.path.removeprefix(base_path)
        if base_path and (rest == self.path or rest[:1] not in {"", "/", "?"}):
            return None
        return rest

    def _read_body(self) -> bytes | None:
        """The request's body, or None if it is too large. ValueError if its framing is broken."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        length = int(self.headers.get("Content-Length", "0"))
        if length < 0:
            raise ValueError("Content-Length is negative.")
        if length > MAX_BODY_BYTES:
            return None
        return self.rfile.read(length)

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            if len(body) + size > MAX_BODY_BYTES:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(8192).strip():
            pass  # trailers
        return bytes(body)

    def _upstream_headers(self) -> urllib3.HTTPHeaderDict:
        """The request's own headers, and none of the client library's."""
        headers = urllib3.HTTPHeaderDict(self._end_to_end(iter(self.headers.items())))
        for name in ("Accept-Encoding", "User-Agent"):
            headers.setdefault(name, urllib3.util.SKIP_HEADER)
        return headers

    @staticmethod
    def _end_to_end(headers: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in headers if name.lower() not in HOP_BY_HOP)

    def _problem(self, status: int, code: str, title: str, detail: str) -> None:
        document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
        self._send(status, [("Content-Type", "application/problem+json")], json.dumps(document).encode())

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD" and status not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay quiet: the functions log what matters."""
