"""GET /integration/api-keys."""

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_keys_are_listed_newest_first_with_the_integration_fields(cloud: Cloud) -> None:
    older = call("create_api_key", admin(user_id="user-1"), body={"name": "Older", "scopes": ["api-keys:read"]}).body
    newer = made_key()
    cloud.change_key(older["id"], createdAt=1_000)
    call("list_api_keys", holder(older["key"]))
    response = call("list_integration_keys", admin())
    assert response.status == 200
    assert list(response.body) == ["keys"]
    assert [key["id"] for key in response.body["keys"]] == [newer["id"], older["id"]]
    shown = response.body["keys"][1]
    assert shown == {
        "id": older["id"],
        "userId": "user-1",
        "prefix": older["prefix"],
        "name": "Older",
        "createdAt": "1970-01-01T00:00:01Z",
        "lastUsedAt": shown["lastUsedAt"],
        "revokedAt": None,
    }
    assert shown["lastUsedAt"] is not None


def test_revoked_and_other_accounts_keys_are_left_out() -> None:
    made_key(account_id=OTHER_ACCOUNT)
    revoked = made_key()
    call("revoke_integration_key", admin(), object_id=revoked["id"])
    assert call("list_integration_keys", admin()).body == {"keys": []}


def test_more_keys_than_one_batch_read_allows_are_all_listed() -> None:
    made = {made_key()["id"] for _ in range(101)}
    assert {key["id"] for key in call("list_integration_keys", admin()).body["keys"]} == made
