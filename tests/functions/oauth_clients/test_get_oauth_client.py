"""Reading an OAuth client."""

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call
from tests.functions.oauth.apps import made_client


def test_key_with_the_scope_reads_a_client_without_its_secret() -> None:
    made = made_client()
    response = call("get_oauth_client", holder(made_key("oauth-clients:read")["key"]), object_id=made["id"])
    assert response.status == 200
    assert "secret" not in response.body


def test_client_of_another_account_looks_like_a_missing_one() -> None:
    theirs = call("get_oauth_client", admin(), object_id=made_client(OTHER_ACCOUNT)["id"])
    missing = call("get_oauth_client", admin(), object_id="5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21")
    assert theirs.status == 404
    assert theirs.without_request_id == missing.without_request_id
