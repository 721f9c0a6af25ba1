"""The front forwards requests and responses unchanged, and refuses malformed and foreign requests."""

import json
import socket
from collections.abc import Iterator

import pytest
import requests

from local.emulator_guard import FRONT_HEADER
from local.errors import LocalStackError
from local.front import MAX_BODY_BYTES, SIGN_IN_AS, Front
from local.receiver import Behaviour, Receiver


@pytest.fixture
def upstream() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def front(upstream: Receiver) -> Iterator[Front]:
    with Front() as running:
        running.forward_to(f"{upstream.base_url}/_aws/execute-api/a1/$default")
        yield running


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_method_path_query_and_body_are_forwarded_unchanged(front: Front, upstream: Receiver, method: str) -> None:
    requests.request(method, f"{front.base_url}/api-keys/a%20b?x=%2F&y", data=b"\xff\xfe{", timeout=120)
    (request,) = upstream.requests()
    assert (request.method, request.body) == (method, b"\xff\xfe{")
    assert request.path == "/_aws/execute-api/a1/$default/api-keys/a%20b?x=%2F&y"


@pytest.mark.parametrize("sent", [b"", b"X-Forwarded-Proto: https\r\n"], ids=["no scheme", "wrong scheme"])
def test_headers_are_forwarded_with_the_scheme(front: Front, upstream: Receiver, sent: bytes) -> None:
    response = exchange(front, b"GET / HTTP/1.1\r\nHost: localhost:8787\r\nX-Api-Key: secret\r\n" + sent + b"\r\n")
    assert response.startswith(b"HTTP/1.1 200 ")
    forwarded = {"host": "localhost:8787", "x-api-key": "secret", "x-forwarded-proto": "http"}
    assert dict(upstream.requests()[0].headers) == forwarded


def test_chunked_body_is_forwarded_completely(front: Front, upstream: Receiver) -> None:
    requests.post(front.base_url, data=iter([b"one", b"two"]), timeout=120)
    assert upstream.requests()[0].body == b"onetwo"


def test_response_is_returned_unchanged(front: Front, upstream: Receiver) -> None:
    path = "/_aws/execute-api/a1/$default/"
    upstream.response(path, Behaviour(statuses=[429], headers={"Retry-After": "7"}, body=b"\xff"))
    response = requests.get(front.base_url, timeout=120)
    assert (response.status_code, response.headers["Retry-After"], response.content) == (429, "7", b"\xff")


def test_ready_made_sessions_are_created_on_request_by_the_front(upstream: Receiver) -> None:
    made = iter(["first", "second"])
    with Front(base_path="/api/v1") as front:
        front.forward_to(upstream.base_url, sessions=lambda: [{"token": next(made)}])
        for token in ("first", "second"):
            response = requests.get(f"{front.base_url}/{SIGN_IN_AS}", timeout=120)
            assert (response.json(), response.headers["Cache-Control"]) == ([{"token": token}], "no-store")
        assert upstream.requests() == []
        requests.post(f"{front.base_url}/{SIGN_IN_AS}", timeout=120)
        assert [request.method for request in upstream.requests()] == ["POST"]


def test_sign_in_path_belongs_to_the_api_without_ready_made_sessions(front: Front, upstream: Receiver) -> None:
    requests.get(f"{front.base_url}/{SIGN_IN_AS}", timeout=120)
    assert len(upstream.requests()) == 1


def test_base_path_is_removed_like_an_api_mapping(upstream: Receiver) -> None:
    with Front(base_path="/api/v1") as front:
        front.forward_to(upstream.base_url)
        assert front.base_url.endswith(f":{front.port}/api/v1")
        for path in ("/api-keys?limit=2", "", "?x=/api/v1"):
            assert requests.get(front.base_url + path, timeout=120).status_code == 200
        for path in ("/api-keys", "/", "/api/v10/api-keys"):
            outside = requests.get(f"http://127.0.0.1:{front.port}{path}", timeout=120)
            assert (outside.status_code, outside.json()["code"]) == (404, "not_mapped")
    assert [request.path for request in upstream.requests()] == ["/api-keys?limit=2", "/", "/?x=/api/v1"]


def test_unavailable_emulator_is_a_problem_document() -> None:
    with Receiver() as gone:
        pass
    with Front() as front:
        front.forward_to(gone.base_url)
        response = requests.get(front.base_url, timeout=120)
    assert response.status_code == 502
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "emulator_unavailable"


@pytest.mark.parametrize(
    "framing", [b"Content-Length: -1", b"Content-Length: x", b"Transfer-Encoding: chunked\r\n\r\nz"]
)
def test_body_of_unknown_length_is_refused(front: Front, upstream: Receiver, framing: bytes) -> None:
    response = exchange(front, b"POST / HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 400 ")
    assert upstream.requests() == []


def test_body_over_api_gateways_limit_is_refused(front: Front, upstream: Receiver) -> None:
    announced = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    assert exchange(front, announced.encode()).startswith(b"HTTP/1.1 413 ")
    assert upstream.requests() == []


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "["])
def test_host_that_is_not_loopback_is_refused(front: Front, upstream: Receiver, host: str) -> None:
    response = exchange(front, f"GET /api-keys HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert problem_of(response) == (421, "unknown_host")
    assert upstream.requests() == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8787", "[::1]:8787"])
def test_loopback_hosts_are_accepted_with_any_port(front: Front, host: str) -> None:
    assert exchange(front, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", ""])
def test_page_of_foreign_origin_is_refused(front: Front, upstream: Receiver, origin: str) -> None:
    response = requests.post(front.base_url, headers={"Origin": origin}, timeout=10)
    assert (response.status_code, response.json()["code"]) == (403, "origin_not_allowed")
    assert upstream.requests() == []


def test_page_of_loopback_or_allowed_origin_is_accepted(upstream: Receiver) -> None:
    with Front() as front:
        front.forward_to(upstream.base_url, allowed_origins=["https://app.example.com"])
        for origin in ("http://localhost:3000", "http://[::1]:1", "https://app.example.com"):
            assert requests.get(front.base_url, headers={"Origin": origin}, timeout=10).status_code == 200
        assert requests.get(front.base_url, headers={"Origin": "https://app.example"}, timeout=10).status_code == 403


@pytest.mark.parametrize(
    "page",
    [{"Origin": "http://localhost:3000"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_page_of_another_port_gets_no_session(upstream: Receiver, page: dict[str, str]) -> None:
    with Front() as front:
        front.forward_to(upstream.base_url, sessions=lambda: [{"token": "first"}])
        response = requests.get(f"{front.base_url}/{SIGN_IN_AS}", headers=page, timeout=10)
        assert (response.status_code, response.json()["code"]) == (403, "origin_not_allowed")
        own = {"Origin": front.base_url, "Sec-Fetch-Site": "same-origin"}
        assert requests.get(f"{front.base_url}/{SIGN_IN_AS}", headers=own, timeout=10).json() == [{"token": "first"}]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/x\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /?" + b"x" * 10_240 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /?" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 10_240 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: x\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_malformed_http_gets_a_problem_document(
    front: Front, upstream: Receiver, request_bytes: bytes, status: int
) -> None:
    assert problem_of(exchange(front, request_bytes))[0] == status
    assert upstream.requests() == []


def test_absolute_request_target_must_be_loopback(front: Front, upstream: Receiver) -> None:
    response = exchange(front, b"GET http://localhost:8787/a?b=://c HTTP/1.1\r\nHost: other.example\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 200 ")
    assert upstream.requests()[0].path == "/_aws/execute-api/a1/$default/a?b=://c"
    response = exchange(front, b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert problem_of(response) == (421, "unknown_host")


def test_dot_segments_do_not_leave_the_api(front: Front, upstream: Receiver) -> None:
    exchange(front, b"GET /../../../../_ministack/reset HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert upstream.requests()[0].path.startswith("/_aws/execute-api/a1/$default/")


def test_api_gateways_own_errors_become_problem_documents(front: Front, upstream: Receiver) -> None:
    path = "/_aws/execute-api/a1/$default/"
    upstream.response(path, Behaviour(statuses=[500], body=b'{"message": "Internal Server Error"}'))
    response = requests.get(front.base_url, timeout=10)
    assert (response.status_code, response.json()["code"]) == (500, "gateway_error")
    upstream.response(path, Behaviour(statuses=[400], body=b'{"error": "invalid_grant"}'))
    assert requests.get(front.base_url, timeout=10).json() == {"error": "invalid_grant"}


def test_front_sends_its_secret_to_the_emulators_guard(upstream: Receiver) -> None:
    with Front() as front:
        front.forward_to(upstream.base_url, secret="s3cret")
        requests.get(front.base_url, timeout=10)
    assert upstream.requests()[0].headers[FRONT_HEADER] == "s3cret"


def test_port_in_use_is_reported_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalStackError, match=rf"Port {port} is in use\. .* PORT={port + 1} make run"):
            Front(port)


def test_it_listens_on_loopback_only() -> None:
    with Front() as front:
        assert {server.server_address[0] for server in front.servers} <= {"127.0.0.1", "::1"}


def problem_of(response: bytes) -> tuple[int, str]:
    """Return status and code of a problem document."""
    head, _, body = response.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    document = json.loads(body)
    assert head.split(b" ")[1] == str(document["status"]).encode()
    assert {"type", "title", "detail", "requestId"} < set(document)
    return document["status"], document["code"]


def exchange(front: Front, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", front.port), timeout=120) as connection:
        connection.sendall(request)
        connection.settimeout(10)
        response = b""
        while b"\r\n\r\n" not in response and (part := connection.recv(65536)):
            response += part
        return response
