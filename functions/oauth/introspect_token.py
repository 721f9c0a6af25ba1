"""POST /oauth/introspect: return the state of a token of the client (RFC 7662)."""

from latchhook.api_keys.key_format import hash_key_text, is_access_token
from latchhook.api_keys.verification import UseRequest
from latchhook.bootstrap import environment
from latchhook.bootstrap.key_verification import key_verifier
from latchhook.bootstrap.oauth import form_endpoint, token_service
from latchhook.edge.base_urls import issuer
from latchhook.edge.endpoint import Response, ok
from latchhook.edge.oauth_endpoint import FormRequest, OAuthDescription
from latchhook.edge.responses.oauth_protocol import (
    INACTIVE,
    IntrospectionResponse,
    TokenOfClientForm,
    introspection_response,
)

service = token_service()
verifier = key_verifier()
catalogue = environment.catalogue()
configured_issuer = environment.settings().oauth_issuer


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
    if grant is None:
        return ok(INACTIVE)
    name = issuer(request.raw, configured_issuer)
    if not is_access_token(token):
        is_valid = grant.refresh is not None and grant.refresh.current == hash_key_text(token)
        is_active = is_valid and grant.is_live(request.now)
        return ok(introspection_response(grant, grant.scopes, issuer=name) if is_active else INACTIVE)
    verdict = verifier.verify(token, UseRequest(), now=request.now)
    if not verdict.valid or verdict.key is None or verdict.key.expires_at is None:
        return ok(INACTIVE)
    scopes = verdict.grants.listed(catalogue)
    return ok(introspection_response(grant, scopes, issuer=name, access_ends_at=verdict.key.expires_at))
