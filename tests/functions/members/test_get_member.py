"""GET /members/{userId}."""

from tests.functions.callers import OTHER_ACCOUNT, admin, made_member
from tests.functions.calls import call


def test_member_is_returned_as_it_was_stored() -> None:
    made = made_member(name="Zoë", email="zoe@example.com")
    response = call("get_member", admin(), path={"userId": made["userId"]})
    assert (response.status, response.body) == (200, made)


def test_other_accounts_member_gets_the_404_of_a_missing_member() -> None:
    made_member("theirs", OTHER_ACCOUNT)
    refused = call("get_member", admin(), path={"userId": "theirs"})
    assert (refused.status, refused.code) == (404, "not_found")
    for user_id in ("nobody", "a b", "x" * 256):
        assert call("get_member", admin(), path={"userId": user_id}).without_request_id == refused.without_request_id
