"""Portal sessions: creation, the code, the rights of the session, and its end."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.bootstrap import environment
from latchhook.members.portal_session import PortalToken, read_token
from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    acting,
    admin,
    bearer,
    holder,
    made_key,
    made_member,
    made_profile,
    operator,
    operator_key,
)
from tests.functions.calls import Caller, call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.portal_sessions.portal import USER, code_in, create, exchange, opened

FIELDS = ["id", "accountId", "userId", "role", "profileId", "tabs", "returnUrl", "createdAt", "expiresAt"]
READERS = [{"effect": "allow", "actions": ["api-keys:read", "orders:read"]}]
GONE = ClientError({"Error": {"Code": "InternalServerError", "Message": "gone"}}, "BatchGetItem")


def test_operator_opens_the_console_for_a_user() -> None:
    created = create(tabs=["api-keys", "webhooks", "api-keys"])
    assert (created.status, list(created.body)) == (201, [*FIELDS, "url"])
    assert created.body["url"].startswith("https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/admin/integrations#")
    assert created.body["tabs"] == ["api-keys", "webhooks"]
    assert created.headers["cache-control"] == "no-store"
    assert created.headers["location"] == f"portal-sessions/{created.body['id']}"
    exchanged = exchange(code_in(created))
    assert list(exchanged.body) == ["token", "sessionId", "accountId", "userId", "tabs", "returnUrl", "expiresAt"]
    me = call("get_me", bearer(exchanged.body["token"])).body
    assert (me["kind"], me["userId"], me["accountId"], me["role"]) == ("user", USER, ACCOUNT, "admin")
    assert me["scopes"] == ["*", "account-members:read", "account-members:write"]
    assert (me["isOperator"], me["clientAccountIds"]) == (False, [])


def test_stored_items_contain_no_secret(cloud: Cloud) -> None:
    created = create()
    token = exchange(code_in(created)).body["token"]
    stored = str(cloud.items("SettingsTable"))
    assert code_in(created) not in stored
    assert token.rpartition(".")[2] not in stored


def test_repeated_creation_makes_one_session_and_returns_no_url(cloud: Cloud) -> None:
    body = {"accountId": ACCOUNT, "userId": USER, "role": "admin", "expiresInSeconds": 60}
    first, second = [
        call("create_portal_session", operator(), body=body, headers={"idempotency-key": "a"}) for _ in range(2)
    ]
    assert (second.status, second.headers["idempotency-replayed"]) == (201, "true")
    assert second.body == {**first.body, "url": None}
    assert len([item for item in cloud.items("SettingsTable") if item["pk"].startswith("PORTAL#")]) == 1


# ---- The code ----


# ---- Rights ----


def test_profile_gives_exactly_its_rights() -> None:
    _, portal = opened(role=None, profileId=made_profile(rules=READERS)["id"])
    assert call("get_me", portal).body["scopes"] == ["api-keys:read", "orders:read"]
    assert call("list_api_keys", portal).status == 200
    assert call("create_api_key", portal, body={"name": "n"}).status == 403


def test_members_rights_limit_the_session() -> None:
    made_member(USER, profileId=made_profile(rules=READERS)["id"])
    _, portal = opened(role="admin")
    assert call("get_me", portal).body["scopes"] == ["api-keys:read", "orders:read"]


def test_session_without_role_and_profile_has_the_members_rights() -> None:
    made_member(USER, role="advisor")
    _, portal = opened(role=None)
    assert call("get_me", portal).body["scopes"] == ["*"]


def test_session_of_an_advisor_has_no_client_accounts() -> None:
    advisor = {"role": "advisor", "clientAccountIds": [OTHER_ACCOUNT]}
    assert call("put_member", acting(operator()), body=advisor, path={"userId": USER}).status == 201
    _, portal = opened(role=None)
    assert call("get_me", portal).body["clientAccountIds"] == []
    assert call("list_api_keys", acting(portal, OTHER_ACCOUNT)).status == 403


@pytest.mark.parametrize("role", ["admin", "advisor"])
def test_session_in_the_operators_account_has_no_operator_scopes(role: str) -> None:
    _, portal = opened(accountId=OPERATOR_ACCOUNT_ID, role=role)
    assert call("put_scope", portal, body={}, path={"name": "reports:read"}).status == 403
    assert create_as(portal) == 403


def create_as(caller: Caller) -> int:
    body = {"accountId": ACCOUNT, "userId": USER, "role": "admin", "expiresInSeconds": 60}
    return call("create_portal_session", caller, body=body).status


def test_only_the_operator_creates_sessions() -> None:
    _, portal = opened()
    for caller in (admin(), portal, holder(made_key("*")["key"]), holder(operator_key("api-keys:read")["key"])):
        assert create_as(caller) == 403


def test_session_is_refused_in_another_account() -> None:
    _, portal = opened()
    assert call("list_api_keys", acting(portal)).status == 200
    refused = call("list_api_keys", acting(portal, OTHER_ACCOUNT))
    assert (refused.status, refused.body["code"]) == (403, "account_not_allowed")


def test_audit_names_the_user_and_the_portal_session() -> None:
    session_id, portal = opened()
    assert call("create_api_key", portal, body={"name": "n"}).status == 201
    created, opening = call("list_audit_events", admin(), query={}).body["data"]
    assert (created["action"], created["actor"]["id"]) == ("api_key.created", USER)
    assert created["details"] == {"portalSessionId": session_id}
    assert (opening["action"], opening["targetId"]) == ("portal_session.created", session_id)
    assert opening["details"] == {"userId": USER}


# ---- The end ----


def test_outage_is_503_and_never_401(fail_operation: Fail) -> None:
    _, portal = opened()
    with fail_operation("dynamodb", "BatchGetItem", GONE):
        assert call("list_api_keys", portal).status == 503


def flaws(token: str) -> list[str]:
    """Return invalid variants of a token."""
    readable, _, secret = token.partition(".")
    other = "A" if secret[40] != "A" else "B"
    _, foreign = opened(accountId=OTHER_ACCOUNT)
    theirs = foreign["authorization"].removeprefix("Bearer ").partition(".")
    return [
        f"{readable}.{secret[:40]}{other}{secret[41:]}",
        f"{theirs[0]}.{secret}",
        f"{readable}.{theirs[2]}",
        readable,
        "lhps_",
        "lhps_.x",
        f"lhps_é.{secret}",
        token + "x",
    ]


def test_invalid_token_is_401() -> None:
    _, portal = opened()
    token = portal["authorization"].removeprefix("Bearer ")
    assert isinstance(read_token(token), PortalToken)
    for flaw in flaws(token):
        response = call("list_api_keys", bearer(flaw))
        assert (response.status, response.body["code"]) == (401, "invalid_token")


# ---- Invalid requests ----

BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no account": ({"accountId": None}, ["/accountId"]),
    "account with a #": ({"accountId": "a#b"}, ["/accountId"]),
    "no user": ({"userId": None}, ["/userId"]),
    "user with a space": ({"userId": "a b"}, ["/userId"]),
    "unknown role": ({"role": "owner"}, ["/role"]),
    "role none": ({"role": "none"}, ["/role"]),
    "role member without a profile": ({"role": "member"}, [""]),
    "role and profile": ({"profileId": "00000000-0000-4000-8000-000000000000"}, [""]),
    "unknown profile": ({"role": None, "profileId": "00000000-0000-4000-8000-000000000000"}, ["/profileId"]),
    "no rights for a user who is no member": ({"role": None}, ["/userId"]),
    "unknown tab": ({"tabs": ["billing"]}, ["/tabs/0"]),
    "no tab": ({"tabs": []}, ["/tabs"]),
    "no duration": ({"expiresInSeconds": None}, ["/expiresInSeconds"]),
    "59 seconds": ({"expiresInSeconds": 59}, ["/expiresInSeconds"]),
    "43,201 seconds": ({"expiresInSeconds": 43_201}, ["/expiresInSeconds"]),
    "return to a script": ({"returnUrl": "javascript:alert(1)"}, ["/returnUrl"]),
    "return to another origin": ({"returnUrl": "https://evil.example.com/"}, ["/returnUrl"]),
    "return to a longer host": ({"returnUrl": "https://app.example.com.evil.example/"}, ["/returnUrl"]),
    "return with credentials": ({"returnUrl": "https://app.example.com@evil.example/"}, ["/returnUrl"]),
    "return to an unencrypted page": ({"returnUrl": "http://app.example.com/"}, ["/returnUrl"]),
    "return with a line break": ({"returnUrl": "https://app.example.com/\n"}, ["/returnUrl"]),
    "unknown field": ({"scopes": ["*"]}, ["/scopes"]),
}


@pytest.fixture
def framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow https://app.example.com to show the console in a frame."""
    allowed = replace(environment.settings(), console_frame_ancestors="'self' https://app.example.com")
    monkeypatch.setattr(environment, "settings", lambda: allowed)


@pytest.mark.usefixtures("framed")
@pytest.mark.parametrize("flaw", BAD)
def test_invalid_session_is_422_and_stores_nothing(flaw: str, cloud: Cloud) -> None:
    chosen, pointers = BAD[flaw]
    response = create(**chosen)
    assert (response.status, [each["pointer"] for each in response.body["errors"]]) == (422, pointers)
    assert not [item for item in cloud.items("SettingsTable") if item["pk"].startswith("PORTAL#")]


@pytest.mark.usefixtures("framed")
def test_return_url_of_an_allowed_origin_is_kept() -> None:
    created = create(returnUrl="https://app.example.com/settings?tab=api#top", expiresInSeconds=43_200)
    assert (created.status, created.body["returnUrl"]) == (201, "https://app.example.com/settings?tab=api#top")
    assert create(expiresInSeconds=60).status == 201


def test_profile_of_another_account_is_unknown() -> None:
    theirs = made_profile(OTHER_ACCOUNT)["id"]
    response = create(role=None, profileId=theirs)
    assert (response.status, response.body["errors"][0]["pointer"]) == (422, "/profileId")


def test_refused_member_gets_no_session() -> None:
    made_member(USER, role="none")
    assert create().status == 422
