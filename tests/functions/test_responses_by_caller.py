"""The responses of every endpoint of openapi.json to callers it refuses, and for objects that do not exist.

| caller | response |
|---|---|
| no credential, an invalid one, or a kind that is not accepted | 401 with a challenge |
| a role, a scope, an account or an address without permission | 403 |
| a key whose limits are reached | 429 |
| another account's object, a missing object or a malformed id | the same 404 |

The document defines the rules of an endpoint: its security, scope, path and parameters.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from latchhook.permissions.scopes import MEMBER_SCOPES
from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    acting,
    admin,
    bad_tokens,
    bearer,
    holder,
    made_key,
    made_member,
    made_profile,
    operator,
    operator_key,
    refusal_code,
)
from tests.functions.calls import Answered, Caller, call, endpoints, invoke
from tests.functions.cloud import Cloud
from tests.functions.described import DOCUMENT, Endpoint, described
from tests.functions.github import Github
from tests.functions.portal_sessions.portal import opened
from tests.github import found

EVERY = list(described().values())


def each(endpoints: list[Endpoint]) -> pytest.MarkDecorator:
    """Run a test for each of these endpoints."""
    assert endpoints
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda endpoint: endpoint.function)


each_endpoint = each(EVERY)
each_with_sessions = each([one for one in EVERY if one.takes_sessions])
each_with_keys = each([one for one in EVERY if one.is_for_keys])
each_with_limits = each([one for one in EVERY if one.is_for_keys and 429 in one.statuses])
each_with_things = each([one for one in EVERY if one.has_thing and not one.is_operators])
ACTED_ON = [one for one in EVERY if one.takes_sessions and "account" in one.parameters]
"""The endpoints on which the operator acts for an account."""


def operators(endpoint: Endpoint) -> list[Caller]:
    """Return the operator's credentials that act on this endpoint."""
    if endpoint not in ACTED_ON:
        return []
    return [operator(), *([holder(operator_key("accounts:manage")["key"])] if endpoint.takes_keys else [])]


def check(response: Answered, endpoint: Endpoint, status: int, code: str) -> None:
    """Check that the response is this problem document, and that openapi.json lists the status."""
    assert (response.status, response.code) == (status, code), response.text
    assert status in endpoint.statuses
    assert ("www-authenticate" in response.headers) == (status == 401)


def untouched(cloud: Cloud) -> Mapping[str, Any]:
    """Return the contents of tables and queues without the records of refused requests."""
    contents = cloud.contents()
    settings = [item for item in contents["SettingsTable"] if item.get("action") != "request.refused"]
    keys = [item for item in contents["ApiKeysTable"] if not item["record"].startswith("REFUSED#")]
    return {**contents, "SettingsTable": settings, "ApiKeysTable": keys}


def used(key_id: str, account_id: str) -> dict[str, Any]:
    """Return today's uses and refusals of a key."""
    usage = call("get_api_key_usage", admin(account_id), object_id=key_id, query={"days": "1"}).body
    (today,) = usage["data"]
    return {"requests": today["requests"], **today["refused"]}


# ---- Coverage of the table ----


def test_document_lists_every_authenticated_endpoint() -> None:
    assert sorted([*described(), "exchange_portal_code"]) == endpoints()


def test_other_endpoints_are_public_or_signed() -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    others = {
        content["operationId"]: content["security"]
        for methods in document["paths"].values()
        for content in methods.values()
        if content["operationId"] not in {one.content["operationId"] for one in EVERY}
    }
    pages = ["ExchangePortalCode", "GetOpenapi", "Authorize", "GetAuthorizationServerMetadata"]
    of_clients = ["CreateToken", "RevokeToken", "IntrospectToken"]
    assert others == {
        **{name: [] for name in [*pages, "GetProtectedResourceMetadata"]},
        **{name: [{"clientCredentials": []}, {}] for name in of_clients},
        "ReportGithubLeaks": [{"githubSignature": []}],
    }


def test_missing_or_invalid_signature_is_401(cloud: Cloud) -> None:
    content = json.dumps([found(made_key()["key"])]).encode()
    before = cloud.contents()
    with Github() as github:
        github.believed_by_function()
        good = github.signature_headers(content)
        for headers, code in (
            ({**good, "github-public-key-signature": ""}, "missing_signature"),
            ({**good, "github-public-key-identifier": ""}, "missing_signature"),
            (github.signature_headers(content + b" "), "invalid_signature"),
        ):
            response = call("report_github_leaks", raw=content, headers=headers)
            assert (response.status, response.code) == (401, code)
            assert response.headers["www-authenticate"]
    assert cloud.contents() == before


# ---- 401: unknown callers ----


@each_endpoint
def test_missing_credential_is_401(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id = endpoint.made_thing()
    before = cloud.contents()
    check(endpoint.call({}, object_id=object_id), endpoint, 401, "missing_credentials")
    assert cloud.contents() == before


@each_with_sessions
def test_invalid_token_is_401(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id = endpoint.made_thing()
    before = cloud.contents()
    for flaw, token in bad_tokens().items():
        code = refusal_code(flaw)
        check(endpoint.call(bearer(token), object_id=object_id), endpoint, 401, code)
    assert cloud.contents() == before


@each_with_keys
def test_invalid_key_is_401(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, text = endpoint.made_thing(), endpoint.made_key()["key"]
    before = cloud.contents()
    other_secret = text[:30] + ("0" if text[30] != "0" else "1") + text[31:]
    for bad in (other_secret, text[:-1], "placeholder", "", "x" * 40, "x" * 257, "ключ" * 10):
        check(endpoint.call(holder(bad), object_id=object_id), endpoint, 401, "invalid_api_key")
    assert cloud.contents() == before


@each_endpoint
def test_credential_of_a_kind_not_accepted_is_401(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, text = endpoint.made_thing(), endpoint.made_key()["key"]
    before = cloud.contents()
    if not endpoint.takes_keys:
        check(endpoint.call(holder(text), object_id=object_id), endpoint, 401, "session_required")
    if not endpoint.takes_sessions:
        check(endpoint.call(admin(), object_id=object_id), endpoint, 401, "api_key_required")
    basic = endpoint.call({"authorization": "Basic dXNlcjpwYXNz"}, object_id=object_id)
    check(basic, endpoint, 401, "invalid_token" if endpoint.takes_sessions else "api_key_required")
    assert cloud.contents() == before


@each_with_keys
def test_revoked_key_is_401_on_the_next_request_and_counted(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, made = endpoint.made_thing(), endpoint.made_key()
    assert call("revoke_api_key", admin(endpoint.account_id), object_id=made["id"]).status == 204
    before = untouched(cloud)
    check(endpoint.call(holder(made["key"]), object_id=object_id), endpoint, 401, "invalid_api_key")
    assert untouched(cloud) == before
    if 429 in endpoint.statuses:
        assert used(made["id"], endpoint.account_id) == {"requests": 0, "REVOKED": 1}


@each_with_limits
@pytest.mark.parametrize(("change", "code"), [({"status": "disabled"}, "DISABLED"), ({"expiresAt": 1}, "EXPIRED")])
def test_disabled_or_expired_key_is_401_and_counted(
    change: dict[str, Any], code: str, endpoint: Endpoint, cloud: Cloud
) -> None:
    object_id, made = endpoint.made_thing(), endpoint.made_key()
    cloud.change_key(made["id"], **change)
    before = untouched(cloud)
    check(endpoint.call(holder(made["key"]), object_id=object_id), endpoint, 401, "invalid_api_key")
    assert untouched(cloud) == before
    assert used(made["id"], endpoint.account_id) == {"requests": 0, code: 1}


# ---- 403: callers without permission ----


@each_with_sessions
def test_wrong_role_is_403(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id = endpoint.made_thing()
    before = untouched(cloud)
    for role in ("member", "service_role", "admin", "", None):
        metadata = {"account_id": ACCOUNT, "role": role, "client_account_ids": [ACCOUNT]}
        response = endpoint.call(
            admin(app_metadata=metadata, user_metadata={"role": "business_admin"}), object_id=object_id
        )
        check(response, endpoint, 403, "role_not_allowed")
    assert untouched(cloud) == before


@each([one for one in EVERY if one.is_for_keys and one.scope])
def test_missing_scope_is_403(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, text = endpoint.made_thing(), endpoint.key_without_scope()
    before = untouched(cloud)
    check(endpoint.call(holder(text), object_id=object_id), endpoint, 403, "insufficient_scope")
    after = untouched(cloud)
    # The use is counted, because the key is valid.
    assert {**after, "ApiKeysTable": None} == {**before, "ApiKeysTable": None}
    assert len(after["ApiKeysTable"]) == len(before["ApiKeysTable"])


@each([one for one in EVERY if one.is_operators])
def test_customers_get_403_from_the_operators_endpoints(endpoint: Endpoint, cloud: Cloud) -> None:
    everything = holder(made_key("*", "api-keys:*")["key"])
    before = untouched(cloud)
    for customer in (admin(), everything):
        check(endpoint.call(customer), endpoint, 403, "insufficient_scope")
    after = untouched(cloud)
    assert {**after, "ApiKeysTable": None} == {**before, "ApiKeysTable": None}


@each(ACTED_ON)
def test_operator_without_account_is_403(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, callers = endpoint.made_thing(), operators(endpoint)
    before = untouched(cloud)
    of_key = [] if endpoint.scope is None else ["insufficient_scope"]  # without a scope, the key gets its own account
    for caller, code in zip(callers, ("no_account", *of_key), strict=False):
        check(endpoint.call(caller, object_id=object_id), endpoint, 403, code)
    after = untouched(cloud)
    assert {**after, "ApiKeysTable": None} == {**before, "ApiKeysTable": None}


@each(ACTED_ON)
def test_operator_acts_for_the_account_that_it_names(endpoint: Endpoint, cloud: Cloud) -> None:
    for caller in operators(endpoint):
        object_id, before = endpoint.made_thing(), cloud.audit_entries(ACCOUNT)
        response = endpoint.call(acting(caller, **{"x-acting-user": "user_7"}), object_id=object_id)
        assert response.status in endpoint.statuses - {401, 403, 404}, response.text
        new = [entry for entry in cloud.audit_entries(ACCOUNT) if entry not in before]
        assert all((entry["isOperator"], entry["actingUserId"]) == (True, "user_7") for entry in new)


@each(ACTED_ON)
def test_advisor_has_every_right_except_over_members(endpoint: Endpoint) -> None:
    advisor = admin(app_metadata={"account_id": ACCOUNT, "role": "advisor"})
    response = endpoint.call(advisor, object_id=endpoint.made_thing())
    if endpoint.scope in MEMBER_SCOPES:
        check(response, endpoint, 403, "insufficient_scope")
    else:
        assert response.status in endpoint.statuses - {401, 403, 404}, response.text


@each([one for one in ACTED_ON if one.scope and one.scope not in MEMBER_SCOPES])
def test_member_has_the_rights_of_its_profile_only(endpoint: Endpoint, cloud: Cloud) -> None:
    allowed = made_profile(rules=[{"effect": "allow", "actions": [endpoint.scope]}])
    made_member("someone", profileId=allowed["id"])
    response = endpoint.call(admin(sub="someone"), object_id=endpoint.made_thing())
    beyond = response.status == 403 and response.code in {"scope_beyond_creator", "profile_beyond_creator"}
    assert beyond or response.status in endpoint.statuses - {401, 403, 404}, response.text
    object_id = endpoint.made_thing()
    made_member("someone")
    before = untouched(cloud)
    check(endpoint.call(admin(sub="someone"), object_id=object_id), endpoint, 403, "role_not_allowed")
    assert untouched(cloud) == before


@each(ACTED_ON)
def test_portal_session_acts_in_its_account_until_it_ends(endpoint: Endpoint, cloud: Cloud) -> None:
    session_id, portal = opened(userId="someone")
    response = endpoint.call(portal, object_id=endpoint.made_thing())
    # The example of PUT /members/{userId} adds client accounts, which only the operator may do.
    refused = response.status in {401, 403, 404} and response.code != "clients_beyond_caller"
    assert response.status in endpoint.statuses, response.text
    assert not refused, response.text
    object_id = endpoint.made_thing()
    assert call("delete_portal_session", operator(), object_id=session_id).status == 204
    before = untouched(cloud)
    check(endpoint.call(portal, object_id=object_id), endpoint, 401, "invalid_token")
    assert untouched(cloud) == before


@each([one for one in ACTED_ON if one.scope])
def test_portal_session_without_the_scope_is_403(endpoint: Endpoint, cloud: Cloud) -> None:
    limited = made_profile(rules=[{"effect": "allow", "actions": ["orders:read"]}])
    _, portal = opened(userId="someone", role=None, profileId=limited["id"])
    object_id, before = endpoint.made_thing(), untouched(cloud)
    check(endpoint.call(portal, object_id=object_id), endpoint, 403, "insufficient_scope")
    assert untouched(cloud) == before


@each([one for one in EVERY if "account" in one.parameters])
def test_other_account_is_403_whether_or_not_it_exists(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, text = endpoint.made_thing(OTHER_ACCOUNT), endpoint.made_key()["key"]
    callers = []
    if endpoint.takes_sessions:
        advisor = {"account_id": ACCOUNT, "role": "advisor", "client_account_ids": ["another-client"]}
        callers += [admin(client_account_ids=[OTHER_ACCOUNT]), admin(app_metadata=advisor), opened(userId="someone")[1]]
    if endpoint.takes_keys:
        callers.append(holder(text))
    assert callers
    kept = untouched(cloud)
    for caller in callers:
        refused = [
            endpoint.call(caller, object_id=object_id, headers={"x-account-id": wanted})
            for wanted in (OTHER_ACCOUNT, "no-such-account")
        ]
        for response in refused:
            check(response, endpoint, 403, "account_not_allowed")
        assert refused[0].without_request_id == refused[1].without_request_id
    assert untouched(cloud)["SettingsTable"] == kept["SettingsTable"]


@each_with_limits
def test_address_outside_the_allow_list_is_403_and_counted(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id, made = endpoint.made_thing(), endpoint.made_key(ipAllowList=["192.0.2.0/24", "2001:db8::/32"])
    before = untouched(cloud)
    check(endpoint.call(holder(made["key"]), object_id=object_id), endpoint, 403, "ip_not_allowed")
    assert untouched(cloud) == before
    assert used(made["id"], endpoint.account_id) == {"requests": 0, "IP_NOT_ALLOWED": 1}


@each_with_sessions
def test_refusals_are_recorded_in_the_callers_account(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id = endpoint.made_thing(OTHER_ACCOUNT)
    member = admin(app_metadata={"account_id": ACCOUNT, "role": "member"})
    endpoint.call(member, object_id=object_id, headers={"x-account-id": OTHER_ACCOUNT})
    refused = [item for item in cloud.items("SettingsTable") if item.get("action") == "request.refused"]
    assert [item["pk"] for item in refused] == [f"AUDIT#{ACCOUNT}"]
    route = f"{endpoint.method} {endpoint.path}"
    assert json.loads(refused[0]["details"]) == {"route": route, "code": "role_not_allowed"}


# ---- 429: keys whose limits are reached ----


@each_with_limits
def test_key_without_credits_is_429_and_counted(endpoint: Endpoint, cloud: Cloud) -> None:
    refill = {"amount": 10, "interval": "daily"}
    object_id, made = endpoint.made_thing(), endpoint.made_key(credits={"remaining": 0, "refill": refill})
    response = endpoint.call(holder(made["key"]), object_id=object_id)
    check(response, endpoint, 429, "usage_exceeded")
    assert 1 <= int(response.headers["retry-after"]) <= 86_400
    assert "ratelimit" not in response.headers
    assert used(made["id"], endpoint.account_id) == {"requests": 0, "USAGE_EXCEEDED": 1}
    assert "api_key.limit_reached" not in cloud.audit(endpoint.account_id)


@each_with_limits
def test_key_without_credits_and_refill_has_no_retry_after(endpoint: Endpoint) -> None:
    response = endpoint.call(
        holder(endpoint.made_key(credits={"remaining": 0})["key"]), object_id=endpoint.made_thing()
    )
    check(response, endpoint, 429, "usage_exceeded")
    assert "retry-after" not in response.headers


@each_with_limits
def test_rate_limited_key_is_429_and_counted(endpoint: Endpoint) -> None:
    object_id, made = endpoint.made_thing(), endpoint.made_key(rateLimit={"limit": 1, "windowSeconds": 3600})
    assert invoke("verify_api_key", {"key": made["key"]})["valid"]
    response = endpoint.call(holder(made["key"]), object_id=object_id)
    check(response, endpoint, 429, "rate_limited")
    assert 3_500 < int(response.headers["retry-after"]) <= 3_600
    assert response.headers["ratelimit-policy"] == '"key";q=1;w=3600'
    assert response.headers["ratelimit"] == f'"key";r=0;t={response.headers["retry-after"]}'
    assert used(made["id"], endpoint.account_id) == {"requests": 1, "RATE_LIMITED": 1}


@each_with_limits
def test_key_within_its_limits_gets_rate_limit_headers(endpoint: Endpoint) -> None:
    settings = {
        "rateLimit": {"limit": 60, "windowSeconds": 60, "burst": 5},
        "credits": {"remaining": 1},
        "ipAllowList": ["203.0.113.0/24"],
    }
    made = endpoint.made_key(**settings)
    response = endpoint.call(holder(made["key"]), object_id=endpoint.made_thing())
    assert response.status not in {401, 429}
    assert used(made["id"], endpoint.account_id) == {"requests": 1}
    if response.status < 300:
        assert response.headers["ratelimit-policy"] == '"key";q=60;w=60'
        assert response.headers["ratelimit"] == '"key";r=4;t=1'


def test_only_revoking_the_current_key_has_no_limits() -> None:
    without = [one.function for one in EVERY if one.takes_keys and 429 not in one.statuses]
    assert without == ["revoke_current_api_key"]


# ---- 404: another account's object looks missing ----


@each_with_things
def test_other_accounts_object_gets_the_identical_404_of_a_missing_one(endpoint: Endpoint, cloud: Cloud) -> None:
    object_id = endpoint.made_thing(OTHER_ACCOUNT)
    callers = [admin()]
    if endpoint.takes_keys:
        callers.append(holder(made_key("*")["key"]))
    callers += [acting(caller) for caller in operators(endpoint)]
    before = untouched(cloud)["SettingsTable"]
    for caller in callers:
        refused, *missing = (
            endpoint.call(caller, object_id=wanted) for wanted in (object_id, uuid4(), "nope", "", "é" * 36)
        )
        check(refused, endpoint, 404, "not_found")
        assert {one.without_request_id for one in missing} == {refused.without_request_id}
    assert untouched(cloud)["SettingsTable"] == before


@each_with_things
def test_object_is_found_in_its_own_account(endpoint: Endpoint) -> None:
    response = endpoint.call(admin(), object_id=endpoint.made_thing())
    assert response.status in endpoint.statuses - {401, 403, 404}
