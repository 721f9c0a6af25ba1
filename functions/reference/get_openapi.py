"""GET /openapi.json: this API, described (OpenAPI 3.1)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latchhook import bootstrap
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.problems import problem_for
from latchhook.edge.query import check_query
from latchhook.edge.request import RawRequest

DOCUMENT = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")


@bootstrap.public_route
def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """The document as it was built; it is public."""
    request = RawRequest(event)
    try:
        check_query(request, {})
    except InvalidFieldsError as error:
        return problem_for(error).response(request.request_id)
    headers = {"content-type": "application/json", "cache-control": "public, max-age=300"}
    return {"statusCode": 200, "headers": headers, "body": DOCUMENT}
