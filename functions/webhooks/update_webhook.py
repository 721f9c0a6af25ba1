"""PATCH /webhooks/{id}: change some settings of a webhook."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.receivers import own_hosts
from latchhook.bootstrap.webhook_bodies import webhook_bodies
from latchhook.bootstrap.webhook_management import webhook_editor
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.merge_patch import read_patch
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookResponse, webhook_response
from latchhook.webhooks.errors import WebhookNotFoundError

editor = webhook_editor()
bodies = webhook_bodies()
hosts = own_hosts()


@endpoint(
    Description(
        summary="Update a webhook",
        description=(
            "Changes the settings that the JSON merge patch (RFC 7396) contains. Omitted settings stay unchanged, and "
            "null removes a setting. A changed filter applies to events that are fanned out after the change."
        ),
        scope="webhooks:write",
        body=read_patch,
        body_schema="latchhook.edge.schemas.webhook_patches:PatchWebhookBody",
        response=WebhookResponse,
        problems=(404,),
        rate="write",
    )
)
def handler(request: Request[Mapping[str, Any]]) -> Response:
    """Update a webhook."""
    hosts.learn(host=request.raw.domain_name, api_id=request.raw.api_id)
    webhook = editor.change(
        request.path_id(WebhookNotFoundError), lambda before: bodies.patched(before, request.body), request.origin
    )
    return ok(webhook_response(webhook, request.now))
