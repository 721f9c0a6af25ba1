"""GET /openapi.json: return the OpenAPI 3.1 description of this API, with a gzip variant and entity tags."""

import base64
import gzip
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from latchhook.bootstrap.public_routes import public_route
from latchhook.edge.content_codings import accepts
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.problems import problem_for
from latchhook.edge.query import check_query
from latchhook.edge.request import RawRequest

# Compressed once per environment: 340 KB become about 40 KB. mtime=0 gives every environment the same bytes.
DOCUMENT = Path(__file__).with_name("openapi.json").read_bytes()
COMPRESSED = gzip.compress(DOCUMENT, mtime=0)
DIGEST = sha256(DOCUMENT).hexdigest()[:32]
ETAGS = {"": f'"{DIGEST}"', "gzip": f'"{DIGEST}-gzip"'}
"""One strong tag per coding (RFC 9110, 8.8.3.3)."""


@public_route
def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Return the document, or 304 if the client has this version."""
    request = RawRequest(event)
    try:
        check_query(request, {})
    except InvalidFieldsError as error:
        return problem_for(error).to_lambda(request.request_id)
    coding = "gzip" if accepts(request.header("accept-encoding") or "", "gzip") else ""
    headers = {"etag": ETAGS[coding], "cache-control": "public, max-age=300", "vary": "accept-encoding"}
    if _is_current(request.header("if-none-match") or ""):
        return {"statusCode": 304, "headers": headers}
    headers["content-type"] = "application/json"
    if not coding:
        return {"statusCode": 200, "headers": headers, "body": DOCUMENT.decode()}
    body = base64.b64encode(COMPRESSED).decode()
    return {
        "statusCode": 200,
        "headers": {**headers, "content-encoding": coding},
        "body": body,
        "isBase64Encoded": True,
    }


def _is_current(if_none_match: str) -> bool:
    """Return whether If-None-Match names this version, in any coding, by weak comparison (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or not tags.isdisjoint(ETAGS.values())
