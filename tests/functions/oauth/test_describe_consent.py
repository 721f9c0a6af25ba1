"""The data of the consent page: the app, its scopes, and the users who cannot decide."""

from typing import Any

import pytest

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import OTHER_ACCOUNT, admin, made_portal_session
from tests.functions.calls import Answered, Caller, call
from tests.functions.oauth.apps import (
    REDIRECT_URI,
    USER,
    code_of,
    connected,
    exchange,
    made_client,
    parameters_in,
    query_of,
    request_of,
    user,
)
from tests.functions.portal_sessions.portal import opened


def screen(caller: Caller, parameters: Any, **options: Any) -> Answered:
    """Describe an authorization request to a user."""
    query = parameters if isinstance(parameters, str) else query_of(parameters)
    return call("describe_consent", caller, body={"query": query}, **options)


def test_user_sees_who_asks_and_for_which_rights() -> None:
    client = made_client(clientUri="https://app.example.com")
    shown = screen(user(), request_of(client))
    assert shown.status == 200
    assert shown.body["client"] == {
        "id": client["id"],
        "name": "Warehouse app",
        "clientUri": "https://app.example.com",
        "policyUri": None,
        "isOperators": False,
        "redirectHost": "app.example.com",
    }
    assert (shown.body["scopes"], shown.body["isRemembered"], shown.body["redirectTo"]) == (
        ["orders:read"], False, None,
    )  # fmt: skip


def test_user_sees_only_rights_that_the_user_has() -> None:
    rules = [{"effect": "allow", "actions": ["orders:read"]}]
    profile = call("create_permission_profile", admin(), body={"name": "Readers", "rules": rules}).body
    reader = user("reader", role="member", profileId=profile["id"])
    client = made_client(scopes=["orders:*", "api-keys:read"])
    assert screen(reader, request_of(client, scope="orders:* api-keys:read")).body["scopes"] == ["orders:read"]
    assert screen(reader, request_of(client, scope="api-keys:read")).body["scopes"] == []


def test_consent_is_remembered_for_the_same_client_scopes_and_redirect() -> None:
    client = made_client(redirectUris=[REDIRECT_URI, "https://app.example.com/other"])
    caller = user()
    code = code_of(client, caller)
    assert screen(caller, request_of(client)).body["isRemembered"] is False
    exchange(client, code)
    remembered = {
        "same": screen(caller, request_of(client)),
        "more": screen(caller, request_of(client, scope="orders:read orders:write")),
        "redirect": screen(caller, request_of(client, redirect_uri="https://app.example.com/other")),
        "resource": screen(caller, request_of(client, resource="https://mcp.example.com")),
        "prompt": screen(caller, request_of(client, prompt="consent")),
        "client": screen(caller, request_of(made_client())),
        "user": screen(user("other"), request_of(client)),
    }
    assert {name for name, shown in remembered.items() if shown.body["isRemembered"]} == {"same"}


def test_consent_to_a_public_client_is_not_remembered() -> None:
    public, caller = made_client(type="public"), user()
    connected(public, caller)
    assert screen(caller, request_of(public)).body["isRemembered"] is False


def test_client_of_the_operator_can_ask_users_of_every_account() -> None:
    client = made_client(OPERATOR_ACCOUNT_ID)
    shown = screen(user(account_id=OTHER_ACCOUNT), request_of(client))
    assert (shown.status, shown.body["client"]["isOperators"]) == (200, True)


def test_client_of_another_account_looks_like_a_missing_one() -> None:
    caller = user()
    theirs = screen(caller, request_of(made_client(OTHER_ACCOUNT)))
    missing = screen(caller, request_of({"id": "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"}))
    assert (theirs.status, theirs.code) == (422, "unknown_oauth_client")
    assert theirs.without_request_id == missing.without_request_id


def test_error_of_the_request_leads_back_to_the_app() -> None:
    shown = screen(user(), request_of(made_client(), scope="inventory:read")).body
    assert (shown["client"], parameters_in(shown["redirectTo"])["error"]) == (None, "invalid_scope")
    unknown = screen(user(), request_of(made_client(), redirect_uri="https://evil.example/", scope="x"))
    assert (unknown.status, unknown.code) == (422, "unknown_oauth_client")


def test_only_stored_members_in_sessions_of_their_own_can_consent() -> None:
    client = made_client()
    refused = screen(admin(user_id="nobody-stored"), request_of(client))
    assert (refused.status, refused.code) == (403, "consent_not_possible")
    user()
    _, portal = opened(userId=USER)
    assert screen(portal, request_of(client)).code == "consent_not_possible"
    assert made_portal_session()["id"]
    token = connected(client).caller
    assert screen(token, request_of(client)).status == 401


@pytest.mark.parametrize("query", ["", "a=%ff", "a=1&" * 51, "a=" + "b" * 9_000])
def test_unreadable_query_is_an_invalid_field(query: str) -> None:
    refused = screen(user(), query)
    assert (refused.status, refused.pointers) == (422, ["/query"])


def test_user_has_at_most_a_hundred_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latchhook.oauth.consent.MAX_GRANTS_PER_USER", 1)
    made = connected()
    full = screen(user(), request_of(made.client))
    assert (full.status, full.code) == (409, "too_many_oauth_grants")
