"""The Lambda authorizer for the product's other APIs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.authorizer import UnauthorizedError
from latchhook.edge.route_scopes import UnreadableRouteScopesError
from tests.functions.callers import ACCOUNT, admin, made_key
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.oauth.apps import USER, connected, user

METHOD_ARN = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/orders"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateItem")


def http_api(key: str, **changes: Any) -> Any:
    """Return the authorizer event of an HTTP API, payload format 2.0."""
    event = own_event("authorize_api_key")
    return event | {"identitySource": [key], "headers": event["headers"] | {"x-api-key": key}} | changes


def rest_api(key: str, **changes: Any) -> Any:
    """Return a REQUEST authorizer event of a REST API. Header names keep the client's case."""
    event = {
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "resource": "/orders",
        "httpMethod": "GET",
        "headers": {"X-API-Key": key},
        "requestContext": {"identity": {"sourceIp": "203.0.113.24"}},
    }
    return event | changes


def rest_token(key: str) -> Any:
    """Return a TOKEN authorizer event of a REST API."""
    return {"type": "TOKEN", "methodArn": METHOD_ARN, "authorizationToken": key}


def effect(response: dict[str, Any]) -> str:
    (statement,) = response["policyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    return str(statement["Effect"])


def is_let_through(response: dict[str, Any]) -> bool:
    return bool(response["isAuthorized"]) if "isAuthorized" in response else effect(response) == "Allow"


def test_example_event_is_denied_without_an_error() -> None:
    assert invoke("authorize_api_key", own_event("authorize_api_key")) == {
        "isAuthorized": False,
        "context": {"code": "NOT_FOUND"},
    }


def test_http_api_allows_a_valid_key_and_returns_its_identity() -> None:
    made = made_key("orders:read", "orders:write")
    assert invoke("authorize_api_key", http_api(made["key"])) == {
        "isAuthorized": True,
        "context": {
            "code": "VALID",
            "kind": "api_key",
            "accountId": ACCOUNT,
            "userId": made["userId"],
            "keyId": made["id"],
            "clientId": "",
            "grantId": "",
            "scopes": "orders:read orders:write",
            "profileId": "",
        },
    }
    assert call("get_api_key", admin(), object_id=made["id"]).body["requestCount"] == 1


@pytest.mark.parametrize("query", [rest_api, rest_token])
def test_rest_api_gets_a_policy(query: Any) -> None:
    made = made_key("orders:read")
    response = invoke("authorize_api_key", query(made["key"]))
    assert effect(response) == "Allow"
    assert response["principalId"] == made["id"]
    assert all(isinstance(value, str) for value in response["context"].values())


@pytest.mark.parametrize("query", [rest_api, rest_token])
def test_rest_api_answers_401_for_unknown_revoked_and_disabled_keys(query: Any) -> None:
    revoked, disabled = made_key(), made_key()
    call("revoke_api_key", admin(), object_id=revoked["id"])
    call("update_api_key", admin(), body={"status": "disabled"}, object_id=disabled["id"])
    for text in (revoked["key"], disabled["key"], "placeholder", revoked["key"][:-1] + "!"):
        with pytest.raises(UnauthorizedError, match=r"\AUnauthorized\Z"):
            invoke("authorize_api_key", query(text))


def test_revoked_key_is_denied_on_the_next_call() -> None:
    made = made_key()
    call("revoke_api_key", admin(), object_id=made["id"])
    response = invoke("authorize_api_key", http_api(made["key"]))
    assert response == {"isAuthorized": False, "context": {"code": "REVOKED"}}
    assert call("get_api_key", admin(), object_id=made["id"]).body["requestCount"] == 0


@pytest.mark.parametrize("query", [http_api, rest_api])
def test_allow_list_is_checked_against_api_gateways_source_address(query: Any) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.1"}
    near, far = made_key(ipAllowList=["203.0.113.0/24"]), made_key(ipAllowList=["198.51.100.0/24"])
    assert is_let_through(invoke("authorize_api_key", query(near["key"])))
    refused = invoke("authorize_api_key", query(far["key"], headers={"X-API-Key": far["key"], **forwarded}))
    assert not is_let_through(refused)
    assert refused["context"] == {"code": "IP_NOT_ALLOWED"}


def test_token_authorizer_refuses_keys_with_an_allow_list() -> None:
    made = made_key(ipAllowList=["0.0.0.0/0", "::/0"])
    assert invoke("authorize_api_key", rest_token(made["key"]))["context"] == {"code": "IP_NOT_ALLOWED"}


@pytest.mark.parametrize("query", [http_api, rest_api])
def test_key_needs_the_scopes_of_the_route(query: Any) -> None:
    stage = {"stageVariables": {"latchhookScopes": "GET/orders=orders:read,products:read"}}
    good, poor = made_key("orders:read", "products:read"), made_key("orders:read")
    assert is_let_through(invoke("authorize_api_key", query(good["key"], **stage)))
    refused = invoke("authorize_api_key", query(poor["key"], **stage))
    assert not is_let_through(refused)
    assert refused["context"] == {"code": "INSUFFICIENT_SCOPE"}
    assert call("get_api_key", admin(), object_id=poor["id"]).body["requestCount"] == 0


@pytest.mark.parametrize("query", [http_api, rest_api])
def test_new_deny_rule_of_a_profile_applies_to_the_next_call(query: Any) -> None:
    rules = [{"effect": "allow", "actions": ["orders:*"]}]
    profile = call("create_permission_profile", admin(), body={"name": "Warehouse", "rules": rules}).body
    made = made_key(profileId=profile["id"])
    stage = {"stageVariables": {"latchhookScopes": "GET/orders=orders:write"}}
    told = invoke("authorize_api_key", query(made["key"], **stage))["context"]
    assert (told["profileId"], told["scopes"]) == (profile["id"], "orders:*")

    rules.append({"effect": "deny", "actions": ["orders:write"]})
    call("update_permission_profile", admin(), body={"rules": rules}, object_id=profile["id"])
    refused = invoke("authorize_api_key", query(made["key"], **stage))
    assert not is_let_through(refused)
    assert refused["context"] == {"code": "INSUFFICIENT_SCOPE"}
    assert invoke("authorize_api_key", query(made["key"]))["context"]["scopes"] == "orders:read"


@pytest.mark.parametrize("query", [http_api, rest_api])
def test_unreadable_stage_variable_raises(query: Any, cloud: Cloud) -> None:
    made = made_key("orders:read")
    before = cloud.contents()
    with pytest.raises(UnreadableRouteScopesError):
        invoke("authorize_api_key", query(made["key"], stageVariables={"latchhookScopes": "GET/orders"}))
    assert cloud.contents() == before


def test_rest_api_answers_401_without_a_key() -> None:
    with pytest.raises(UnauthorizedError, match=r"\AUnauthorized\Z"):
        invoke("authorize_api_key", rest_api("", headers={}))


@pytest.mark.parametrize("headers", [{}, None])
def test_missing_key_is_denied(headers: object) -> None:
    assert invoke("authorize_api_key", own_event("authorize_api_key") | {"headers": headers})["isAuthorized"] is False


@pytest.mark.parametrize("query", [http_api, rest_api, rest_token])
def test_outage_raises_instead_of_denying(query: Any, fail: Fail) -> None:
    made = made_key()
    with fail(DENIED), pytest.raises(DependencyUnavailableError):
        invoke("authorize_api_key", query(made["key"]))


# ---- OAuth tokens ----


def with_token(token: str, **variables: str) -> dict[str, Any]:
    """Call the authorizer of an HTTP API with an OAuth token."""
    event = own_event("authorize_api_key")
    headers = {name: value for name, value in event["headers"].items() if name != "x-api-key"}
    event |= {"identitySource": None, "headers": {**headers, "authorization": f"Bearer {token}"}}
    response: dict[str, Any] = invoke("authorize_api_key", event | {"stageVariables": variables})
    return response


def test_oauth_token_is_allowed_until_its_grant_ends() -> None:
    made = connected()
    allowed = with_token(made.access, latchhookScopes="default=orders:read")
    assert allowed["isAuthorized"]
    context = allowed["context"]
    assert (context["kind"], context["userId"], context["clientId"], context["keyId"], context["scopes"]) == (
        "oauth_token", USER, made.client["id"], "", "orders:read",
    )  # fmt: skip
    assert not with_token(made.access, latchhookScopes="default=orders:write")["isAuthorized"]
    assert call("revoke_oauth_grant", user(), object_id=context["grantId"]).status == 204
    assert with_token(made.access) == {"isAuthorized": False, "context": {"code": "REVOKED"}}


def test_oauth_token_for_another_resource_is_denied() -> None:
    token = connected(resource="https://api.example.com/orders").access
    assert with_token(token)["context"]["code"] == "NOT_FOUND"
    assert with_token(token, latchhookAudience="https://api.example.com/other")["context"]["code"] == "NOT_FOUND"
    assert with_token(token, latchhookAudience="https://api.example.com/orders")["isAuthorized"]
    assert effect(invoke("authorize_api_key", rest_token(connected().access))) == "Allow"
    with pytest.raises(UnauthorizedError):
        invoke("authorize_api_key", rest_token(f"Bearer {token}"))
