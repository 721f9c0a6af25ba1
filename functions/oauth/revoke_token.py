"""POST /oauth/revoke: end a token (RFC 7009)."""

from latchhook.bootstrap.oauth import form_endpoint, token_service
from latchhook.edge.endpoint import Response
from latchhook.edge.oauth_endpoint import FormRequest, OAuthDescription
from latchhook.edge.responses.oauth_protocol import TokenOfClientForm

service = token_service()


@form_endpoint(
    OAuthDescription(
        summary="Revoke a token",
        description=(
            "Ends an access token, or the whole grant of a refresh token, from the next request on. The response is "
            "200 for every text, also for a token of another client, which is not changed."
        ),
        form_schema=TokenOfClientForm,
        response=None,
    )
)
def handler(request: FormRequest) -> Response:
    """Revoke a token."""
    service.end(request.credentials, request.required("token"), request.sender)
    return Response(200)
