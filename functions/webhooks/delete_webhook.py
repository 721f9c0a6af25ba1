"""DELETE /webhooks/{id}: delete a webhook."""

from latchhook.audit import new_entry
from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = webhooks_table()


@endpoint(
    Description(
        summary="Delete a webhook",
        description="Deletes the webhook. No further attempt is made, and planned retries are dropped.",
        scope="webhooks:write",
        response=None,
        status=204,
        problems=(404,),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Delete a webhook."""
    webhook_id = request.path_id(WebhookNotFoundError)
    entry = new_entry(request.origin, "webhook.deleted", webhook_id, rng=environment.rng())
    webhooks.delete_webhook(request.account_id, webhook_id, entry)
    return NO_CONTENT
