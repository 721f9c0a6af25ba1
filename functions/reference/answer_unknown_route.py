"""Any other path or method: a problem document too, where API Gateway would answer in a form of its own."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.problems import Problem
from latchhook.edge.request import RawRequest

NO_SUCH_ROUTE = Problem(404, "no_such_route", "There is no such path and method; GET /openapi.json lists them.")


@bootstrap.public_route
def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """404, whoever asks."""
    return NO_SUCH_ROUTE.response(RawRequest(event).request_id)
