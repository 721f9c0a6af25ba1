"""What API Gateway asks a Lambda authorizer, and what it hears, for HTTP and REST APIs."""

from typing import Any

import pytest

from latchhook.api_keys.verification import Code, Verdict
from latchhook.edge.authorizer import AuthorizerCall, read_call, response
from tests.samples import api_key

ARN = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/orders"
KEY = api_key(scopes=("orders:read", "orders:write"))
REFUSALS: tuple[Code, ...] = ("NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE")


@pytest.mark.parametrize("name", ["x-api-key", "X-API-Key", "X-Api-Key"])
def test_an_http_api_sends_the_key_in_a_header(name: str) -> None:
    event = {"version": "2.0", "type": "REQUEST", "routeArn": ARN, "headers": {name: "k3y", "accept": "*/*"}}

    assert read_call(event) == AuthorizerCall("k3y", None)


@pytest.mark.parametrize("version", [{}, {"version": "1.0"}])
def test_a_rest_api_sends_the_key_in_a_header_and_names_the_method(version: dict[str, str]) -> None:
    event = {"type": "REQUEST", "methodArn": ARN, "headers": {"X-API-Key": "k3y"}, **version}

    assert read_call(event) == AuthorizerCall("k3y", ARN)


def test_a_rest_apis_token_authorizer_sends_the_key_alone() -> None:
    event = {"type": "TOKEN", "methodArn": ARN, "authorizationToken": "k3y"}

    assert read_call(event) == AuthorizerCall("k3y", ARN)


@pytest.mark.parametrize("headers", [{}, None, {"authorization": "k3y"}])
def test_no_key_is_an_empty_text(headers: dict[str, str] | None) -> None:
    assert read_call({"version": "2.0", "headers": headers}).key_text == ""


def test_a_call_does_not_show_its_key() -> None:
    assert "k3y" not in repr(AuthorizerCall("k3y", ARN))


def test_an_http_api_hears_yes_with_who_it_is() -> None:
    assert response(AuthorizerCall("k3y", None), Verdict("VALID", KEY)) == {
        "isAuthorized": True,
        "context": {
            "code": "VALID",
            "accountId": "acct_1",
            "keyId": str(KEY.id),
            "scopes": "orders:read orders:write",
        },
    }


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("key", [None, KEY], ids=["unknown", "known"])
def test_an_http_api_hears_no_with_the_reason_alone(code: Code, key: Any) -> None:
    answer = response(AuthorizerCall("k3y", None), Verdict(code, key))

    assert answer == {"isAuthorized": False, "context": {"code": code}}


def _statement(answer: Any) -> Any:
    (statement,) = answer["policyDocument"]["Statement"]
    return statement


def test_a_rest_api_hears_a_policy_for_the_method_asked_for() -> None:
    answer = response(AuthorizerCall("k3y", ARN), Verdict("VALID", KEY))

    assert _statement(answer) == {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}
    assert answer["policyDocument"]["Version"] == "2012-10-17"
    assert answer["principalId"] == str(KEY.id)
    assert all(isinstance(value, str) for value in answer["context"].values())


@pytest.mark.parametrize("code", REFUSALS)
def test_a_rest_api_hears_a_policy_that_denies(code: Code) -> None:
    answer = response(AuthorizerCall("k3y", ARN), Verdict(code))

    assert _statement(answer) == {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ARN}
    assert answer["principalId"] == "unknown"
