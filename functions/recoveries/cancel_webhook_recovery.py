"""POST /webhooks/{id}/recoveries/{recoveryId}/cancel: nothing more is sent; cancelled again it stays as it is."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryResponse, recovery_response
from latchhook.webhooks.errors import RecoveryNotFoundError, WebhookNotFoundError

webhooks = bootstrap.webhooks()
recoverer = bootstrap.recoverer()


@bootstrap.endpoint(Description(scope="webhooks:write", response=RecoveryResponse, problems=(404, 409), rate="write"))
def handler(request: Request[None]) -> Response:
    """Cancel a recovery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery_id = request.path_id(RecoveryNotFoundError, "recoveryId")
    return ok(recovery_response(recoverer.cancel(webhook, recovery_id, request.origin)))
