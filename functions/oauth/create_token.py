"""POST /oauth/token: exchange a code, a refresh token or the client's credentials for tokens (RFC 6749, 3.2)."""

from latchhook.bootstrap.oauth import form_endpoint, token_service
from latchhook.edge.endpoint import Response, ok
from latchhook.edge.oauth_endpoint import FormRequest, OAuthDescription
from latchhook.edge.responses.oauth_protocol import TokenForm, TokenResponse, token_response
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.token_service import CodeRequest, RefreshRequest
from latchhook.oauth.tokens import Tokens

service = token_service()


@form_endpoint(
    OAuthDescription(
        summary="Get tokens",
        description=(
            "Exchanges a code, a refresh token or the client's credentials for tokens. A refresh token is valid once; "
            "a repeat within 30 seconds returns the same tokens, and a later one revokes the grant. The client sends "
            "its id and secret by HTTP Basic or in the form. A public client sends only its id."
        ),
        form_schema=TokenForm,
        response=TokenResponse,
    )
)
def handler(request: FormRequest) -> Response:
    """Get tokens."""
    return ok(token_response(_tokens(request)))


def _tokens(request: FormRequest) -> Tokens:
    grant_type = request.required("grant_type")
    match grant_type:
        case "authorization_code":
            asked = CodeRequest(
                request.required("code"),
                request.required("code_verifier"),
                request.form.get("redirect_uri"),
                request.resource,
            )
            return service.by_code(request.credentials, asked, request.sender)
        case "refresh_token":
            refresh = RefreshRequest(request.required("refresh_token"), request.form.get("scope"), request.resource)
            return service.by_refresh_token(request.credentials, refresh, request.sender)
        case "client_credentials":
            if request.resource is not None:
                raise OAuthError("invalid_target", "A client's own tokens are not limited to a resource.")
            return service.by_client(request.credentials, request.form.get("scope"), request.sender)
    raise OAuthError("unsupported_grant_type", "The server does not support this grant type.")
