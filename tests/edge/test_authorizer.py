"""The Lambda authorizer's requests and responses for HTTP and REST APIs."""

from dataclasses import replace
from typing import Any, get_args
from uuid import UUID

import pytest

from latchhook.api_keys.verification import Code, Verdict
from latchhook.edge.authorizer import AuthorizerCall, UnauthorizedError, read_call, response
from latchhook.edge.route_scopes import UnreadableRouteScopesError
from latchhook.permissions.grants import Grants
from tests.samples import CATALOGUE, api_key

STAGE = "arn:aws:execute-api:us-east-1:123456789012:abc/prod"
ARN = f"{STAGE}/GET/orders/17"
KEY = api_key(scopes=("orders:read", "orders:write"))
VALID = Verdict("VALID", KEY, Grants.of(KEY.scopes))
UNAUTHORIZED: tuple[Code, ...] = ("NOT_FOUND", "REVOKED", "EXPIRED", "DISABLED")
REFUSALS: tuple[Code, ...] = tuple(code for code in get_args(Code) if code != "VALID")
SCOPES = "GET/orders/:id=orders:read&PUT/orders/:id=orders:write&default=orders:admin"


def http_api(*, version: str = "2.0", **changes: Any) -> dict[str, Any]:
    """Return the authorizer request of an HTTP API, as in the developer guide."""
    if version == "1.0":
        return rest_api(version="1.0", **changes)
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": ARN,
        "identitySource": ["k3y"],
        "routeKey": "GET /orders/{id}",
        "rawPath": "/orders/17",
        "headers": {"x-api-key": "k3y", "x-forwarded-for": "198.51.100.1"},
        "requestContext": {"http": {"method": "GET", "path": "/orders/17", "sourceIp": "203.0.113.24"}},
    }
    return {**event, **changes}


def rest_api(**changes: Any) -> dict[str, Any]:
    """Return a REQUEST authorizer request of a REST API."""
    event = {
        "type": "REQUEST",
        "methodArn": ARN,
        "resource": "/orders/{id}",
        "path": "/orders/17",
        "httpMethod": "GET",
        "headers": {"X-API-Key": "k3y", "X-Forwarded-For": "198.51.100.1"},
        "stageVariables": None,
        "requestContext": {"resourcePath": "/orders/{id}", "identity": {"sourceIp": "203.0.113.24"}},
    }
    return {**event, **changes}


def rest_token(**changes: Any) -> dict[str, Any]:
    """Return a TOKEN authorizer request of a REST API, which has no other fields."""
    return {"type": "TOKEN", "methodArn": ARN, "authorizationToken": "k3y", **changes}


def stage(scopes: str) -> dict[str, Any]:
    return {"stageVariables": {"other": "x", "latchhookScopes": scopes}}


@pytest.mark.parametrize("name", ["x-api-key", "X-API-Key", "X-Api-Key"])
@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_key_is_read_from_a_header(use_request: Any, name: str) -> None:
    assert read_call(use_request(headers={name: "k3y", "accept": "*/*"}), "").key_text == "k3y"


@pytest.mark.parametrize("token", ["k3y", "Bearer k3y", "bearer  k3y"])
def test_token_authorizer_reads_the_key_from_the_token(token: str) -> None:
    assert read_call(rest_token(authorizationToken=token), "").key_text == "k3y"


@pytest.mark.parametrize("token", ["Bearer", "Basic k3y", "k3y x"])
def test_token_without_bearer_scheme_is_used_unchanged(token: str) -> None:
    assert read_call(rest_token(authorizationToken=token), "").key_text == token


@pytest.mark.parametrize("headers", [{}, None, {"authorization": "k3y"}, {"x-api-key": ""}])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_missing_key_is_an_empty_text_for_an_http_api(headers: dict[str, str] | None, version: str) -> None:
    assert read_call(http_api(version=version, headers=headers), "").key_text == ""


@pytest.mark.parametrize("headers", [{}, None, {"Authorization": "k3y"}, {"X-API-Key": ""}])
def test_missing_key_raises_unauthorized_for_a_rest_api(headers: dict[str, str] | None) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        read_call(rest_api(headers=headers), "")
    assert str(raised.value) == "Unauthorized"


@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_callers_address_is_the_gateways_source_address(use_request: Any) -> None:
    assert read_call(use_request(), "").ip_address == "203.0.113.24"


def test_token_authorizer_has_no_address() -> None:
    assert read_call(rest_token(), "").ip_address is None


def test_repr_of_a_call_does_not_show_the_key() -> None:
    assert "k3y" not in repr(read_call(http_api(), ""))


@pytest.mark.parametrize("use_request", [http_api, rest_api, rest_token])
def test_route_without_configuration_requires_no_scopes(use_request: Any) -> None:
    assert read_call(use_request(), "").required_scopes == ()


@pytest.mark.parametrize("use_request", [http_api, rest_api, rest_token])
def test_route_requires_the_configured_scopes(use_request: Any) -> None:
    assert read_call(use_request(), SCOPES).required_scopes == ("orders:read",)


@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_stage_variable_takes_precedence_over_the_configuration(use_request: Any) -> None:
    assert read_call(use_request(**stage(SCOPES)), "default=products:read").required_scopes == ("orders:read",)
    assert read_call(use_request(**stage("default=")), SCOPES).required_scopes == ()
    assert read_call(use_request(stageVariables={"other": "x"}), SCOPES).required_scopes == ("orders:read",)


def test_any_route_requires_the_scopes_of_the_actual_method() -> None:
    called = {"http": {"method": "PUT", "path": "/orders/17"}}
    event = http_api(routeKey="ANY /orders/{id}", requestContext=called)
    assert read_call(event, SCOPES).required_scopes == ("orders:write",)


def test_routes_without_a_path_require_the_default() -> None:
    assert read_call(http_api(routeKey="$default"), SCOPES).required_scopes == ("orders:admin",)
    assert read_call(rest_api(version="1.0", resource="$default"), SCOPES).required_scopes == ("orders:admin",)


@pytest.mark.parametrize("method", ["GET", "ANY"])
def test_default_route_is_not_the_root_route(method: str) -> None:
    line = f"{method}/=&default=orders:admin"
    assert read_call(http_api(routeKey="GET /"), line).required_scopes == ()
    assert read_call(http_api(routeKey="$default"), line).required_scopes == ("orders:admin",)


@pytest.mark.parametrize(
    ("path", "required"), [("GET/orders/17", "read"), ("PUT/orders/17", "write"), ("GET/", "admin"), ("GET", "admin")]
)
def test_token_authorizer_uses_the_path(path: str, required: str) -> None:
    call = read_call(rest_token(methodArn=f"{STAGE}/{path}"), SCOPES)
    assert call.required_scopes == (f"orders:{required}",)


@pytest.mark.parametrize("use_request", [http_api, rest_api, rest_token])
@pytest.mark.parametrize("line", ["GET/orders", "everything", "GET/orders=*"])
def test_unreadable_configuration_raises(use_request: Any, line: str) -> None:
    with pytest.raises(UnreadableRouteScopesError):
        read_call(use_request(), line)


@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_unreadable_stage_variable_raises(use_request: Any) -> None:
    with pytest.raises(UnreadableRouteScopesError):
        read_call(use_request(**stage("GET/orders")), "default=")


def test_token_authorizer_without_a_default_raises() -> None:
    with pytest.raises(UnreadableRouteScopesError):
        read_call(rest_token(), "GET/orders/:id=orders:read")


def test_simple_response_needs_no_policy() -> None:
    assert read_call(http_api(), SCOPES).policy_resource is None


@pytest.mark.parametrize("use_request", [rest_api, rest_token])
@pytest.mark.parametrize("line", ["", "default=orders:read"])
def test_policy_covers_the_stage_if_all_routes_require_the_same(use_request: Any, line: str) -> None:
    assert read_call(use_request(), line).policy_resource == f"{STAGE}/*"


@pytest.mark.parametrize("use_request", [rest_api, rest_token])
def test_policy_covers_only_the_call_if_routes_require_different_scopes(use_request: Any) -> None:
    assert read_call(use_request(), SCOPES).policy_resource == ARN


@pytest.mark.parametrize("path", ["orders/*", "orders/1?", "*", "orders/${aws:UserAgent}"])
def test_path_is_not_a_pattern_in_a_policy(path: str) -> None:
    resource = read_call(rest_api(methodArn=f"{STAGE}/GET/{path}"), SCOPES).policy_resource
    assert resource is not None
    assert resource.startswith(f"{STAGE}/GET/")
    assert not {"*", "?"} & set(resource)
    assert "${" not in resource


def simple(**changes: Any) -> AuthorizerCall:
    return read_call(http_api(**changes), "")


def test_http_api_allows_a_valid_key_with_its_identity() -> None:
    assert response(simple(), VALID, CATALOGUE) == {
        "isAuthorized": True,
        "context": {
            "code": "VALID",
            "kind": "api_key",
            "accountId": "acct_1",
            "userId": KEY.user_id,
            "keyId": str(KEY.id),
            "clientId": "",
            "grantId": "",
            "scopes": "orders:read orders:write",
            "profileId": "",
        },
    }


def test_oauth_token_is_read_from_the_header_authorization() -> None:
    for sent, text in (("Bearer lhat_x", "lhat_x"), ("bearer  lhat_x ", "lhat_x"), ("Basic x", ""), ("Bearer", "")):
        headers = {"authorization": sent}
        assert read_call({**http_api(), "headers": headers}, "").key_text == text
    both = {"authorization": "Bearer lhat_x", "x-api-key": "key"}
    assert read_call({**http_api(), "headers": both}, "").key_text == "key"


def test_backend_gets_client_user_and_grant_of_an_oauth_token() -> None:
    key = replace(KEY, client_id=UUID(int=9, version=4))
    context = response(simple(), Verdict("VALID", key), CATALOGUE)["context"]
    assert (context["kind"], context["keyId"], context["userId"]) == ("oauth_token", "", KEY.user_id)
    assert (context["clientId"], context["grantId"]) == (str(key.client_id), str(key.id))


def test_backend_gets_the_scopes_that_the_profile_allows() -> None:
    profile_id = UUID(int=7, version=4)
    key = api_key(scopes=("orders:*", "products:read"), profile_id=profile_id)
    verdict = Verdict("VALID", key, Grants.of(key.scopes, ["orders:write"]))

    context = response(simple(), verdict, CATALOGUE)["context"]

    assert context["profileId"] == str(profile_id)
    assert set(context["scopes"].split(" ")) == {"orders:read", "products:read"}


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("key", [None, KEY], ids=["unknown", "known"])
def test_http_api_denies_with_only_the_reason(code: Code, key: Any) -> None:
    assert response(simple(), Verdict(code, key), CATALOGUE) == {"isAuthorized": False, "context": {"code": code}}


def _statement(response: Any) -> Any:
    (statement,) = response["policyDocument"]["Statement"]
    return statement


@pytest.mark.parametrize("event", [rest_api(), rest_token(), http_api(version="1.0")], ids=["REQUEST", "TOKEN", "1.0"])
def test_policy_allows_a_valid_key(event: dict[str, Any]) -> None:
    policy = response(read_call(event, SCOPES), VALID, CATALOGUE)

    assert _statement(policy) == {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}
    assert policy["policyDocument"]["Version"] == "2012-10-17"
    assert policy["principalId"] == str(KEY.id)
    assert policy["context"]["accountId"] == "acct_1"
    assert all(isinstance(value, str) for value in policy["context"].values())


@pytest.mark.parametrize(
    ("event", "code"),
    [(event, code) for event in (rest_api(), rest_token()) for code in REFUSALS if code not in UNAUTHORIZED]
    + [(http_api(version="1.0"), code) for code in REFUSALS],
)
def test_policy_denies_other_refusals(event: dict[str, Any], code: Code) -> None:
    policy = response(read_call(event, SCOPES), Verdict(code), CATALOGUE)

    assert _statement(policy) == {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ARN}
    assert policy["principalId"] == "unknown"
    assert policy["context"] == {"code": code}


@pytest.mark.parametrize("code", UNAUTHORIZED)
@pytest.mark.parametrize("event", [rest_api(), rest_token()], ids=["REQUEST", "TOKEN"])
def test_rest_api_raises_unauthorized_for_an_invalid_key(event: dict[str, Any], code: Code) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        response(read_call(event, SCOPES), Verdict(code, KEY), CATALOGUE)
    assert str(raised.value) == "Unauthorized"


# ---- The audience of OAuth tokens ----


@pytest.mark.parametrize("make", [http_api, rest_api])
def test_audience_is_the_stage_variable_or_the_host_of_the_request(make: Any) -> None:
    event = make()
    assert read_call(event, "").audience == ""
    event["requestContext"] = {**event["requestContext"], "domainName": "api.example.com"}
    assert read_call(event, "").audience == "https://api.example.com"
    event["stageVariables"] = {"latchhookAudience": "https://api.example.com/orders"}
    assert read_call(event, "").audience == "https://api.example.com/orders"
