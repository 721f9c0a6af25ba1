"""POST /webhooks/filter-test: test a filter with an event."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.filter_trials import filter_trials
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.event_types import CheckedFilterResponse
from latchhook.edge.schemas.event_types import CheckFilterBody

trials = filter_trials()


@endpoint(
    Description(
        summary="Test a webhook filter",
        description=(
            "Checks whether a filter matches an event. The request contains either the body of an event or the name "
            "of an event type that has an example. Nothing is stored or sent."
        ),
        scope="webhooks:read",
        body=CheckFilterBody,
        response=CheckedFilterResponse,
        rate="slow",
    )
)
def handler(request: Request[CheckFilterBody]) -> Response:
    """Test a webhook filter."""
    matches, event = trials.run(request.body, account_id=request.account_id, now=request.now)
    response: CheckedFilterResponse = {"matches": matches, "event": event}
    return ok(response)
