"""GET /me."""

from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    acting,
    admin,
    holder,
    made_key,
    made_member,
    made_profile,
    operator,
)
from tests.functions.calls import call

ME = [
    "kind",
    "id",
    "userId",
    "name",
    "email",
    "accountId",
    "clientAccountIds",
    "role",
    "profileId",
    "scopes",
    "isOperator",
]


def test_admin_by_claims_sees_its_rights() -> None:
    response = call("get_me", admin(sub="zoe"))
    assert (response.status, list(response.body)) == (200, ME)
    assert (response.body["kind"], response.body["id"], response.body["accountId"]) == ("user", "zoe", ACCOUNT)
    assert (response.body["role"], response.body["isOperator"]) == ("admin", False)
    assert response.body["scopes"] == ["*", "account-members:read", "account-members:write"]


def test_advisor_by_claims_sees_its_client_accounts() -> None:
    advisor = {"account_id": ACCOUNT, "role": "advisor", "client_account_ids": ["initech", OTHER_ACCOUNT]}
    body = call("get_me", acting(admin(app_metadata=advisor), OTHER_ACCOUNT)).body
    assert (body["role"], body["accountId"]) == ("advisor", OTHER_ACCOUNT)
    assert body["clientAccountIds"] == [OTHER_ACCOUNT, "initech"]


def test_stored_member_sees_its_membership() -> None:
    profile = made_profile(rules=[{"effect": "allow", "actions": ["orders:read"]}])
    made_member("zoe", profileId=profile["id"], name="Zoë", email="zoe@example.com")
    body = call("get_me", admin(sub="zoe")).body
    assert (body["role"], body["profileId"], body["scopes"]) == ("member", profile["id"], ["orders:read"])
    assert (body["name"], body["email"]) == ("Zoë", "zoe@example.com")


def test_stored_advisor_sees_its_stored_client_accounts() -> None:
    settings = {"role": "advisor", "clientAccountIds": [OTHER_ACCOUNT, "initech"]}
    call("put_member", acting(operator()), body=settings, path={"userId": "zoe"})
    for caller in (admin(sub="zoe"), acting(admin(sub="zoe"), OTHER_ACCOUNT)):
        assert call("get_me", caller).body["clientAccountIds"] == [OTHER_ACCOUNT, "initech"]


def test_key_sees_itself() -> None:
    key = made_key("orders:read", name="Shop")
    body = call("get_me", holder(key["key"])).body
    assert (body["kind"], body["id"], body["name"]) == ("api_key", key["id"], "Shop")
    assert (body["role"], body["scopes"], body["clientAccountIds"]) == (None, ["orders:read"], [])


def test_operator_sees_the_account_for_which_it_acts() -> None:
    body = call("get_me", acting(operator(), **{"x-acting-user": "zoe"})).body
    assert (body["kind"], body["id"], body["userId"], body["accountId"]) == ("service", "service_role", "zoe", ACCOUNT)
    assert body["isOperator"]


def test_user_with_a_long_id_sees_itself() -> None:
    assert call("get_me", admin(sub="x" * 2_000)).body["userId"] == "x" * 2_000


def test_admin_sees_no_client_accounts_of_its_claims() -> None:
    assert (
        call(
            "get_me", admin(app_metadata={"account_id": ACCOUNT, "role": "business_admin", "client_account_ids": ["x"]})
        ).body["clientAccountIds"]
        == []
    )
