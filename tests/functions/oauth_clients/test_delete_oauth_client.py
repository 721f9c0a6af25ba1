"""Deletion of OAuth clients."""

from tests.functions.callers import OTHER_ACCOUNT, admin
from tests.functions.calls import call
from tests.functions.oauth.apps import code_of, connected, exchange, made_client, own_token, refresh, user, verified


def test_tokens_of_a_deleted_client_are_refused_on_the_next_request() -> None:
    made = connected()
    assert call("delete_oauth_client", admin(), object_id=made.client["id"]).status == 204
    assert verified(made.access)["code"] == "REVOKED"
    assert call("list_api_keys", made.caller).status == 401
    assert refresh(made.client, made.refresh).body["error"] == "invalid_client"
    assert call("get_oauth_client", admin(), object_id=made.client["id"]).status == 404


def test_own_tokens_of_a_deleted_client_are_refused() -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    token = own_token(machine)
    assert call("delete_oauth_client", admin(), object_id=machine["id"]).status == 204
    assert verified(token)["code"] == "NOT_FOUND"


def test_code_of_a_deleted_client_gives_no_token() -> None:
    client = made_client()
    code = code_of(client, user())
    call("delete_oauth_client", admin(), object_id=client["id"])
    refused = exchange(client, code)
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")


def test_client_of_another_account_looks_like_a_missing_one() -> None:
    theirs = made_client(OTHER_ACCOUNT)
    refused = call("delete_oauth_client", admin(), object_id=theirs["id"])
    missing = call("delete_oauth_client", admin(), object_id="5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21")
    assert refused.without_request_id == missing.without_request_id
    assert call("get_oauth_client", admin(OTHER_ACCOUNT), object_id=theirs["id"]).status == 200
