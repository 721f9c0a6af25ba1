"""POST /webhooks/{id}/test: send a signed test event to a webhook now."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.receivers import own_hosts
from latchhook.bootstrap.webhook_tests import webhook_tester
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import AttemptResponse, attempt_response
from latchhook.edge.schemas.test_deliveries import TestDeliveryBody
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = webhooks_table()
tester = webhook_tester()
hosts = own_hosts()


@endpoint(
    Description(
        summary="Send a test delivery",
        description=(
            "Sends a signed test event to the webhook's URL and returns the attempt with the receiver's response. The "
            "webhook's status, event names and filter are ignored. A failed attempt is also a 200 response and is not "
            "retried."
        ),
        scope="webhooks:write",
        body=TestDeliveryBody,
        response=AttemptResponse,
        problems=(404, "webhook_not_active", "webhook_without_url"),
        rate="slow",
    )
)
def handler(request: Request[TestDeliveryBody]) -> Response:
    """Send a test delivery."""
    hosts.learn(host=request.raw.domain_name, api_id=request.raw.api_id)
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    attempt = tester.send(webhook, event_name=request.body.event, entity=request.body.entity, now=request.now)
    return ok(attempt_response(attempt))
