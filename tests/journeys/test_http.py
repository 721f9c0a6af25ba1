"""HTTP on the deployed stack: methods, CORS, compression, and refused requests."""

import gzip
from collections.abc import Mapping

import pytest
import requests

from local.front import SIGN_IN_AS
from local.stack import OPERATOR_SCOPES, RunningStack
from tests.journeys.product import PATIENCE_SECONDS, Caller, admin, holder, new_account, nobody

ALLOWED, REFUSED = "http://localhost:3000", "http://localhost:4000"


def preflight(stack: RunningStack, origin: str) -> requests.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    return nobody(stack).send_request("OPTIONS", "/api-keys", headers=headers)


def test_wrong_method_is_405_with_the_methods_of_the_path(stack: RunningStack) -> None:
    for method in ("PUT", "TRACE", "PURGE"):
        response = nobody(stack).send_request(method, "/api-keys")
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")
        assert response.json()["code"] == "method_not_allowed"
    assert nobody(stack).send_request("PUT", "/no-such").json()["code"] == "no_such_route"
    wrong = admin(stack, new_account()).send_request("GET", "/api-keys/verify")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/api-keys", "/openapi.json", "/admin/integrations", "/no-such"])
def test_head_has_the_status_and_headers_of_get_without_a_body(stack: RunningStack, path: str) -> None:
    caller = admin(stack, new_account())
    get, head = caller.send_request("GET", path), caller.send_request("HEAD", path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    names = ("Content-Type", "Content-Length", "Content-Encoding", "Cache-Control", "ETag", "Vary")
    assert {name: head.headers.get(name) for name in names} == {name: get.headers.get(name) for name in names}


def test_allowed_origin_can_call_and_read_the_headers(stack: RunningStack) -> None:
    asked = preflight(stack, ALLOWED)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["Access-Control-Allow-Origin"] == ALLOWED
    allowed = {name.strip().lower() for name in asked.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "x-account-id", "x-api-key"} <= allowed
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in asked.headers

    caller = admin(stack, new_account())
    body = {"name": "From a page"}
    response = Caller(stack.base_url, {**caller.headers, "Origin": ALLOWED}).send_request("POST", "/api-keys", body)
    assert response.status_code == 201
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    exposed = {name.strip().lower() for name in response.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"location", "retry-after", "ratelimit", "idempotency-replayed", "etag"} <= exposed
    refusal = nobody(stack).send_request("GET", "/api-keys", headers={"Origin": ALLOWED})
    assert (refusal.status_code, refusal.headers["Access-Control-Allow-Origin"]) == (401, ALLOWED)


def test_other_origin_gets_no_cors_header(stack: RunningStack) -> None:
    for response in (
        preflight(stack, REFUSED),
        nobody(stack).send_request("GET", "/openapi.json", headers={"Origin": REFUSED}),
    ):
        assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_openapi_document_is_compressed_and_cached_by_etag(stack: RunningStack) -> None:
    url = f"{stack.base_url}/openapi.json"
    response = requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=PATIENCE_SECONDS)
    sent = response.raw.read(decode_content=False)
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent) == requests.get(url, headers={"Accept-Encoding": ""}, timeout=PATIENCE_SECONDS).content
    known = {"Accept-Encoding": "gzip", "If-None-Match": response.headers["ETag"]}
    again = requests.get(url, headers=known, timeout=PATIENCE_SECONDS)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", response.headers["ETag"])


def test_operator_key_of_the_local_stack_has_all_operator_scopes(stack: RunningStack) -> None:
    response = holder(stack, stack.operator_api_key).call("GET", "/api-keys/current")
    assert set(response["scopes"]) == OPERATOR_SCOPES
    assert {"api-keys:verify", "events:write", "event-types:write"} <= OPERATOR_SCOPES


@pytest.mark.parametrize(
    "page", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_web_pages_get_no_ready_made_session(stack: RunningStack, page: Mapping[str, str]) -> None:
    response = nobody(stack).send_request("GET", f"/{SIGN_IN_AS}", headers=page)
    assert response.status_code in {403, 421}
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "token" not in response.text


def signed(access_key_id: str) -> dict[str, str]:
    scope = f"{access_key_id}/20260501/us-east-1/dynamodb/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0",
    }


def test_emulated_aws_is_closed_to_pages_and_well_known_keys(stack: RunningStack) -> None:
    url = stack.account.endpoint_url

    def list_tables(headers: Mapping[str, str]) -> requests.Response:
        return requests.post(url, data=b"{}", headers=headers, timeout=PATIENCE_SECONDS)

    own = signed(stack.account.access_key_id)
    assert "TableNames" in list_tables(own).json()
    assert not [name for name in list_tables(own).headers if name.lower().startswith("access-control-")]
    for headers in (signed("test"), signed("123456789012"), signed("AKIAUNKNOWN"), {}):
        assert list_tables(headers).status_code == 403
    for page in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Mode": "no-cors"}, {"Host": "evil.example"}):
        response = list_tables({**own, **page})
        assert (response.status_code, response.headers.get("Access-Control-Allow-Origin")) == (403, None)
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert requests.options(url, headers=asked, timeout=PATIENCE_SECONDS).status_code == 403
    assert requests.post(f"{url}/_ministack/reset", timeout=PATIENCE_SECONDS).status_code == 403
