"""What holds for every endpoint: who is let in, what a body must be, and what an outage looks like."""

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    admin,
    bad_tokens,
    bearer,
    holder,
    made_key,
    operator,
    operator_key,
)
from tests.functions.calls import Answered, Caller, call, endpoint, endpoints, http_event, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.environment import TOKENS

ENDPOINTS = endpoints()
OPERATOR_ONLY = ("publish_event", "verify_api_key")
SESSION_ONLY = [name for name in ENDPOINTS if "/integration/" in own_event(name)["routeKey"]]
WITH_KEYS = [name for name in ENDPOINTS if name not in SESSION_ONLY]
OF_ACCOUNTS = [name for name in ENDPOINTS if name not in OPERATOR_ONLY]
WITH_BODY = [name for name in ENDPOINTS if "body" in own_event(name)]

PROBLEM = ["type", "title", "status", "detail", "code", "requestId"]


def allowed(function: str) -> Caller:
    """A caller with a session who may use the endpoint."""
    return operator() if function in OPERATOR_ONLY else admin()


def allowed_key(function: str) -> str:
    """A new key whose holder may use the endpoint."""
    scope = endpoint(function).description.scope
    made = operator_key(scope) if function in OPERATOR_ONLY else made_key(scope)
    return str(made["key"])


def check_problem(answer: Answered, status: int, code: str) -> None:
    """It is a problem document of RFC 9457, with all members of contracts.md and no other."""
    assert (answer.status, answer.code) == (status, code), answer.text
    assert [member for member in answer.body if member != "errors"] == PROBLEM
    assert answer.body["status"] == status
    assert answer.body["type"].endswith(code)
    assert answer.headers["cache-control"] == "no-store"


def but_refusals(contents: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is stored, apart from what the audit log says of refused attempts."""
    kept = [item for item in contents["SettingsTable"] if item.get("action") != "request.refused"]
    return {**contents, "SettingsTable": kept}


def refusals(cloud: Cloud, account_id: str = ACCOUNT) -> set[tuple[str, str]]:
    """Kind of caller and code of each attempt that was refused in an account."""
    entries = [item for item in cloud.items("SettingsTable") if item["owner"] == f"AUDIT#{account_id}"]
    refused = [entry for entry in entries if entry["action"] == "request.refused"]
    return {(entry["actorKind"], json.loads(entry["details"])["code"]) for entry in refused}


# ---- Who is let in ----


@pytest.mark.parametrize("function", ENDPOINTS)
def test_own_event_has_a_placeholder_for_credential_and_is_answered_401(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    returned = invoke(function, own_event(function))
    answer = Answered(returned["statusCode"], returned["headers"], returned["body"])
    assert answer.status == 401
    assert answer.body["requestId"] == own_event(function)["requestContext"]["requestId"]
    assert cloud.contents() == before


@pytest.mark.parametrize("function", ENDPOINTS)
def test_no_credential_is_401_with_a_challenge(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    answer = call(function)
    check_problem(answer, 401, "missing_credentials")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert cloud.contents() == before


@pytest.mark.parametrize("function", ENDPOINTS)
def test_token_that_does_not_hold_is_401(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    for flaw, token in bad_tokens().items():
        answer = call(function, bearer(token))
        assert answer.status == 401, flaw
        check_problem(answer, 401, "token_expired" if flaw == "expired" else "invalid_token")
        assert answer.headers["www-authenticate"]
    assert cloud.contents() == before


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "placeholder", ""])
def test_authorization_that_is_no_bearer_token_is_401(header: str) -> None:
    assert call("list_api_keys", {"authorization": header}).status == 401


@pytest.mark.parametrize("function", ENDPOINTS)
def test_both_kinds_of_credential_at_once_are_400(function: str) -> None:
    answer = call(function, {**allowed(function), "x-api-key": "placeholder"})
    check_problem(answer, 400, "ambiguous_credentials")


@pytest.mark.parametrize("function", ENDPOINTS)
def test_other_roles_are_403_and_change_nothing(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    for role in ("member", "service_role", "", None, ["business_admin"]):
        metadata = {"account_id": ACCOUNT, "role": role, "client_account_ids": [ACCOUNT]}
        answer = call(function, admin(app_metadata=metadata, user_metadata={"role": "business_admin"}))
        check_problem(answer, 403, "role_not_allowed")
    assert but_refusals(cloud.contents()) == before
    assert refusals(cloud) == {("user", "role_not_allowed")}


@pytest.mark.parametrize("account_id", ["", None, 7, "a#b", "a" * 65])
def test_session_without_a_proper_account_is_403(account_id: object) -> None:
    metadata = {"account_id": account_id, "role": "business_admin"}
    check_problem(call("list_api_keys", admin(app_metadata=metadata)), 403, "role_not_allowed")


@pytest.mark.parametrize("function", OF_ACCOUNTS)
def test_admin_of_another_account_is_403_whether_the_account_exists_or_not(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    for wanted in (OTHER_ACCOUNT, "no-such-account"):
        answer = call(function, admin(client_account_ids=[OTHER_ACCOUNT]), headers={"x-account-id": wanted})
        check_problem(answer, 403, "account_not_allowed")
    assert but_refusals(cloud.contents()) == before
    assert refusals(cloud) == {("user", "account_not_allowed")}
    assert refusals(cloud, OTHER_ACCOUNT) == set()


def test_advisor_works_in_the_clients_account_that_the_header_names() -> None:
    advisor = bearer(TOKENS.account_token("adviser", role="advisor", client_account_ids=[ACCOUNT]))
    made = call("create_api_key", advisor, body={"name": "For a client"}, headers={"x-account-id": ACCOUNT})
    assert made.body["accountId"] == ACCOUNT
    assert call("get_api_key", admin(), thing_id=made.body["id"]).status == 200
    assert call("get_api_key", advisor, thing_id=made.body["id"]).status == 404
    refused = call("list_api_keys", advisor, headers={"x-account-id": OTHER_ACCOUNT})
    check_problem(refused, 403, "account_not_allowed")


@pytest.mark.parametrize("function", OPERATOR_ONLY)
def test_customers_are_403_at_the_operators_endpoints(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    check_problem(call(function, admin()), 403, "insufficient_scope")
    assert but_refusals(cloud.contents()) == before
    assert refusals(cloud) == {("user", "insufficient_scope")}


@pytest.mark.parametrize("function", OF_ACCOUNTS)
def test_service_token_belongs_to_no_account_and_manages_none(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    answer = call(function, operator(), headers={"x-account-id": ACCOUNT})
    assert answer.status == 403
    assert answer.code in {"no_account", "insufficient_scope"}
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_KEYS)
def test_key_without_the_scope_is_403(function: str, cloud: Cloud) -> None:
    needed = endpoint(function).description.scope
    others = {"api-keys:read", "api-keys:write", "webhooks:read", "webhooks:write", "orders:read"} - {needed}
    key = made_key(*sorted(others))["key"]
    before = cloud.contents()
    check_problem(call(function, holder(key)), 403, "insufficient_scope")
    assert refusals(cloud) == {("api_key", "insufficient_scope")}
    after = but_refusals(cloud.contents())
    assert {name: after[name] for name in after if name != "ApiKeysTable"} == {
        name: before[name] for name in before if name != "ApiKeysTable"
    }
    assert len(after["ApiKeysTable"]) == 1


@pytest.mark.parametrize("function", SESSION_ONLY)
def test_integration_endpoints_take_no_key(function: str, cloud: Cloud) -> None:
    key = made_key("api-keys:read", "api-keys:write", "webhooks:read", "webhooks:write")["key"]
    before = cloud.contents()
    check_problem(call(function, holder(key)), 401, "session_required")
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_KEYS)
def test_key_with_the_scope_is_let_in(function: str) -> None:
    answer = call(function, holder(allowed_key(function)))
    assert answer.status in {200, 201, 202, 204, 404} or answer.code == "scope_beyond_creator"


@pytest.mark.parametrize("function", WITH_KEYS)
def test_revoked_key_is_401_on_the_next_request(function: str, cloud: Cloud) -> None:
    account = OPERATOR_ACCOUNT_ID if function in OPERATOR_ONLY else ACCOUNT
    made = made_key(endpoint(function).description.scope, account_id=account)
    assert call(function, holder(made["key"])).status < 500
    assert call("revoke_api_key", admin(account), thing_id=made["id"]).status == 204
    before = cloud.contents()
    answer = call(function, holder(made["key"]))
    check_problem(answer, 401, "invalid_api_key")
    assert answer.headers["www-authenticate"]
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_KEYS)
def test_expired_and_disabled_keys_are_401(function: str, cloud: Cloud) -> None:
    key = allowed_key(function)
    key_id = cloud.items("ApiKeysTable")[0]["id"]
    cloud.change_key(key_id, expiresAt=1)
    check_problem(call(function, holder(key)), 401, "invalid_api_key")
    cloud.change_key(key_id, expiresAt=10**13, status="disabled")
    check_problem(call(function, holder(key)), 401, "invalid_api_key")


def test_key_with_any_one_character_changed_is_401_and_counts_nothing(cloud: Cloud) -> None:
    key = made_key("api-keys:read")["key"]
    before = cloud.contents()
    for at, character in enumerate(key):
        flipped = key[:at] + ("x" if character != "x" else "y") + key[at + 1 :]
        check_problem(call("list_api_keys", holder(flipped)), 401, "invalid_api_key")
    for bent in (key[:-1], key + "0", key.upper(), f" {key}", ""):
        check_problem(call("list_api_keys", holder(bent)), 401, "invalid_api_key")
    assert cloud.contents() == before


def test_key_of_another_account_than_the_header_names_is_403() -> None:
    key = made_key("api-keys:read")["key"]
    answer = call("list_api_keys", holder(key), headers={"x-account-id": OTHER_ACCOUNT})
    check_problem(answer, 403, "account_not_allowed")


# ---- What a body must be ----

MALFORMED = {
    "not JSON": b"{",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "NaN": b'{"name": NaN}',
    "trailing text": b"{} {}",
    "too deep": b"[" * 100_000,
    "a number too long": b'{"name": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("function", WITH_BODY)
def test_malformed_body_is_400(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    for flaw, raw in MALFORMED.items():
        answer = call(function, allowed(function), raw=raw)
        assert answer.status == 400, flaw
        check_problem(answer, 400, "malformed_request")
    assert cloud.contents() == before


@pytest.mark.parametrize("body", ["//4=", "no base64!", "é"])
def test_body_in_base64_that_is_no_json_in_utf_8_is_400(body: str) -> None:
    event = {**http_event("create_api_key", admin()), "body": body, "isBase64Encoded": True}
    assert invoke("create_api_key", event)["statusCode"] == 400


def test_body_in_base64_is_read() -> None:
    body = base64.b64encode(b'{"name": "k"}').decode()
    event = {**http_event("create_api_key", admin()), "body": body, "isBase64Encoded": True}
    assert invoke("create_api_key", event)["statusCode"] == 201


@pytest.mark.parametrize(
    "raw", [rb'{"name": "a\ufffdb"}', '{"name": "a\ufffdb"}'.encode()], ids=["escaped", "as it is"]
)
def test_replacement_character_that_was_sent_is_taken(raw: bytes) -> None:
    answer = call("create_api_key", admin(), raw=raw)
    assert (answer.status, answer.body["name"]) == (201, "a\ufffdb")


@pytest.mark.parametrize("function", WITH_BODY)
def test_body_that_is_no_object_is_422(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    documents: tuple[object, ...] = ([], "text", 7, True)
    for document in documents:
        check_problem(call(function, allowed(function), body=document), 422, "invalid_fields")
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_BODY)
def test_unknown_field_is_422_and_pointed_at(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    good = json.loads(own_event(function)["body"])
    answer = call(function, allowed(function), body={**good, "unknown/field": 1})
    check_problem(answer, 422, "invalid_fields")
    assert answer.pointers == ["/unknown~1field"]
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_BODY)
def test_body_over_256_kib_is_413(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    good = json.loads(own_event(function)["body"])
    answer = call(function, allowed(function), body={**good, "name": "x" * 257 * 1024})
    check_problem(answer, 413, "content_too_large")
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_BODY)
def test_body_that_is_not_declared_as_json_is_415(function: str, cloud: Cloud) -> None:
    before = cloud.contents()
    raw = own_event(function)["body"].encode()
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = call(function, allowed(function), raw=raw, headers={"content-type": media_type})
        check_problem(answer, 415, "unsupported_media_type")
    assert cloud.contents() == before


@pytest.mark.parametrize("function", [name for name in WITH_BODY if name not in {"generate_integration_key"}])
def test_body_is_json_with_any_parameter_and_case(function: str) -> None:
    answer = call(function, allowed(function), headers={"content-type": "Application/JSON; charset=utf-8"})
    assert answer.status in {200, 201, 202, 404}


# ---- Outages: ours, and never taken for the caller's mistake ----

OUTAGES: dict[str, BotoCoreError | ClientError] = {
    "unreachable": EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
    "too slow": ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
    "access denied": ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateItem"),
    "throttled": ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "UpdateItem"),
    "broken": ClientError({"Error": {"Code": "InternalServerError", "Message": "oops"}}, "UpdateItem"),
}


@pytest.mark.parametrize("function", ENDPOINTS)
def test_outage_is_503_by_session(function: str, cloud: Cloud, fail: Fail) -> None:
    before = cloud.contents()
    for outage, error in OUTAGES.items():
        with fail(error):
            answer = call(function, allowed(function))
        assert answer.status == 503, outage
        check_problem(answer, 503, "temporarily_unavailable")
        assert answer.headers["retry-after"] == "1"
    assert cloud.contents() == before


@pytest.mark.parametrize("function", WITH_KEYS)
def test_outage_is_503_by_key_and_never_401(function: str, fail: Fail) -> None:
    key = allowed_key(function)
    for error in OUTAGES.values():
        with fail(error):
            check_problem(call(function, holder(key)), 503, "temporarily_unavailable")


def test_refusal_stands_where_it_can_not_be_recorded(fail: Fail, log: io.StringIO, cloud: Cloud) -> None:
    member = admin(app_metadata={"account_id": ACCOUNT, "role": "member"})
    with fail(OUTAGES["access denied"]):
        check_problem(call("list_api_keys", member), 403, "role_not_allowed")
    assert "refusal not recorded" in log.getvalue()
    assert refusals(cloud) == set()


def test_outage_is_logged_with_where_it_was_and_answered_without(fail: Fail, log: io.StringIO) -> None:
    with fail(OUTAGES["access denied"]):
        answer = call("list_api_keys", admin())
    assert "AccessDenied" not in answer.text
    assert "query: AccessDeniedException" in log.getvalue()
