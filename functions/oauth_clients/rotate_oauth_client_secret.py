"""POST /oauth-clients/{id}/rotate-secret: create a new secret for an OAuth client."""

from datetime import datetime, timedelta
from typing import Any

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth_clients import oauth_client_editor, oauth_clients_table
from latchhook.clock import rfc3339_or_none
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_clients import RotatedOAuthClientResponse, oauth_client_response
from latchhook.edge.schemas.oauth_clients import RotateOAuthClientSecretBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.oauth.client import OAuthClient
from latchhook.oauth.errors import OAuthClientNotFoundError

editor = oauth_client_editor()
clients = oauth_clients_table()


def _response(client: OAuthClient, secret: str | None, previous_until: datetime | None) -> Response:
    rotated: RotatedOAuthClientResponse = {
        **oauth_client_response(client),
        "secret": secret,
        "previousSecretExpiresAt": rfc3339_or_none(previous_until),
    }
    return ok(rotated)


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(clients.get(request.account_id, done.target_id), None, done.previous_until)


@endpoint(
    Description(
        summary="Rotate an OAuth client's secret",
        description=(
            "Creates a new secret for a confidential client. Only this response contains it. The previous secret works "
            "until the end of the grace period. A repeated request with the same `Idempotency-Key` does not rotate "
            "again and returns null as `secret`."
        ),
        scope="oauth-clients:write",
        body=RotateOAuthClientSecretBody,
        response=RotatedOAuthClientResponse,
        problems=(404, "public_oauth_client", "scope_beyond_creator"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[RotateOAuthClientSecretBody]) -> Response:
    """Rotate an OAuth client's secret."""
    seconds = request.body.grace_period_seconds
    grace = timedelta(seconds=environment.settings().rotation_grace_seconds if seconds is None else seconds)
    rotated = editor.rotate_secret(
        request.path_id(OAuthClientNotFoundError), grace, request.origin, request.idempotency_key
    )
    return _response(rotated.client, rotated.text, rotated.previous_until)
