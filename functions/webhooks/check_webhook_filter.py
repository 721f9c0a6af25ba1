"""POST /webhooks/filter-test: whether a webhook with this filter would get this event; nothing is stored or sent."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.event_types import CheckedFilterResponse
from latchhook.edge.schemas.event_types import CheckFilterBody

trials = bootstrap.filter_trials()


@bootstrap.endpoint(
    Description(scope="webhooks:read", body=CheckFilterBody, response=CheckedFilterResponse, rate="slow")
)
def handler(request: Request[CheckFilterBody]) -> Response:
    """Test a filter."""
    matches, event = trials.run(request.body, account_id=request.account_id, now=request.now)
    response: CheckedFilterResponse = {"matches": matches, "event": event}
    return ok(response)
