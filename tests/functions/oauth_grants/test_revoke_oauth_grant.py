"""Revocation of grants by users and admins."""

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import Caller, call
from tests.functions.oauth.apps import connected, made_client, refresh, user, verified
from tests.functions.oauth_grants.test_list_oauth_grants import reader


def grant_of(caller: Caller) -> str:
    """Return the id of the user's only grant."""
    (listed,) = call("list_oauth_grants", caller).body["data"]
    return str(listed["id"])


def test_tokens_of_a_revoked_grant_are_refused_on_the_next_request() -> None:
    caller = user()
    made = connected(made_client(), caller, scope="api-keys:read")
    assert call("list_api_keys", made.caller).status == 200
    grant_id = grant_of(caller)
    assert call("revoke_oauth_grant", caller, object_id=grant_id).status == 204
    assert call("list_api_keys", made.caller).status == 401
    assert verified(made.access)["code"] == "REVOKED"
    assert refresh(made.client, made.refresh).body["error"] == "invalid_grant"
    assert call("list_oauth_grants", caller).body["data"] == []
    assert call("revoke_oauth_grant", caller, object_id=grant_id).status == 204


def test_members_revoke_their_own_grants_only() -> None:
    client, mine, theirs = made_client(), reader("mine"), reader("theirs")
    connected(client, mine)
    made = connected(client, theirs)
    refused = call("revoke_oauth_grant", mine, object_id=grant_of(theirs))
    missing = call("revoke_oauth_grant", mine, object_id="5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21")
    assert refused.without_request_id == missing.without_request_id
    assert verified(made.access)["code"] == "VALID"
    assert call("revoke_oauth_grant", mine, object_id=grant_of(mine)).status == 204


def test_admins_and_keys_with_the_scope_revoke_grants_of_all_users() -> None:
    client, first, second = made_client(), reader("first"), reader("second")
    connected(client, first)
    connected(client, second)
    assert call("revoke_oauth_grant", admin(), object_id=grant_of(first)).status == 204
    key = holder(made_key("oauth-clients:write")["key"])
    assert call("revoke_oauth_grant", key, object_id=grant_of(second)).status == 204


def test_grants_of_other_accounts_and_keys_look_missing() -> None:
    theirs = user("foreign", OTHER_ACCOUNT)
    connected(made_client(OTHER_ACCOUNT), theirs)
    for object_id in (grant_of(theirs), made_key()["id"], made_client()["id"]):
        assert call("revoke_oauth_grant", admin(), object_id=object_id).status == 404


def test_routes_of_api_keys_do_not_find_grants() -> None:
    caller = user()
    made = connected(made_client(), caller)
    grant_id = grant_of(caller)
    for function in ("get_api_key", "revoke_api_key"):
        assert call(function, admin(), object_id=grant_id).status == 404
    for function in ("rotate_api_key", "update_api_key"):
        assert call(function, admin(), object_id=grant_id, body={}).status == 404
    assert call("list_api_keys", admin()).body["data"] == []
    assert verified(made.access)["code"] == "VALID"


def test_revocation_is_in_the_audit_log() -> None:
    caller = user()
    connected(made_client(), caller)
    grant_id = grant_of(caller)
    call("revoke_oauth_grant", caller, object_id=grant_id)
    entries = call("list_audit_events", admin(), query={"action": "oauth_grant.revoked"}).body["data"]
    assert [each["targetId"] for each in entries] == [grant_id]
