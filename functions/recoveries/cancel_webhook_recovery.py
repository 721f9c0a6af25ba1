"""POST /webhooks/{id}/recoveries/{recoveryId}/cancel: nothing more is sent; cancelled again it stays as it is."""

from latchhook import bootstrap
from latchhook.edge.answers.recoveries import RecoveryAnswer, recovery_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.webhooks.errors import RecoveryNotFoundError, WebhookNotFoundError

webhooks = bootstrap.webhooks()
recoverer = bootstrap.recoverer()


@bootstrap.endpoint(Description(scope="webhooks:write", answer=RecoveryAnswer, problems=(404, 409), rate="write"))
def handler(request: Request[None]) -> Answer:
    """Cancel a recovery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery_id = request.path_id(RecoveryNotFoundError, "recoveryId")
    return ok(recovery_answer(recoverer.cancel(webhook, recovery_id, request.origin)))
