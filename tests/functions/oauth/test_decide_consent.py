"""The decision of a user about an authorization request."""

import pytest

from tests.functions.callers import admin, holder, made_key, made_member
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.oauth.apps import (
    REDIRECT_URI,
    USER,
    decide,
    exchange,
    made_client,
    parameters_in,
    request_of,
    user,
    verified,
)

ISSUER = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


def test_allowing_leads_to_the_app_with_code_state_and_issuer() -> None:
    decided = decide(user(), request_of(made_client()))
    assert decided.status == 200
    url = decided.body["redirectTo"]
    assert url.startswith(f"{REDIRECT_URI}?")
    assert set(parameters_in(url)) == {"code", "state", "iss"}
    assert (parameters_in(url)["state"], parameters_in(url)["iss"]) == ("af0ifjsldkj", ISSUER)


def test_denying_leads_to_the_app_with_an_error_and_stores_nothing(cloud: Cloud) -> None:
    decided = decide(user(), request_of(made_client()), "deny")
    assert parameters_in(decided.body["redirectTo"])["error"] == "access_denied"
    assert [item for item in cloud.items("ApiKeysTable") if "clientId" in item] == []


def test_user_without_the_rights_cannot_allow() -> None:
    made_member("powerless", role="member")
    rules = [{"effect": "allow", "actions": ["inventory:read"]}]
    profile = call("create_permission_profile", admin(), body={"name": "Stock", "rules": rules}).body
    caller = user("powerless", role="member", profileId=profile["id"])
    decided = decide(caller, request_of(made_client()))
    assert parameters_in(decided.body["redirectTo"])["error"] == "access_denied"


def test_wildcard_is_narrowed_to_the_rights_of_the_user_at_the_consent() -> None:
    rules = [{"effect": "allow", "actions": ["orders:read"]}]
    profile = call("create_permission_profile", admin(), body={"name": "Readers", "rules": rules}).body
    caller = user("reader", role="member", profileId=profile["id"])
    client = made_client(scopes=["orders:*"])
    code = parameters_in(decide(caller, request_of(client, scope="orders:*")).body["redirectTo"])["code"]
    tokens = exchange(client, code).body
    assert tokens["scope"] == "orders:read"
    made_member("reader", role="admin")
    assert verified(tokens["access_token"], "orders:write")["code"] == "INSUFFICIENT_SCOPE"


def test_consent_is_in_the_audit_log_without_the_code(cloud: Cloud) -> None:
    caller = user()
    client = made_client()
    code = parameters_in(decide(caller, request_of(client)).body["redirectTo"])["code"]
    entries = call("list_audit_events", admin(), query={"action": "oauth_grant.created"}).body["data"]
    assert [(each["actor"]["id"], each["details"]["clientId"]) for each in entries] == [(USER, client["id"])]
    assert code not in str(cloud.items("SettingsTable"))


@pytest.mark.parametrize("body", [{"query": "a=b"}, {"query": "a=b", "decision": "maybe"}, {"decision": "allow"}])
def test_incomplete_decision_is_refused(body: dict[str, str]) -> None:
    assert call("decide_consent", user(), body=body).status == 422


def test_keys_cannot_consent() -> None:
    refused = decide(holder(made_key()["key"]), request_of(made_client()))
    assert (refused.status, refused.code) == (401, "session_required")
