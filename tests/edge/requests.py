"""HTTP requests in the form of API Gateway (payload format 2.0)."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def http_event(
    body: str | bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    route: str = "POST /things",
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a request event. A body of bytes is base64-encoded, as API Gateway encodes a body that it cannot read as
    text.
    """
    content_type = {} if body is None else {"content-type": "application/json"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": route.partition(" ")[2].replace("{id}", (path or {}).get("id", "{id}")),
        "headers": content_type | dict(headers or {}),
        "requestContext": {
            "requestId": "request-1",
            "http": {"method": route.partition(" ")[0], "sourceIp": "203.0.113.9"},
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    if path is not None:
        event["pathParameters"] = dict(path)
    if query is not None:
        event["queryStringParameters"], event["rawQueryString"] = dict(query), urlencode(query)
    return event
