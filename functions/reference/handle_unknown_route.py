"""Requests that match no route: respond with 405 for a known path and 404 for an unknown path."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.public_routes import public_route
from latchhook.edge.errors import MethodNotAllowedError
from latchhook.edge.known_routes import refuse_wrong_method
from latchhook.edge.problems import Problem, problem_for
from latchhook.edge.request import RawRequest

NO_SUCH_ROUTE = Problem(404, "no_such_route", "No such path exists; GET /openapi.json lists them.")


@public_route
def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Return a problem document."""
    request = RawRequest(event)
    problem = NO_SUCH_ROUTE
    try:
        refuse_wrong_method(request.method, request.path, domain=request.domain_name)
    except MethodNotAllowedError as error:
        problem = problem_for(error)
    return problem.to_lambda(request.request_id)
