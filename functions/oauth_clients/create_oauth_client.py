"""POST /oauth-clients: create an OAuth client."""

from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth_clients import oauth_client_editor, oauth_clients_table
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_clients import CreatedOAuthClientResponse, oauth_client_response
from latchhook.edge.schemas.oauth_clients import CreateOAuthClientBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.oauth.client import OAuthClient

editor = oauth_client_editor()
clients = oauth_clients_table()


def _response(client: OAuthClient, secret: str | None) -> Response:
    created: CreatedOAuthClientResponse = {**oauth_client_response(client), "secret": secret}
    return Response(201, created, {"location": f"oauth-clients/{client.id}"})


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(clients.get(request.account_id, done.target_id), None)


@endpoint(
    Description(
        summary="Create an OAuth client",
        description=(
            "Creates a client for an app that acts for users of the account. Users of every account can consent to a "
            "client of the operator's account. The caller must have all scopes of the client. Only this response "
            "contains the secret. An account can have 100 clients."
        ),
        scope="oauth-clients:write",
        body=CreateOAuthClientBody,
        response=CreatedOAuthClientResponse,
        status=201,
        problems=("scope_beyond_creator", "too_many_oauth_clients"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[CreateOAuthClientBody]) -> Response:
    """Create an OAuth client."""
    body = request.body
    created = editor.create(body.type, body.settings(), request.origin, request.idempotency_key)
    return _response(created.client, created.text)
