"""PUT /integration/webhook-settings: set the default webhook's URL."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.receivers import endpoint_checker, own_hosts
from latchhook.bootstrap.webhook_management import webhook_registry
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.endpoint_urls import checked_url
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import SettingsSavedResponse
from latchhook.edge.schemas.webhook_settings import WebhookSettingsBody

registry = webhook_registry()
checker = endpoint_checker()
hosts = own_hosts()


@endpoint(
    Description(
        summary="Set the webhook URL",
        description=(
            "Sets the URL of the account's default webhook, which gets all events. The value null removes the URL."
        ),
        scope="webhooks:write",
        body=WebhookSettingsBody,
        response=SettingsSavedResponse,
        credentials="session",
        problems=("too_many_webhooks",),
        rate="write",
    )
)
def handler(request: Request[WebhookSettingsBody]) -> Response:
    """Set the webhook URL."""
    hosts.learn(host=request.raw.domain_name, api_id=request.raw.api_id)
    wanted = request.body.webhook_url
    url = None if wanted is None else checked_url(wanted, checker, pointer="/webhookUrl")
    registry.set_default_url(url, request.origin)
    saved: SettingsSavedResponse = {"success": True}
    return ok(saved)
