"""Decides which callers may use the emulated AWS: only callers with this run's credentials, and no web pages.

A web page can reach loopback ports, and the emulator alone accepts the access key `test` and every `Origin`. This
module uses the standard library only, because `emulated_aws.py` is started by path.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

FRONT_HEADER = "x-latchhook-front"
"""The header with the run's secret on requests of the front, which checks Host and Origin itself."""

API_PATH = "/_aws/execute-api/"
HEALTH_PATH = "/_ministack/health"
WITHOUT_CREDENTIALS = (API_PATH, HEALTH_PATH, "/_ministack/lambda-code/")
"""The last is the `Code.Location` of a function, which is a presigned URL in AWS."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]


def host_name(host: str) -> str:
    """Return the name or address in a Host header, without port and brackets. Empty for a malformed header."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class Guard:
    """An ASGI application in front of the emulator's own.

    `access_key_of` reads a request's access key id from its headers and query. `is_known` returns whether the emulator
    issued the key, for example for a function's role.
    """

    def __init__(
        self,
        application: Application,
        *,
        secret: str,
        root_key: str,
        access_key_of: Callable[[Mapping[str, str], Mapping[str, list[str]]], str],
        is_known: Callable[[str], bool],
    ) -> None:
        self._application = application
        self._secret = secret.encode()
        self._root_key = root_key
        self._access_key_of = access_key_of
        self._is_known = is_known

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        """Forward a request or refuse it."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif self._is_from_front(scope):
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != FRONT_HEADER.encode()]
            await self._application({**scope, "headers": headers}, receive, send)
        elif reason := self._refusal(scope):
            await _refuse(send, reason)
        else:
            await self._application(scope, receive, _without_cors(send))

    def _is_from_front(self, scope: Scope) -> bool:
        sent = [value for name, value in scope["headers"] if name.lower() == FRONT_HEADER.encode()]
        is_front = len(sent) == 1 and hmac.compare_digest(sent[0], self._secret)
        return is_front and str(scope["path"]).startswith(API_PATH)

    def _refusal(self, scope: Scope) -> str | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if "origin" in headers or any(name.startswith("sec-fetch-") for name in headers):
            return "Web pages may not call the emulated AWS."
        if host_name(headers.get("host", "")) not in LOOPBACK:
            return "The emulated AWS accepts loopback host names only."
        path = str(scope["path"])
        if path.startswith(WITHOUT_CREDENTIALS):
            return None
        key = self._access_key_of(headers, parse_qs(scope.get("query_string", b"").decode("latin-1")))
        if key == self._root_key or (not path.startswith("/_") and self._is_known(key)):
            return None
        return "The access key is unknown. Use the credentials of this run in .local/aws.env."


def _without_cors(send: Send) -> Send:
    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            kept = [each for each in headers if not each[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return sent


async def _refuse(send: Send, reason: str) -> None:
    body = json.dumps({"__type": "AccessDeniedException", "message": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
