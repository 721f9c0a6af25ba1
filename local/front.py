"""One fixed base URL in front of the emulated API Gateway.

It accepts loopback host names only, so that a web page cannot reach it under its own name (DNS rebinding). Requests
from web pages pass if their origin is the front's own, another loopback origin, or one of the stack's `AllowedOrigins`.
Every refusal is a problem document.
"""

import errno
import json
import socket
import sys
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import urllib3

from local.emulator_guard import FRONT_HEADER, LOOPBACK, host_name
from local.errors import LocalStackError

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
MAX_BODY_BYTES = 10 * 1024 * 1024  # API Gateway's limit
MAX_HEAD_BYTES = 10_240  # API Gateway's limit for request line and headers
MAX_CONCURRENT_REQUESTS = 16  # each may start a process of a function; further requests wait
PROBLEM = "application/problem+json"
SIGN_IN_AS = "local/sign-in-as"
"""The path below the base URL where the console finds ready-made sessions. The product has no such path."""


class Front:
    """Listens on `port`, or on a free port for 0. `forward_to` starts forwarding requests.

    `base_path` (`/api/v1`) imitates the API mapping of a custom domain. It is part of the base URL, and the API does
    not see it.
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
                    f"Port {port} is in use. End that program, or choose another port: PORT={port + 1} make run"
                ) from None
            raise
        self.base_url = (f"http://localhost:{port}" if port else f"http://127.0.0.1:{self.port}") + base_path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def forward_to(
        self,
        upstream_url: str,
        *,
        secret: str = "",
        sessions: Callable[[], object] | None = None,
        allowed_origins: Collection[str] = (),
    ) -> None:
        """Forward `/path` to `<upstream_url>/path`, and answer SIGN_IN_AS with the result of `sessions`.

        `secret` authenticates the front to the emulator's guard. Pages of `allowed_origins` may call the API.
        """
        upstream = urlsplit(upstream_url)
        for server in self.servers:
            server.upstream = urllib3.HTTPConnectionPool(
                str(upstream.hostname),
                upstream.port,
                maxsize=MAX_CONCURRENT_REQUESTS,
                block=True,
                retries=False,
                timeout=urllib3.Timeout(connect=5, read=60),
            )
            server.upstream_path = upstream.path
            server.secret = secret
            server.sessions = sessions
            server.allowed_origins = frozenset(allowed_origins)
            server.base_path = self._base_path
            server.server_activate()
            self._resources.callback(server.upstream.close)
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
            return  # the machine's loopback interface has no IPv6
        self.servers.append(server)


class _LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    upstream: urllib3.HTTPConnectionPool
    upstream_path: str
    secret: str
    sessions: Callable[[], object] | None
    allowed_origins: frozenset[str]
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
        super().__init__(address, handler, bind_and_activate)

    def server_bind(self) -> None:
        # Skips HTTPServer's look-up of this machine's full name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing about callers that close the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _RefusedError(Exception):
    """The front refuses the request with a problem document."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def _unknown_length() -> _RefusedError:
    return _RefusedError(400, "malformed_request", "The length of the body is missing or invalid.")


def _too_large() -> _RefusedError:
    return _RefusedError(413, "content_too_large", "The body is larger than 10 MiB.")


class _Handler(BaseHTTPRequestHandler):
    server: _LoopbackServer
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # a request line without a version also gets a response with a status line
    timeout = 75
    disable_nagle_algorithm: ClassVar[bool] = True
    wbufsize = -1  # one packet per response

    def __getattr__(self, name: str) -> Any:
        """Accept every method. The API refuses the methods that it does not have."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        try:
            self._check_size()
            self._check_host()
            self._check_origin()
            path = self._mapped_path()
            body = self._read_body()
        except _RefusedError as refused:
            self.close_connection = True  # the body may be unread
            self._problem(refused.status, refused.code, refused.detail)
            return
        if self.server.sessions and (self.command, path) == ("GET", f"/{SIGN_IN_AS}"):
            self._answer_sessions(self.server.sessions)
            return
        self._forward(path, body)

    def _answer_sessions(self, sessions: Callable[[], object]) -> None:
        """Send ready-made sessions to the front's own pages and to programs, but not to pages of other origins."""
        own = f"http://{self.headers['Host']}"
        if self.headers.get("Origin", own) != own or self.headers.get("Sec-Fetch-Site", "none") not in {
            "none",
            "same-origin",
        }:
            self._problem(403, "origin_not_allowed", "Only pages of the local stack itself get a session.")
            return
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        self._send(200, headers, json.dumps(sessions()).encode())

    def _forward(self, path: str, body: bytes) -> None:
        try:
            response = self.server.upstream.urlopen(
                self.command,
                self.server.upstream_path + path,
                body=body or None,
                headers=self._upstream_headers(),
                redirect=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError:
            self._problem(502, "emulator_unavailable", "The local stack's emulated AWS does not respond.")
            return
        if _is_of_the_gateway(response):
            self._problem(response.status, "gateway_error", "The emulated API Gateway failed before it called the API.")
            return
        self._send(response.status, list(self._end_to_end(iter(response.headers.iteritems()))), response.data)

    def _check_size(self) -> None:
        if len(self.raw_requestline) > MAX_HEAD_BYTES:
            raise _RefusedError(414, "uri_too_long", "The request line is longer than 10,240 bytes.")
        if len(self.raw_requestline) + len(str(self.headers)) > MAX_HEAD_BYTES:
            raise _RefusedError(431, "headers_too_large", "Request line and headers are longer than 10,240 bytes.")

    def _check_host(self) -> None:
        """Accept loopback host names only, including the absolute form of the target (RFC 9112, 3.2.2)."""
        if "://" in self.path.partition("?")[0]:
            target = urlsplit(self.path)
            self.headers.replace_header("Host", target.netloc)
            self.path = target._replace(scheme="", netloc="").geturl() or "/"
        if not self.path.startswith("/"):
            raise _RefusedError(400, "malformed_request", "The target of the request must begin with a slash.")
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1:
            raise _RefusedError(400, "malformed_request", "The request must have exactly one Host header.")
        if host_name(hosts[0]) not in LOOPBACK:
            raise _RefusedError(
                421, "unknown_host", "The local stack accepts the hosts localhost, 127.0.0.1 and [::1] only."
            )

    def _check_origin(self) -> None:
        for origin in self.headers.get_all("Origin", []):
            is_loopback = host_name(origin.partition("://")[2]) in LOOPBACK
            if not is_loopback and not {origin, "*"} & self.server.allowed_origins:
                raise _RefusedError(403, "origin_not_allowed", "The origin is not in the stack's AllowedOrigins.")

    def _mapped_path(self) -> str:
        """Return the path without the base path."""
        base_path = self.server.base_path
        rest = self.path.removeprefix(base_path)
        if base_path and (rest == self.path or rest[:1] not in {"", "/", "?"}):
            raise _RefusedError(404, "not_mapped", f"The API is at {base_path}.")
        return rest if rest.startswith("/") else "/" + rest

    def _read_body(self) -> bytes:
        try:
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                return self._read_chunks()
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            raise _unknown_length() from None
        if length < 0:
            raise _unknown_length()
        if length > MAX_BODY_BYTES:
            raise _too_large()
        return self.rfile.read(length)

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            if len(body) + size > MAX_BODY_BYTES:
                raise _too_large()
            body += self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(8192).strip():
            pass  # trailers
        return bytes(body)

    def _upstream_headers(self) -> urllib3.HTTPHeaderDict:
        """Return the request's headers without those of the client library.

        As API Gateway does, the front replaces `X-Forwarded-Proto` by the scheme of the request.
        """
        headers = urllib3.HTTPHeaderDict(self._end_to_end(iter(self.headers.items())))
        headers["X-Forwarded-Proto"] = "http"
        for name in ("Accept-Encoding", "User-Agent"):
            headers.setdefault(name, urllib3.util.SKIP_HEADER)
        if self.server.secret:
            headers[FRONT_HEADER] = self.server.secret
        return headers

    @staticmethod
    def _end_to_end(headers: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in headers if name.lower() not in HOP_BY_HOP)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse malformed HTTP with a problem document instead of the base class's page."""
        self.close_connection = True
        status = HTTPStatus(code)
        codes = {400: "malformed_request", 414: "uri_too_long", 431: "headers_too_large", 505: "http_version"}
        detail = {
            414: "The request line is too long.",
            431: "The request has too many headers, or a header is too long.",
        }
        self._problem(code, codes.get(code, "malformed_request"), detail.get(code, f"{status.phrase}."))

    def _problem(self, status: int, code: str, detail: str) -> None:
        document = {
            "type": f"urn:latchhook:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "code": code,
            "requestId": str(uuid.uuid4()),
        }
        headers = [("Content-Type", PROBLEM), ("Cache-Control", "no-store")]
        if self.close_connection:
            headers.append(("Connection", "close"))
        self._send(status, headers, json.dumps(document).encode())

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
        """Log nothing, because the functions log requests."""


def _is_of_the_gateway(response: urllib3.BaseHTTPResponse) -> bool:
    """Return whether the emulator's API Gateway itself refused or failed, in its format `{"message": ...}`."""
    if response.status < 400 or response.headers.get("Content-Type", "") == PROBLEM:
        return False
    if not response.data:
        return "Content-Type" not in response.headers
    try:
        document = json.loads(response.data)
    except ValueError:
        return False
    return isinstance(document, dict) and {*document} <= {"message", "Message", "__type"}
