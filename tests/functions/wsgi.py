"""The functions as a WSGI application, as API Gateway routes requests to them: for tools that speak HTTP."""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.functions.calls import http_event, invoke, openapi_document
from tests.template_tables import snake_case

UNKNOWN = "handle_unknown_route"


def application(
    environ: Mapping[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Answers one request by the function of its route."""
    function, variables = _route(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) if environ.get("CONTENT_LENGTH") else b""
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    event = http_event(function, {}, raw=raw or None, query=query or None, headers=headers)
    event["headers"] = headers
    event["rawPath"] = event["requestContext"]["http"]["path"] = environ["PATH_INFO"]
    event["requestContext"]["http"]["method"] = environ["REQUEST_METHOD"]
    if variables:
        event["pathParameters"] = variables
    if not raw:
        event.pop("body", None)
    response = invoke(function, event)
    start_response(
        f"{response['statusCode']} {HTTPStatus(response['statusCode']).phrase}", list(response["headers"].items())
    )
    body = response.get("body", "")
    return [base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()]


def _route(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The function of a request, and the variables of its path. A path without variables wins."""
    for pattern, functions in _patterns():
        match = pattern.fullmatch(path)
        if match and method in functions:
            return functions[method], match.groupdict()
    return UNKNOWN, {}


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    paths = sorted(openapi_document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [
        (
            re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)),
            {method.upper(): snake_case(operation["operationId"]) for method, operation in methods.items()},
        )
        for path, methods in paths
    ]
