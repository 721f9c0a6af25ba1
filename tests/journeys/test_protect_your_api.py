"""The templates of docs/integrate/protect-your-api.md, deployed unchanged: another API with our authorizer."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from local.deploy import deploy_template
from local.routes import make_routes
from local.stack import RunningStack
from local.stages import ROOT
from tests.journeys.product import Caller, admin, new_account

DOCUMENT = ROOT / "docs" / "integrate" / "protect-your-api.md"
IN_A_REST_API = {
    "Type: HttpApi": "Type: Api",
    "ApiId: !Ref Api": "RestApiId: !Ref Api",
    'return event["requestContext"]["authorizer"]["lambda"]': (
        'import json; return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}'
    ),
    "!GetAtt Api.ApiEndpoint": "!Ref Api",
}
"""The document's changes for a REST API, the shape of its responses, and its id instead of its URL."""


def http_api_template() -> str:
    """Return the document's template with an HTTP API."""
    first, _ = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return str(first)


def rest_api_template() -> str:
    """Return the same template with the document's REST API instead of the HTTP API."""
    template, rest_api = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    api, following = template.index("  Api:\n"), template.index("  Orders:\n")
    function = template[following:]
    for written, changed in IN_A_REST_API.items():
        assert written in function
        function = function.replace(written, changed)
    return str(template[:api] + rest_api + function)


def deployed(stack: RunningStack, template: str, authorizer_arn: str) -> Mapping[str, str]:
    """Deploy a template as a new stack and return its outputs."""
    name = f"orders-{uuid4().hex[:12]}"
    outputs = deploy_template(stack.account, template, {"AuthorizerArn": authorizer_arn}, name)
    if "HttpApi" in template:
        make_routes(stack.account, name)
    return outputs


def http_api(stack: RunningStack, authorizer_arn: str) -> str:
    """Deploy the document's HTTP API and return its URL."""
    url = deployed(stack, http_api_template(), authorizer_arn)["Url"]
    api_id = str(urlsplit(url).hostname).partition(".")[0]
    return f"{stack.account.endpoint_url}/_aws/execute-api/{api_id}/$default"


def rest_api(stack: RunningStack, authorizer_arn: str) -> str:
    """Deploy the document's REST API and return its URL."""
    api_id = deployed(stack, rest_api_template(), authorizer_arn)["Url"]
    return f"{stack.account.endpoint_url}/_aws/execute-api/{api_id}/v1"


@pytest.fixture(scope="module")
def base_urls(stack: RunningStack) -> Mapping[str, str]:
    """Deploy both kinds of API and return their URLs."""
    arn = stack.outputs["AuthorizerFunctionArn"]
    return {"HTTP API": http_api(stack, arn), "REST API": rest_api(stack, arn)}


@pytest.fixture(params=["HTTP API", "REST API"])
def base_url(request: pytest.FixtureRequest, base_urls: Mapping[str, str]) -> str:
    """The URL of one of them."""
    return base_urls[request.param]


@pytest.fixture
def invalid_key_status(base_url: str, base_urls: Mapping[str, str]) -> int:
    """The response to an invalid key. Only a REST API can answer 401."""
    return 401 if base_url == base_urls["REST API"] else 403


@pytest.fixture(scope="module")
def cut_off_arn(stack: RunningStack) -> str:
    """Create a copy of the authorizer with a table that it cannot access, so that every request fails."""
    functions = stack.client("lambda")
    found = functions.get_function(FunctionName=stack.outputs["AuthorizerFunctionArn"])
    configuration = found["Configuration"]
    made = functions.create_function(
        FunctionName=f"cut-off-authorizer-{uuid4().hex[:12]}",
        Code={"ZipFile": requests.get(found["Code"]["Location"], timeout=60).content},
        Environment={"Variables": {**configuration["Environment"]["Variables"], "API_KEYS_TABLE": "elsewhere"}},
        Layers=[layer["Arn"] for layer in configuration["Layers"]],
        **{name: configuration[name] for name in ("Runtime", "Role", "Handler", "Timeout", "MemorySize")},
    )
    return str(made["FunctionArn"])


def with_key(base_url: str, key: str) -> Caller:
    return Caller(base_url, {"X-API-Key": key})


def made_key(account: Caller, *scopes: str) -> dict[str, Any]:
    made: dict[str, Any] = account.call("POST", "/api-keys", {"name": "k", "scopes": list(scopes)}, status=201)
    return made


def test_valid_key_passes_and_the_backend_gets_its_account(stack: RunningStack, base_url: str) -> None:
    account_id = new_account()
    made = made_key(admin(stack, account_id), "orders:read", "products:read")
    told = with_key(base_url, made["key"]).call("GET", "/orders")
    told.pop("principalId", None)  # added by a REST API
    told.pop("integrationLatency", None)
    assert told == {
        "code": "VALID",
        "kind": "api_key",
        "accountId": account_id,
        "userId": made["userId"],
        "keyId": made["id"],
        "clientId": "",
        "grantId": "",
        "scopes": "orders:read products:read",
        "profileId": "",
    }


def test_every_accepted_request_is_counted(stack: RunningStack, base_url: str) -> None:
    account = admin(stack, new_account())
    made = made_key(account, "orders:read")
    for _ in range(3):
        with_key(base_url, made["key"]).call("GET", "/orders")
    assert account.call("GET", f"/api-keys/{made['id']}")["requestCount"] == 3


def test_request_without_a_key_is_refused(base_url: str) -> None:
    response = Caller(base_url, {}).send_request("GET", "/orders")
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})


def test_revoked_key_is_refused_on_the_next_request(
    stack: RunningStack, base_url: str, invalid_key_status: int
) -> None:
    account = admin(stack, new_account())
    made = made_key(account, "orders:read")
    with_key(base_url, made["key"]).call("GET", "/orders")
    account.call("DELETE", f"/api-keys/{made['id']}", status=204)
    assert with_key(base_url, made["key"]).send_request("GET", "/orders").status_code == invalid_key_status


def test_each_route_requires_its_own_scopes(stack: RunningStack, base_url: str) -> None:
    account = admin(stack, new_account())
    reading = with_key(base_url, made_key(account, "orders:read")["key"])
    writing = with_key(base_url, made_key(account, "orders:write")["key"])
    assert [each.send_request("GET", "/orders").status_code for each in (reading, writing)] == [200, 403]
    assert [each.send_request("PUT", "/orders/17").status_code for each in (reading, writing)] == [403, 200]


def test_malformed_key_is_refused(base_url: str, invalid_key_status: int) -> None:
    assert with_key(base_url, "nobody's").send_request("GET", "/orders").status_code == invalid_key_status


@pytest.mark.parametrize("deploy", [http_api, rest_api])
def test_dependency_error_of_the_authorizer_is_500(stack: RunningStack, cut_off_arn: str, deploy: Any) -> None:
    made = made_key(admin(stack, new_account()), "orders:read")
    assert with_key(deploy(stack, cut_off_arn), made["key"]).send_request("GET", "/orders").status_code == 500


def test_only_the_apis_authorizers_may_invoke_the_function(stack: RunningStack) -> None:
    arn = stack.outputs["AuthorizerFunctionArn"]
    api_id = http_api(stack, arn).split("/")[-2]
    policy = stack.client("lambda").get_policy(FunctionName=arn)["Policy"]
    assert f":{api_id}/authorizers/*" in policy
