"""Functions called in this process as Lambda calls them, each with its own event of events/, adapted."""

import base64
import importlib
import json
import secrets
import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from latchhook import bootstrap
from tests.functions import environment  # noqa: F401  # before any function is imported

ROOT = Path(__file__).parents[2]

running: list[str] = []
"""The function that is being called."""

Caller = Mapping[str, str]
"""Who calls: the headers that say so."""

NOBODY: Caller = {}
_CREDENTIALS = ("authorization", "x-api-key")
_ABSENT: Any = object()


@cache
def modules() -> Mapping[str, str]:
    """The module of every function, by the function's name."""
    return {file.stem: f"{file.parent.name}.{file.stem}" for file in (ROOT / "functions").glob("*/*.py")}


def module(function: str) -> Any:
    """A function's module."""
    return importlib.import_module(modules()[function])


def start_anew() -> None:
    """From now on functions know nothing of what ran before, as in a new environment; AWS clients stay."""
    for value in vars(bootstrap).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
    for name in modules().values():
        sys.modules.pop(name, None)


def own_event(function: str) -> dict[str, Any]:
    """A function's event as it stands in events/."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{function}.json").read_text(encoding="utf-8"))
    return event


def endpoints() -> list[str]:
    """Every function that answers a route of its own and knows its callers."""
    others = {"get_openapi", "handle_unknown_route", "serve_console", "report_github_leaks", _AUTHORIZER}
    return sorted(name for name in modules() if "routeKey" in own_event(name) and name not in others)


_AUTHORIZER = "authorize_api_key"


def endpoint(function: str) -> Any:
    """The `Endpoint` of a function: its handler, or what its handler hands HTTP requests to."""
    loaded = module(function)
    return loaded.handler if hasattr(loaded.handler, "description") else getattr(loaded, function)


@dataclass(frozen=True)
class Context:
    """Lambda's context, as far as it is used."""

    millis_left: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.millis_left


@dataclass(frozen=True)
class Answered:
    """An endpoint's answer as API Gateway got it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The body's JSON."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """A problem's code."""
        assert self.headers["content-type"] == "application/problem+json", self
        return str(self.body["code"])

    @property
    def pointers(self) -> list[str]:
        """What a problem points at."""
        return [error["pointer"] for error in self.body["errors"]]

    @property
    def without_request_id(self) -> str:
        """All of it but what tells two requests apart."""
        return json.dumps([self.status, dict(self.headers), self.text.replace(self.body["requestId"], "")])


def invoke(function: str, event: Mapping[str, Any], *, millis_left: int = 30_000) -> Any:
    """What a function returns; it must be what Lambda's runtime can send on: JSON in UTF-8."""
    running.append(function)
    try:
        returned = module(function).handler(event, Context(millis_left))
    finally:
        running.pop()
    json.dumps(returned, ensure_ascii=False).encode()
    return returned


def call(
    function: str,
    caller: Caller = NOBODY,
    *,
    body: Any = _ABSENT,
    raw: bytes | None = None,
    object_id: object = None,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answered:
    """Calls an endpoint with its own event, in which only what is given is changed. `raw` stands for any body."""
    event = http_event(
        function, caller, body=body, raw=raw, object_id=object_id, path=path, query=query, headers=headers
    )
    returned = invoke(function, event)
    return Answered(returned["statusCode"], returned["headers"], returned.get("body", ""))


def http_event(
    function: str,
    caller: Caller,
    *,
    body: Any = _ABSENT,
    raw: bytes | None = None,
    object_id: object = None,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event of a call; see `call`."""
    event = deepcopy(own_event(function))
    kept = {name: value for name, value in event["headers"].items() if name not in _CREDENTIALS}
    event["headers"] = {**kept, **caller, **(headers or {})}
    event["requestContext"]["requestId"] = secrets.token_urlsafe(11) + "="
    if body is not _ABSENT:
        raw = json.dumps(body).encode()
    if raw is not None:
        _set_body(event, raw)
    named = {**({} if object_id is None else {"id": str(object_id)}), **(path or {})}
    for name, value in named.items():
        raw_path = event["rawPath"].replace(event["pathParameters"][name], value)
        event["rawPath"] = event["requestContext"]["http"]["path"] = raw_path
        event["pathParameters"] = {**event["pathParameters"], name: value}
    if query is not None:
        event["queryStringParameters"], event["rawQueryString"] = dict(query), urlencode(query)
    return event


def _set_body(event: dict[str, Any], raw: bytes) -> None:
    """As API Gateway does it: JSON and text as text, whatever bytes they are, everything else in base64."""
    event["headers"]["content-length"] = str(len(raw))
    media_type = event["headers"].setdefault("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.startswith("text/"):
        event["body"], event["isBase64Encoded"] = raw.decode("utf-8", "replace"), False
    else:
        event["body"], event["isBase64Encoded"] = base64.b64encode(raw).decode(), True
