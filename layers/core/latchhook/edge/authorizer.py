"""The payloads and responses of a Lambda authorizer, for HTTP and REST APIs of API Gateway.

Source: API Gateway developer guide, "Control access to HTTP APIs with Lambda authorizers" (payloads 1.0 and 2.0) and
"Use API Gateway Lambda authorizers" (REST, TOKEN and REQUEST).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from latchhook.api_keys.verification import Code, Verdict
from latchhook.edge.route_scopes import STAGE_VARIABLE, RouteScopes, read_route_scopes
from latchhook.permissions.scopes import Catalogue

_UNAUTHORIZED: frozenset[Code] = frozenset({"NOT_FOUND", "REVOKED", "EXPIRED", "DISABLED"})
"""Refusals of the credential itself. The response is 401 if the API can send it, and 403 for all other refusals."""


AUDIENCE_VARIABLE = "latchhookAudience"
"""The stage variable with the URL of the API. Without it, the URL has the host of the request and no path."""


class UnauthorizedError(Exception):
    """A REST API was called without a valid key. API Gateway sends a 401 for exactly this message."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@dataclass(frozen=True, slots=True)
class AuthorizerCall:
    """A call that needs authorization: the key, the required scopes and the caller's address."""

    key_text: str = field(repr=False)
    required_scopes: tuple[str, ...]
    ip_address: str | None
    """The caller's address as seen by API Gateway; None for a TOKEN authorizer, whose payload has no address."""
    policy_resource: str | None
    """The resource of the policy; None for a simple response, which has no policy."""
    audience: str
    """The URL of the API. OAuth tokens for another resource (RFC 8707) are refused. Empty refuses all that name one."""
    can_answer_401: bool
    """Whether the API sends a 401 if the authorizer raises. An HTTP API sends a 500."""


def read_call(event: Mapping[str, Any], configured_scopes: str) -> AuthorizerCall:
    """Read a payload of any version. The API's stage variable has priority over `configured_scopes`.

    Raises `UnauthorizedError` for a call of a REST API without a key, and `UnreadableRouteScopesError`. An HTTP API
    sends a 401 by itself if its identity source is missing.
    """
    variables = event.get("stageVariables") or {}
    line = variables.get(STAGE_VARIABLE) or configured_scopes
    routes = read_route_scopes(line)
    if event.get("type") == "TOKEN":
        return _read_token_call(event, routes)
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    key_text = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
    context = event.get("requestContext") or {}
    host = context.get("domainName")
    audience = variables.get(AUDIENCE_VARIABLE) or (f"https://{host}" if host else "")
    if event.get("version") == "2.0":
        caller = context.get("http", {})
        # A route for any method has no method of its own, so take the method of the call.
        required = routes.of_route(caller["method"], _path(event["routeKey"])) if routes else ()
        return AuthorizerCall(key_text, required, caller.get("sourceIp"), None, audience, can_answer_401=False)
    is_rest = "version" not in event
    if not key_text and is_rest:
        raise UnauthorizedError
    required = routes.of_route(event["httpMethod"], event["resource"]) if routes else ()
    return AuthorizerCall(
        key_text,
        required,
        context.get("identity", {}).get("sourceIp"),
        _resource(event["methodArn"], routes),
        audience,
        can_answer_401=is_rest,
    )


def _bearer(authorization: str) -> str:
    """Return the token of an `Authorization` header; empty for another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _path(route_key: str) -> str:
    """Return the path of an HTTP API's route. `$default` has no path and differs from the route of `/`."""
    return route_key.partition(" ")[2] or route_key


def _read_token_call(event: Mapping[str, Any], routes: RouteScopes) -> AuthorizerCall:
    """Read a TOKEN payload. The token can begin with `Bearer`, as in an `Authorization` header."""
    scheme, space, rest = event["authorizationToken"].partition(" ")
    key_text = rest.strip() if space and scheme.lower() == "bearer" else event["authorizationToken"]
    _, _, method, path = [*event["methodArn"].split("/", 3), ""][:4]
    required = routes.of_request(method, path)
    return AuthorizerCall(key_text, required, None, _resource(event["methodArn"], routes), "", can_answer_401=True)


def _resource(method_arn: str, routes: RouteScopes) -> str:
    """Return the resource of the policy. API Gateway can cache the policy and apply it to other calls of the caller.

    The resource is the whole stage if every route requires the same scopes, and only this call otherwise. The caller
    chooses the path, and `*`, `?` or `${` in it would make the resource a pattern. They are escaped: the resource then
    does not match the call, and the call is refused.
    """
    if not routes.named:
        return "/".join([*method_arn.split("/", 2)[:2], "*"])
    return method_arn.replace("*", "%2A").replace("?", "%3F").replace("${", "%24{")


def response(call: AuthorizerCall, verdict: Verdict, catalogue: Catalogue) -> Mapping[str, Any]:
    """Return the authorizer's response, with the caller's identity if the call is allowed.

    All context values are strings, because REST APIs accept no other type.

    Raises `UnauthorizedError` for a key that is unknown, revoked, expired or disabled, if the API can send a 401.
    """
    if call.can_answer_401 and verdict.code in _UNAUTHORIZED:
        raise UnauthorizedError
    key = verdict.key
    context: dict[str, str] = {"code": verdict.code}
    if verdict.valid and key is not None:
        context |= {
            "kind": key.kind,
            "accountId": key.account_id,
            "userId": key.user_id,
            "keyId": str(key.id) if key.client_id is None else "",
            "clientId": str(key.client_id or ""),
            "grantId": "" if key.client_id is None else str(key.id),
            "scopes": " ".join(verdict.grants.listed(catalogue)),
            "profileId": str(key.profile_id or ""),
        }
    if call.policy_resource is None:
        return {"isAuthorized": verdict.valid, "context": context}
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if verdict.valid else "Deny",
        "Resource": call.policy_resource,
    }
    return {
        "principalId": "unknown" if key is None else str(key.id),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
