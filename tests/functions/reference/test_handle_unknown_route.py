"""Paths and methods without a function."""

from typing import Any

import pytest

from tests.functions.callers import admin
from tests.functions.calls import NOBODY, Answered, call, http_event, invoke, own_event

API = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


def answered(returned: Any) -> Answered:
    return Answered(returned["statusCode"], returned["headers"], returned["body"])


def send_request(method: str, path: str, domain: str = API) -> Answered:
    event = own_event("handle_unknown_route")
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["requestContext"]["domainName"] = domain
    return answered(invoke("handle_unknown_route", event))


def test_unknown_path_is_404_with_a_problem_document() -> None:
    response = call("handle_unknown_route")
    assert (response.status, response.code) == (404, "no_such_route")
    assert response.body["requestId"]


def test_response_is_the_same_for_every_caller() -> None:
    asked_by_admin = call("handle_unknown_route", admin())
    assert asked_by_admin.without_request_id == call("handle_unknown_route", NOBODY).without_request_id


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api-keys", "GET, HEAD, POST"),
        ("TRACE", "/api-keys", "GET, HEAD, POST"),
        ("GET", "/webhooks/5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21/rotate-secret", "POST"),
        ("POST", "/event-types/issue.resolved", "DELETE, PUT"),
        ("POST", "/admin/integrations/assets/index.js", "GET, HEAD"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
    ],
)
def test_wrong_method_on_known_path_is_405_with_allow(method: str, path: str, allow: str) -> None:
    response = send_request(method, path)
    assert (response.status, response.code) == (405, "method_not_allowed")
    assert response.headers["allow"] == allow


@pytest.mark.parametrize("path", ["/", "/api-keys/", "/api-keys/x/y/z", "/v1/api-keys", "/API-KEYS", "//api-keys"])
def test_similar_path_is_404(path: str) -> None:
    assert send_request("PUT", path).status == 404


def test_base_path_of_a_custom_domain_is_ignored() -> None:
    response = send_request("PUT", "/api/v1/api-keys", "api.example.com")
    assert (response.status, response.headers["allow"]) == (405, "GET, HEAD, POST")
    assert send_request("PUT", "/api/v1/no-such", "api.example.com").status == 404


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_fixed_path_below_an_id_route_is_405(method: str) -> None:
    function = {"GET": "get_api_key", "PATCH": "update_api_key"}[method]
    event = http_event(function, admin(), path={"id": "verify"})
    response = answered(invoke(function, event))
    assert (response.status, response.headers["allow"]) == (405, "POST")
