"""The list of an account's OAuth clients."""

from tests.functions.callers import OTHER_ACCOUNT, admin
from tests.functions.calls import call
from tests.functions.oauth.apps import made_client


def test_pages_contain_each_client_of_the_account_once_without_secrets() -> None:
    made = [made_client()["id"] for _ in range(3)]
    made_client(OTHER_ACCOUNT)
    first = call("list_oauth_clients", admin(), query={"limit": "2"}).body
    second = call("list_oauth_clients", admin(), query={"limit": "2", "cursor": first["nextCursor"]}).body
    assert (len(first["data"]), len(second["data"]), second["nextCursor"]) == (2, 1, None)
    assert {each["id"] for each in [*first["data"], *second["data"]]} == set(made)
    assert "secret" not in first["data"][0]
