"""POST /oauth/introspect: return the state of a token of the client (RFC 7662)."""

from latchhook.api_keys.key_format import hash_key_text, is_access_token
from latchhook.api_keys.verification import UseRequest
from latchhook.bootstrap import environment
from latchhook.bootstrap.key_verification import key_verifier
from latchhook.bootstrap.oauth import form_endpoint, token_service
from latchhook.clock import to_millis
from latchhook.edge.base_urls import issuer
from latchhook.edge.endpoint import Response, ok
from latchhook.edge.oauth_endpoint import FormRequest, OAuthDescription
from latchhook.edge.responses.oauth_protocol import IntrospectionResponse, TokenOfClientForm
from latchhook.oauth.grant import Grant

service = token_service()
verifier = key_verifier()


@form_endpoint(
    OAuthDescription(
        summary="Introspect a token",
        description=(
            "Returns the state of a token of the client. An access token is verified, which counts as a use. Every "
            "other text has `active` false. A backend that receives tokens calls POST /api-keys/verify instead."
        ),
        form_schema=TokenOfClientForm,
        response=IntrospectionResponse,
    )
)
def handler(request: FormRequest) -> Response:
    """Introspect a token."""
    token = request.required("token")
    _, grant = service.find(request.credentials, token, now=request.now)
    inactive: IntrospectionResponse = {"active": False}
    if grant is None:
        return ok(inactive)
    if not is_access_token(token):
        is_valid = grant.refresh is not None and grant.refresh.current == hash_key_text(token)
        is_active = is_valid and grant.is_live(request.now)
        return ok(_described(request, grant, grant.scopes) if is_active else inactive)
    verdict = verifier.verify(token, UseRequest(), now=request.now)
    if not verdict.valid or verdict.key is None or verdict.key.expires_at is None:
        return ok(inactive)
    body = _described(request, grant, verdict.grants.listed(environment.catalogue()))
    body["token_type"] = "Bearer"  # noqa: S105 - a name
    body["exp"] = to_millis(verdict.key.expires_at) // 1000
    return ok(body)


def _described(request: FormRequest, grant: Grant, scopes: tuple[str, ...]) -> IntrospectionResponse:
    body: IntrospectionResponse = {
        "active": True,
        "scope": " ".join(scopes),
        "client_id": str(grant.client_id),
        "iat": to_millis(grant.created_at) // 1000,
        "sub": grant.user_id or str(grant.client_id),
        "iss": issuer(request.raw, environment.settings().oauth_issuer),
    }
    if grant.expires_at is not None:
        body["exp"] = to_millis(grant.expires_at) // 1000
    if grant.resource is not None:
        body["aud"] = grant.resource
    return body
