"""Calls of functions in this process, as Lambda makes them. Each call adapts the example event in events/."""

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

from tests.functions import environment  # noqa: F401  # before any function is imported
from tests.template_tables import snake_case

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, eq=False)
class Invocation:
    """A call of a function. `records` is the number of records in its event, 0 if it is no batch."""

    function: str
    records: int


running: list[Invocation] = []
"""The invocations that run now, innermost last."""

Caller = Mapping[str, str]
"""The headers that identify the caller."""

NOBODY: Caller = {}
_CREDENTIALS = ("authorization", "x-api-key")
_ABSENT: Any = object()


@cache
def modules() -> Mapping[str, str]:
    """Return the module name of every function by function name."""
    return {file.stem: f"{file.parent.name}.{file.stem}" for file in (ROOT / "functions").glob("*/*.py")}


def module(function: str) -> Any:
    """Import the module of a function."""
    return importlib.import_module(modules()[function])


def start_anew() -> None:
    """Reset everything that functions keep between calls, as in a new Lambda environment. AWS clients are kept."""
    for name, loaded in list(sys.modules.items()):
        if name.startswith("latchhook.bootstrap."):
            for value in vars(loaded).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
    for name in modules().values():
        sys.modules.pop(name, None)


def own_event(function: str) -> dict[str, Any]:
    """Read the example event of a function from events/."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{function}.json").read_text(encoding="utf-8"))
    return event


def endpoints() -> list[str]:
    """Return every function with a route that authenticates its callers."""
    others = {"get_openapi", "handle_unknown_route", "serve_console", "report_github_leaks", _AUTHORIZER, *OF_CLIENTS}
    return sorted(name for name in modules() if "routeKey" in own_event(name) and name not in others)


_AUTHORIZER = "authorize_api_key"
OF_CLIENTS = {
    "authorize", "create_token", "get_authorization_server_metadata", "get_protected_resource_metadata",
    "introspect_token", "revoke_token",
}  # fmt: skip
"""The functions of the OAuth protocol. They have no caller, or a client that authenticates itself."""


def endpoint(function: str) -> Any:
    """Return the `Endpoint` of a function: its handler, or the object to which its handler passes HTTP requests."""
    loaded = module(function)
    return loaded.handler if hasattr(loaded.handler, "description") else getattr(loaded, function)


@dataclass(frozen=True)
class Context:
    """The parts of Lambda's context that functions use."""

    millis_left: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.millis_left


@dataclass(frozen=True)
class Answered:
    """The response of an endpoint, as API Gateway receives it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The parsed JSON body."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a problem document."""
        assert self.headers["content-type"] == "application/problem+json", self
        return str(self.body["code"])

    @property
    def pointers(self) -> list[str]:
        """The pointers of a problem document."""
        return [error["pointer"] for error in self.body["errors"]]

    @property
    def without_request_id(self) -> str:
        """The response without its request id, for comparison."""
        return json.dumps([self.status, dict(self.headers), self.text.replace(self.body["requestId"], "")])


def invoke(function: str, event: Mapping[str, Any], *, millis_left: int = 30_000) -> Any:
    """Call a function and return its result. Fail if the result is not JSON in UTF-8, as Lambda's runtime requires."""
    running.append(Invocation(function, len(event.get("Records", []))))
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
    """Call an endpoint with its example event, changed only by the arguments. `raw` is a body of any bytes."""
    event = http_event(
        function, caller, body=body, raw=raw, object_id=object_id, path=path, query=query, headers=headers
    )
    returned = invoke(function, event)
    answered = Answered(returned["statusCode"], returned["headers"], returned.get("body", ""))
    _check_code_is_documented(function, answered)
    return answered


def _check_code_is_documented(function: str, answered: Answered) -> None:
    """openapi.json lists the code of every problem document under the operation that answers it."""
    listed = documented_codes().get(function)
    if listed is not None and answered.headers.get("content-type") == "application/problem+json":
        assert answered.code in listed, f"{function}: openapi.json does not list {answered.code}"


@cache
def openapi_document() -> dict[str, Any]:
    """openapi.json as it is checked in."""
    document: dict[str, Any] = json.loads((ROOT / "functions/reference/openapi.json").read_text(encoding="utf-8"))
    return document


@cache
def documented_codes() -> Mapping[str, set[str]]:
    """The codes that openapi.json lists, by the function's name."""
    operations = [operation for methods in openapi_document()["paths"].values() for operation in methods.values()]
    return {snake_case(operation["operationId"]): set(operation["x-problem-codes"]) for operation in operations}


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
    """Return the event of a call. See `call`."""
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
    """Set the body as API Gateway does: JSON and text as text, even if they are not UTF-8, and all else in base64."""
    event["headers"]["content-length"] = str(len(raw))
    media_type = event["headers"].setdefault("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.startswith("text/"):
        event["body"], event["isBase64Encoded"] = raw.decode("utf-8", "replace"), False
    else:
        event["body"], event["isBase64Encoded"] = base64.b64encode(raw).decode(), True
