"""POST /webhooks/filter-test: whether a webhook with this filter would get this event; nothing is stored or sent."""

from latchhook import bootstrap
from latchhook.edge.answers.event_types import CheckedFilterAnswer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.edge.schemas.event_types import CheckFilterBody

trials = bootstrap.filter_trials()


@bootstrap.endpoint(Description(scope="webhooks:read", body=CheckFilterBody, answer=CheckedFilterAnswer, rate="slow"))
def handler(request: Request[CheckFilterBody]) -> Answer:
    """Test a filter."""
    matches, event = trials.run(request.body, account_id=request.account_id, now=request.now)
    answer: CheckedFilterAnswer = {"matches": matches, "event": event}
    return ok(answer)
