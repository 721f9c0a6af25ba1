"""What API Gateway asks a Lambda authorizer, and what it hears, for HTTP and REST APIs."""

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
    """An HTTP API's question, as the developer guide shows it."""
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
    """A REST API's question of the type REQUEST."""
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
    """A REST API's question of the type TOKEN: this is all there is."""
    return {"type": "TOKEN", "methodArn": ARN, "authorizationToken": "k3y", **changes}


def stage(scopes: str) -> dict[str, Any]:
    return {"stageVariables": {"other": "x", "latchhookScopes": scopes}}


@pytest.mark.parametrize("name", ["x-api-key", "X-API-Key", "X-Api-Key"])
@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_key_is_sent_in_a_header(use_request: Any, name: str) -> None:
    assert read_call(use_request(headers={name: "k3y", "accept": "*/*"}), "").key_text == "k3y"


@pytest.mark.parametrize("token", ["k3y", "Bearer k3y", "bearer  k3y"])
def test_token_authorizer_is_sent_the_key_alone(token: str) -> None:
    assert read_call(rest_token(authorizationToken=token), "").key_text == "k3y"


@pytest.mark.parametrize("token", ["Bearer", "Basic k3y", "k3y x"])
def test_token_that_is_no_bearers_is_taken_as_it_is(token: str) -> None:
    assert read_call(rest_token(authorizationToken=token), "").key_text == token


@pytest.mark.parametrize("headers", [{}, None, {"authorization": "k3y"}, {"x-api-key": ""}])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_no_key_is_an_empty_text_for_an_http_api(headers: dict[str, str] | None, version: str) -> None:
    assert read_call(http_api(version=version, headers=headers), "").key_text == ""


@pytest.mark.parametrize("headers", [{}, None, {"Authorization": "k3y"}, {"X-API-Key": ""}])
def test_no_key_is_the_error_that_a_rest_api_answers_with_401(headers: dict[str, str] | None) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        read_call(rest_api(headers=headers), "")
    assert str(raised.value) == "Unauthorized"


@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_callers_address_is_the_one_that_api_gateway_saw(use_request: Any) -> None:
    assert read_call(use_request(), "").ip_address == "203.0.113.24"


def test_token_authorizer_is_told_no_address() -> None:
    assert read_call(rest_token(), "").ip_address is None


def test_call_does_not_show_its_key() -> None:
    assert "k3y" not in repr(read_call(http_api(), ""))


@pytest.mark.parametrize("use_request", [http_api, rest_api, rest_token])
def test_nothing_is_required_where_nothing_is_said(use_request: Any) -> None:
    assert read_call(use_request(), "").required_scopes == ()


@pytest.mark.parametrize("use_request", [http_api, rest_api, rest_token])
def test_route_asks_for_what_the_configuration_says(use_request: Any) -> None:
    assert read_call(use_request(), SCOPES).required_scopes == ("orders:read",)


@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_what_the_apis_own_stage_says_goes_before_the_configuration(use_request: Any) -> None:
    assert read_call(use_request(**stage(SCOPES)), "default=products:read").required_scopes == ("orders:read",)
    assert read_call(use_request(**stage("default=")), SCOPES).required_scopes == ()
    assert read_call(use_request(stageVariables={"other": "x"}), SCOPES).required_scopes == ("orders:read",)


def test_route_for_any_method_asks_for_what_the_method_that_was_called_does() -> None:
    called = {"http": {"method": "PUT", "path": "/orders/17"}}
    event = http_api(routeKey="ANY /orders/{id}", requestContext=called)
    assert read_call(event, SCOPES).required_scopes == ("orders:write",)


def test_routes_without_a_path_ask_for_the_default() -> None:
    assert read_call(http_api(routeKey="$default"), SCOPES).required_scopes == ("orders:admin",)
    assert read_call(rest_api(version="1.0", resource="$default"), SCOPES).required_scopes == ("orders:admin",)


@pytest.mark.parametrize("method", ["GET", "ANY"])
def test_the_route_of_all_paths_is_not_the_route_of_the_root(method: str) -> None:
    line = f"{method}/=&default=orders:admin"
    assert read_call(http_api(routeKey="GET /"), line).required_scopes == ()
    assert read_call(http_api(routeKey="$default"), line).required_scopes == ("orders:admin",)


@pytest.mark.parametrize(
    ("path", "required"), [("GET/orders/17", "read"), ("PUT/orders/17", "write"), ("GET/", "admin"), ("GET", "admin")]
)
def test_token_authorizer_goes_by_the_path(path: str, required: str) -> None:
    call = read_call(rest_token(methodArn=f"{STAGE}/{path}"), SCOPES)
    assert call.required_scopes == (f"orders:{required}",)


@pytest.mark.parametrize("use_request", [http_api, rest_api, rest_token])
@pytest.mark.parametrize("line", ["GET/orders", "everything", "GET/orders=*"])
def test_configuration_that_cannot_be_read_lets_nobody_through(use_request: Any, line: str) -> None:
    with pytest.raises(UnreadableRouteScopesError):
        read_call(use_request(), line)


@pytest.mark.parametrize("use_request", [http_api, rest_api])
def test_stage_variable_that_cannot_be_read_lets_nobody_through(use_request: Any) -> None:
    with pytest.raises(UnreadableRouteScopesError):
        read_call(use_request(**stage("GET/orders")), "default=")


def test_token_authorizer_without_a_default_lets_nobody_through() -> None:
    with pytest.raises(UnreadableRouteScopesError):
        read_call(rest_token(), "GET/orders/:id=orders:read")


def test_simple_response_needs_no_policy() -> None:
    assert read_call(http_api(), SCOPES).policy_resource is None


@pytest.mark.parametrize("use_request", [rest_api, rest_token])
@pytest.mark.parametrize("line", ["", "default=orders:read"])
def test_policy_is_about_the_whole_stage_where_all_routes_ask_for_the_same(use_request: Any, line: str) -> None:
    assert read_call(use_request(), line).policy_resource == f"{STAGE}/*"


@pytest.mark.parametrize("use_request", [rest_api, rest_token])
def test_policy_is_about_that_call_alone_where_routes_ask_for_different_scopes(use_request: Any) -> None:
    assert read_call(use_request(), SCOPES).policy_resource == ARN


@pytest.mark.parametrize("path", ["orders/*", "orders/1?", "*", "orders/${aws:UserAgent}"])
def test_path_is_never_a_pattern_in_a_policy(path: str) -> None:
    resource = read_call(rest_api(methodArn=f"{STAGE}/GET/{path}"), SCOPES).policy_resource
    assert resource is not None
    assert resource.startswith(f"{STAGE}/GET/")
    assert not {"*", "?"} & set(resource)
    assert "${" not in resource


def simple(**changes: Any) -> AuthorizerCall:
    return read_call(http_api(**changes), "")


def test_http_api_hears_yes_with_who_it_is() -> None:
    assert response(simple(), VALID, CATALOGUE) == {
        "isAuthorized": True,
        "context": {
            "code": "VALID",
            "accountId": "acct_1",
            "keyId": str(KEY.id),
            "scopes": "orders:read orders:write",
            "profileId": "",
        },
    }


def test_backend_is_told_what_the_profile_leaves_of_the_scopes() -> None:
    profile_id = UUID(int=7, version=4)
    key = api_key(scopes=("orders:*", "products:read"), profile_id=profile_id)
    verdict = Verdict("VALID", key, Grants.of(key.scopes, ["orders:write"]))

    context = response(simple(), verdict, CATALOGUE)["context"]

    assert context["profileId"] == str(profile_id)
    assert set(context["scopes"].split(" ")) == {"orders:read", "products:read"}


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("key", [None, KEY], ids=["unknown", "known"])
def test_http_api_hears_no_with_the_reason_alone(code: Code, key: Any) -> None:
    assert response(simple(), Verdict(code, key), CATALOGUE) == {"isAuthorized": False, "context": {"code": code}}


def _statement(response: Any) -> Any:
    (statement,) = response["policyDocument"]["Statement"]
    return statement


@pytest.mark.parametrize("event", [rest_api(), rest_token(), http_api(version="1.0")], ids=["REQUEST", "TOKEN", "1.0"])
def test_policy_allows_a_good_key(event: dict[str, Any]) -> None:
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
def test_policy_denies_every_other(event: dict[str, Any], code: Code) -> None:
    policy = response(read_call(event, SCOPES), Verdict(code), CATALOGUE)

    assert _statement(policy) == {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ARN}
    assert policy["principalId"] == "unknown"
    assert policy["context"] == {"code": code}


@pytest.mark.parametrize("code", UNAUTHORIZED)
@pytest.mark.parametrize("event", [rest_api(), rest_token()], ids=["REQUEST", "TOKEN"])
def test_rest_api_answers_401_for_a_key_that_is_not_valid(event: dict[str, Any], code: Code) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        response(read_call(event, SCOPES), Verdict(code, KEY), CATALOGUE)
    assert str(raised.value) == "Unauthorized"
