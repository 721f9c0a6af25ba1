"""Rules of every endpoint: credentials, bodies, queries and outages.

The callers that each endpoint refuses are in test_responses_by_caller.py.
"""

import base64
import io
import json

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, bearer, holder, made_key
from tests.functions.calls import Answered, call, http_event, invoke, own_event
from tests.functions.calls import endpoint as declared
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.described import Endpoint, described
from tests.functions.environment import TOKENS

pytestmark = pytest.mark.usefixtures("account_days")

EVERY = list(described().values())

each_endpoint = pytest.mark.parametrize("endpoint", EVERY, ids=lambda endpoint: endpoint.function)
each_with_sessions = pytest.mark.parametrize(
    "endpoint", [one for one in EVERY if one.takes_sessions], ids=lambda endpoint: endpoint.function
)
each_with_keys = pytest.mark.parametrize(
    "endpoint", [one for one in EVERY if one.is_for_keys], ids=lambda endpoint: endpoint.function
)
each_with_body = pytest.mark.parametrize(
    "endpoint", [one for one in EVERY if one.example], ids=lambda endpoint: endpoint.function
)

PROBLEM = ["type", "title", "status", "detail", "code", "requestId"]


def check_problem(response: Answered, status: int, code: str) -> None:
    """Check that a response is a problem document (RFC 9457) with exactly the documented members."""
    assert (response.status, response.code) == (status, code), response.text
    assert [member for member in response.body if member != "errors"] == PROBLEM
    assert response.body["status"] == status
    assert response.body["type"].endswith(code)
    assert response.headers["cache-control"] == "no-store"


# ---- Credentials ----


@each_endpoint
def test_example_event_with_placeholder_credential_is_401(endpoint: Endpoint, cloud: Cloud) -> None:
    before = cloud.contents()
    event = own_event(endpoint.function)
    returned = invoke(endpoint.function, event)
    response = Answered(returned["statusCode"], returned["headers"], returned["body"])
    assert response.status == 401
    assert response.body["requestId"] == event["requestContext"]["requestId"]
    assert cloud.contents() == before


@each_endpoint
def test_refusal_is_a_problem_document(endpoint: Endpoint) -> None:
    check_problem(call(endpoint.function), 401, "missing_credentials")


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "placeholder", ""])
def test_authorization_without_bearer_token_is_401(header: str) -> None:
    assert call("list_api_keys", {"authorization": header}).status == 401


@each_endpoint
def test_two_kinds_of_credentials_are_400(endpoint: Endpoint) -> None:
    response = call(endpoint.function, {**admin(), "x-api-key": "placeholder"})
    check_problem(response, 400, "ambiguous_credentials")


@pytest.mark.parametrize("account_id", ["", None, "a#b", "a" * 65])
def test_session_without_a_valid_account_is_403(account_id: object) -> None:
    metadata = {"account_id": account_id, "role": "business_admin"}
    check_problem(call("list_api_keys", admin(app_metadata=metadata)), 403, "role_not_allowed")


def test_advisor_uses_the_client_account_named_by_the_header() -> None:
    advisor = bearer(TOKENS.account_token("adviser", role="advisor", client_account_ids=[ACCOUNT]))
    made = call("create_api_key", advisor, body={"name": "For a client"}, headers={"x-account-id": ACCOUNT})
    assert made.body["accountId"] == ACCOUNT
    assert call("get_api_key", admin(), object_id=made.body["id"]).status == 200
    assert call("get_api_key", advisor, object_id=made.body["id"]).status == 404
    refused = call("list_api_keys", advisor, headers={"x-account-id": OTHER_ACCOUNT})
    check_problem(refused, 403, "account_not_allowed")


def test_key_with_one_changed_character_is_401_and_not_counted(cloud: Cloud) -> None:
    key = made_key("api-keys:read")["key"]
    before = cloud.contents()
    for at, character in enumerate(key):
        flipped = key[:at] + ("x" if character != "x" else "y") + key[at + 1 :]
        check_problem(call("list_api_keys", holder(flipped)), 401, "invalid_api_key")
    for bent in (key[:-1], key + "0", key.upper(), f" {key}", ""):
        check_problem(call("list_api_keys", holder(bent)), 401, "invalid_api_key")
    assert cloud.contents() == before


# ---- Bodies ----

MALFORMED = {
    "not JSON": b"{",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "NaN": b'{"name": NaN}',
    "trailing text": b"{} {}",
    "too deep": b"[" * 100_000,
    "a number too long": b'{"name": ' + b"9" * 5000 + b"}",
    "a duplicate member": b'{"name": "a", "name": "a"}',
    "a duplicate member inside": b'{"list": [{"x": 1, "\\u0078": 2}]}',
}


@each_with_body
def test_malformed_body_is_400(endpoint: Endpoint, cloud: Cloud) -> None:
    caller = endpoint.allowed()
    before = cloud.contents()
    for flaw, raw in MALFORMED.items():
        response = endpoint.call(caller, raw=raw)
        assert response.status == 400, flaw
        check_problem(response, 400, "malformed_request")
    assert cloud.contents() == before


@pytest.mark.parametrize("body", ["//4=", "no base64!", "é"])
def test_base64_body_that_is_no_utf8_json_is_400(body: str) -> None:
    event = {**http_event("create_api_key", admin()), "body": body, "isBase64Encoded": True}
    assert invoke("create_api_key", event)["statusCode"] == 400


def test_base64_body_is_decoded() -> None:
    body = base64.b64encode(b'{"name": "k"}').decode()
    event = {**http_event("create_api_key", admin()), "body": body, "isBase64Encoded": True}
    assert invoke("create_api_key", event)["statusCode"] == 201


@pytest.mark.parametrize(
    "raw", [rb'{"name": "a\ufffdb"}', '{"name": "a\ufffdb"}'.encode()], ids=["escaped", "as it is"]
)
def test_replacement_character_in_a_body_is_accepted(raw: bytes) -> None:
    response = call("create_api_key", admin(), raw=raw)
    assert (response.status, response.body["name"]) == (201, "a\ufffdb")


@each_with_body
def test_body_that_is_no_object_is_422(endpoint: Endpoint, cloud: Cloud) -> None:
    caller, object_id = endpoint.allowed(), endpoint.made_thing()
    before = cloud.contents()
    documents: tuple[object, ...] = (None, [], "text", 7, True)
    for document in documents:
        check_problem(endpoint.call(caller, object_id=object_id, body=document), 422, "invalid_fields")
    assert cloud.contents() == before


@each_with_body
def test_unknown_field_is_422_with_pointer(endpoint: Endpoint, cloud: Cloud) -> None:
    caller, object_id = endpoint.allowed(), endpoint.made_thing()
    good = json.loads(own_event(endpoint.function)["body"])
    before = cloud.contents()
    response = endpoint.call(caller, object_id=object_id, body={**good, "unknown/field": 1})
    check_problem(response, 422, "invalid_fields")
    assert response.pointers == ["/unknown~1field"]
    assert cloud.contents() == before


@each_with_body
def test_body_over_256_kib_is_413(endpoint: Endpoint, cloud: Cloud) -> None:
    caller = endpoint.allowed()
    before = cloud.contents()
    response = endpoint.call(caller, body={"name": "x" * 256 * 1024})
    check_problem(response, 413, "content_too_large")
    assert cloud.contents() == before


@each_with_body
def test_body_without_json_media_type_is_415(endpoint: Endpoint, cloud: Cloud) -> None:
    caller = endpoint.allowed()
    raw = own_event(endpoint.function)["body"].encode()
    before = cloud.contents()
    merge_patch = [] if endpoint.method == "PATCH" else ["application/merge-patch+json"]
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "", *merge_patch):
        response = endpoint.call(caller, raw=raw, headers={"content-type": media_type})
        check_problem(response, 415, "unsupported_media_type")
    assert cloud.contents() == before


@each_with_body
def test_json_media_type_is_accepted_with_parameters_and_in_any_case(endpoint: Endpoint) -> None:
    media_types = ["Application/JSON; charset=utf-8"]
    media_types += ["Application/Merge-Patch+JSON; charset=utf-8"] if endpoint.method == "PATCH" else []
    for media_type in media_types:
        raw = own_event(endpoint.function)["body"].encode()
        response = endpoint.call(
            endpoint.allowed(), object_id=endpoint.made_thing(), raw=raw, headers={"content-type": media_type}
        )
        # The example asks for a client that does not exist.
        assert response.status in {200, 201, 202} or response.code == "unknown_oauth_client", response.text


# ---- Queries ----


@each_endpoint
def test_unknown_query_parameter_is_422_and_changes_nothing(endpoint: Endpoint, cloud: Cloud) -> None:
    caller, object_id = endpoint.allowed(), endpoint.made_thing()
    before = cloud.contents()
    response = endpoint.call(caller, object_id=object_id, query={"stauts": "revoked"})
    check_problem(response, 422, "invalid_fields")
    assert response.pointers == ["?stauts"]
    if endpoint.takes_sessions:  # the use of a key is counted
        assert cloud.contents() == before


@each_endpoint
def test_query_parameter_sent_twice_is_422_unless_it_is_a_list(endpoint: Endpoint) -> None:
    caller, object_id = endpoint.allowed(), endpoint.made_thing()
    for name, is_list in declared(endpoint.function).description.query_parameters().items():
        event = http_event(endpoint.function, caller, object_id=object_id)
        event["rawQueryString"], event["queryStringParameters"] = f"{name}=1&{name}=1", {name: "1,1"}
        returned = invoke(endpoint.function, event)
        assert (returned["statusCode"] == 422) != is_list, name
        assert is_list or f'"?{name}"' in returned["body"]


# ---- Outages: dependency errors, never reported as the caller's mistake ----

OUTAGES: dict[str, BotoCoreError | ClientError] = {
    "unreachable": EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
    "too slow": ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
    "access denied": ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateItem"),
    "throttled": ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "UpdateItem"),
    "broken": ClientError({"Error": {"Code": "InternalServerError", "Message": "oops"}}, "UpdateItem"),
}


@each_with_sessions
def test_outage_with_a_session_is_503(endpoint: Endpoint, cloud: Cloud, fail: Fail) -> None:
    caller = endpoint.allowed()
    before = cloud.contents()
    for outage, error in OUTAGES.items():
        with fail(error):
            response = call(endpoint.function, caller)
        assert response.status == 503, outage
        check_problem(response, 503, "temporarily_unavailable")
        assert response.headers["retry-after"] == "1"
    assert cloud.contents() == before


@each_with_keys
def test_outage_with_a_key_is_503_instead_of_401(endpoint: Endpoint, fail: Fail) -> None:
    key = endpoint.made_key()["key"]
    for error in OUTAGES.values():
        with fail(error):
            check_problem(call(endpoint.function, holder(key)), 503, "temporarily_unavailable")


def test_refusal_that_cannot_be_recorded_is_still_returned(
    fail_operation: Fail, log: io.StringIO, cloud: Cloud
) -> None:
    member = admin(app_metadata={"account_id": ACCOUNT, "role": "member"})
    with fail_operation("dynamodb", "PutItem", OUTAGES["access denied"]):
        check_problem(call("list_api_keys", member), 403, "role_not_allowed")
    assert "refusal not recorded" in log.getvalue()
    assert "request.refused" not in cloud.audit(ACCOUNT)


def test_outage_is_logged_with_its_operation_and_hidden_from_the_caller(fail: Fail, log: io.StringIO) -> None:
    with fail(OUTAGES["access denied"]):
        response = call("list_api_keys", admin())
    assert "AccessDenied" not in response.text
    assert "batch_get_item: AccessDeniedException" in log.getvalue()
