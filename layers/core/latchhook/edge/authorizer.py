"""What API Gateway asks a Lambda authorizer and wants to hear, for HTTP and REST APIs.

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
"""Refusals of the credential itself: 401 where the API can answer it. All others are 403."""


class UnauthorizedError(Exception):
    """A REST API was called without a valid key. API Gateway answers 401 to exactly this message."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@dataclass(frozen=True, slots=True)
class AuthorizerCall:
    """One question: may this key, as it was sent, call this route from this address?"""

    key_text: str = field(repr=False)
    required_scopes: tuple[str, ...]
    ip_address: str | None
    """The caller's, as API Gateway saw it; a TOKEN authorizer isn't told."""
    policy_resource: str | None
    """What the policy is about; None for a simple response, which needs none."""
    can_answer_401: bool
    """Whether the API answers 401 to an authorizer that raises. An HTTP API answers 500."""


def read_call(event: Mapping[str, Any], configured_scopes: str) -> AuthorizerCall:
    """Reads any of the payloads. What the API's own stage variable says goes before `configured_scopes`.

    Raises `UnauthorizedError` for a REST API's call without a key (an HTTP API answers 401 by itself when its identity
    source is missing), and `UnreadableRouteScopesError`.
    """
    line = (event.get("stageVariables") or {}).get(STAGE_VARIABLE) or configured_scopes
    routes = read_route_scopes(line)
    if event.get("type") == "TOKEN":
        return _read_token_call(event, routes)
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    key_text = headers.get("x-api-key", "")
    context = event.get("requestContext") or {}
    if event.get("version") == "2.0":
        caller = context.get("http", {})
        # Of a route for any method, the one that was called.
        required = routes.of_route(caller["method"], _path(event["routeKey"])) if routes else ()
        return AuthorizerCall(key_text, required, caller.get("sourceIp"), None, can_answer_401=False)
    is_rest = "version" not in event
    if not key_text and is_rest:
        raise UnauthorizedError
    required = routes.of_route(event["httpMethod"], event["resource"]) if routes else ()
    return AuthorizerCall(
        key_text,
        required,
        context.get("identity", {}).get("sourceIp"),
        _resource(event["methodArn"], routes),
        can_answer_401=is_rest,
    )


def _path(route_key: str) -> str:
    """The path of an HTTP API's route. `$default`, which has none, is not the route of `/`."""
    return route_key.partition(" ")[2] or route_key


def _read_token_call(event: Mapping[str, Any], routes: RouteScopes) -> AuthorizerCall:
    """The token may say that it is one: clients write `Bearer` in an `Authorization` header."""
    scheme, space, rest = event["authorizationToken"].partition(" ")
    key_text = rest.strip() if space and scheme.lower() == "bearer" else event["authorizationToken"]
    _, _, method, path = [*event["methodArn"].split("/", 3), ""][:4]
    required = routes.of_request(method, path)
    return AuthorizerCall(key_text, required, None, _resource(event["methodArn"], routes), can_answer_401=True)


def _resource(method_arn: str, routes: RouteScopes) -> str:
    """What a policy may be about, since API Gateway may keep it and apply it to the caller's other calls too.

    Where every route asks for the same, that is the whole stage; otherwise nothing but the call. The path in it is the
    caller's: a `*`, `?` or `${` there would make it a pattern, and is escaped into what the call itself is not, so that
    it is refused.
    """
    if not routes.named:
        return "/".join([*method_arn.split("/", 2)[:2], "*"])
    return method_arn.replace("*", "%2A").replace("?", "%3F").replace("${", "%24{")


def response(call: AuthorizerCall, verdict: Verdict, catalogue: Catalogue) -> Mapping[str, Any]:
    """Yes or no, and for a yes who it is: strings, as REST APIs take nothing else.

    Raises `UnauthorizedError` for a key that is unknown, revoked, expired or disabled, if the API can answer 401.
    """
    if call.can_answer_401 and verdict.code in _UNAUTHORIZED:
        raise UnauthorizedError
    key = verdict.key
    context: dict[str, str] = {"code": verdict.code}
    if verdict.valid and key is not None:
        context |= {
            "accountId": key.account_id,
            "keyId": str(key.id),
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
