"""POST /webhooks/{id}/recover: everything that failed, or that came while the webhook was disabled, again."""

from latchhook import bootstrap
from latchhook.edge.answers.recoveries import RecoveryAnswer, recovery_answer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.request import Request
from latchhook.edge.schemas.recoveries import RecoverWebhookBody
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = bootstrap.webhooks()
recoverer = bootstrap.recoverer()


@bootstrap.endpoint(
    Description(
        scope="webhooks:write",
        body=RecoverWebhookBody,
        answer=RecoveryAnswer,
        status=202,
        problems=(404, 409),
        rate="write",
    )
)
def handler(request: Request[RecoverWebhookBody]) -> Answer:
    """Recover a webhook."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery = recoverer.start(webhook, since=request.body.since, only=request.body.only, origin=request.origin)
    return Answer(202, recovery_answer(recovery), {"location": f"recoveries/{recovery.id}"})
