"""Web pages and callers without credentials cannot use the emulated AWS."""

import asyncio
from collections.abc import Coroutine, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.emulator_guard import FRONT_HEADER, Guard

SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260501/us-east-1/s3/aws4_request"
CALL = {"host": "127.0.0.1:4566", "authorization": SIGNED.format("LOCAL1")}


def access_key_of(headers: Mapping[str, str], query: Mapping[str, list[str]]) -> str:
    (sent,) = query.get("X-Amz-Credential", [headers.get("authorization", "")])
    return sent.partition("Credential=")[2].partition("/")[0] if "Credential=" in sent else sent.partition("/")[0]


def _run(call: Coroutine[Any, Any, None]) -> None:
    """Run the call in a thread of its own. In this process, a browser of other tests can have a running event loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, call).result()


def send_request(
    headers: Mapping[str, str], path: str = "/", query: str = ""
) -> tuple[int, dict[str, str], dict[str, str]]:
    """Return the status, the response's headers, and the headers that the emulator received."""
    received: dict[str, str] = {}
    messages: list[MutableMapping[str, Any]] = []

    async def emulator(scope: Any, _receive: Any, send: Any) -> None:
        received.update({name.decode(): value.decode() for name, value in scope["headers"]})
        response = [(b"Access-Control-Allow-Origin", b"*"), (b"x-amzn-requestid", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": response})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    guard = Guard(
        emulator, secret="s3cret", root_key="LOCAL1", access_key_of=access_key_of, is_known={"ASIA1"}.__contains__
    )
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": raw}
    _run(guard(scope, None, send))
    return (
        messages[0]["status"],
        {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]},
        received,
    )


@pytest.mark.parametrize("key", ["LOCAL1", "ASIA1"])
def test_credentials_of_this_run_are_accepted(key: str) -> None:
    assert send_request({**CALL, "authorization": SIGNED.format(key)})[0] == 200


@pytest.mark.parametrize("key", ["test", "123456789012", "ASIA2", ""])
def test_other_access_keys_are_refused(key: str) -> None:
    assert send_request({**CALL, "authorization": SIGNED.format(key)})[0] == 403
    assert (
        send_request({"host": "localhost"}, query=f"X-Amz-Credential={key}/20260501/us-east-1/s3/aws4_request")[0]
        == 403
    )


@pytest.mark.parametrize("path", ["/", "/_ministack/reset", "/_ministack/health", "/_aws/execute-api/a1/$default/"])
@pytest.mark.parametrize(
    "page",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example"},
    ],
)
def test_web_pages_are_refused_even_with_credentials(page: Mapping[str, str], path: str) -> None:
    assert send_request({**CALL, **page}, path)[0] == 403


@pytest.mark.parametrize("key", ["ASIA1", ""])
def test_emulator_administration_requires_the_root_key(key: str) -> None:
    assert send_request({**CALL, "authorization": SIGNED.format(key)}, "/_ministack/reset")[0] == 403
    assert send_request(CALL, "/_ministack/reset")[0] == 200


@pytest.mark.parametrize("path", ["health", "lambda-code/a", "../_aws/execute-api/a1/$default/api-keys"])
def test_health_code_links_and_the_api_need_no_credentials(path: str) -> None:
    assert send_request({"host": "127.0.0.1"}, f"/_ministack/{path}".replace("/_ministack/../", "/"))[0] == 200


def test_cors_headers_of_the_emulator_are_removed() -> None:
    assert send_request(CALL)[1] == {"x-amzn-requestid": "1"}


def test_front_forwards_page_requests_to_the_api_only() -> None:
    page = {"host": "localhost:8787", "origin": "http://localhost:3000", FRONT_HEADER: "s3cret"}
    status, headers, received = send_request(page, "/_aws/execute-api/a1/$default/api-keys")
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert received == {"host": "localhost:8787", "origin": "http://localhost:3000"}
    assert send_request(page, "/_ministack/reset")[0] == 403
    assert send_request({**page, FRONT_HEADER: "guess"}, "/_aws/execute-api/a1/$default/api-keys")[0] == 403


def test_websockets_are_closed() -> None:
    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    async def emulator(*_: Any) -> None:
        raise AssertionError

    guard = Guard(emulator, secret="s", root_key="k", access_key_of=access_key_of, is_known=bool)
    _run(guard({"type": "websocket", "path": "/", "headers": []}, None, send))
    assert [message["type"] for message in messages] == ["websocket.close"]
