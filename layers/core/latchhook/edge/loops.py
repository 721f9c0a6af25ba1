"""Loop protection: requests that are webhook deliveries are refused.

Otherwise a webhook that calls this API could trigger itself without end.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from latchhook.edge.errors import DeliveryAsRequestError
from latchhook.edge.problems import problem_for
from latchhook.edge.request import RawRequest

Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


def refuse_delivery(request: RawRequest, *, header_prefix: str) -> None:
    """Raise `DeliveryAsRequestError` for a request with the headers of a delivery.

    `header_prefix` is the deployment's. A webhook's custom headers cannot replace these headers.
    """
    by_standard = request.header("webhook-id") is not None and request.header("webhook-signature") is not None
    if by_standard or request.header(f"{header_prefix.lower()}-webhook-id") is not None:
        raise DeliveryAsRequestError


def refusing_deliveries(handler: Handler, *, header_prefix: str) -> Handler:
    """Return the Lambda handler with a 403 for deliveries. For routes without authentication."""

    @wraps(handler)
    def guarded(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:
        request = RawRequest(event)
        try:
            refuse_delivery(request, header_prefix=header_prefix)
        except DeliveryAsRequestError as error:
            return problem_for(error).to_lambda(request.request_id)
        return handler(event, context)

    return guarded
