"""Stored memberships decide on the next request, in every function that accepts sessions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from latchhook import aws
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
from tests.functions.calls import Caller, call

USER = "zoe"


def _session(role: str = "viewer", **metadata: Any) -> Caller:
    """Return the session of the user with a role in its claims."""
    return admin(sub=USER, app_metadata={"account_id": ACCOUNT, "role": role, **metadata})


def _put(**settings: Any) -> None:
    made_member(USER, **settings)


def _status(caller: Caller, function: str = "list_api_keys", **arguments: Any) -> int:
    return call(function, caller, **arguments).status


@contextmanager
def _calls() -> Iterator[list[str]]:
    """Collect the calls to DynamoDB."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb", note)
    yield made
    events.unregister("before-call.dynamodb", note)


def test_stored_role_counts_from_the_next_request_on() -> None:
    made_member("another", role="admin")
    assert _status(_session()) == 403
    _put(role="admin")
    assert _status(_session()) == 200
    _put(role="none")
    assert _status(_session("business_admin")) == 403
    assert call("delete_member", admin(), path={"userId": USER}).status == 204
    assert (_status(_session("business_admin")), _status(_session())) == (200, 403)


def test_changed_profile_of_a_member_counts_from_the_next_request_on() -> None:
    allow = {"effect": "allow", "actions": ["api-keys:*"]}
    profile = made_profile(rules=[allow])
    _put(role="member", profileId=profile["id"])
    assert _status(_session()) == 200
    assert _status(_session(), "list_webhooks") == 403
    rules = {"rules": [allow, {"effect": "deny", "actions": ["api-keys:read"]}]}
    assert _status(admin(), "update_permission_profile", object_id=profile["id"], body=rules) == 200
    assert _status(_session()) == 403


def test_member_cannot_grant_more_than_its_profile() -> None:
    profile = made_profile(rules=[{"effect": "allow", "actions": ["api-keys:write", "orders:read"]}])
    _put(role="member", profileId=profile["id"])
    for scopes, status in ((["orders:read"], 201), (["orders:write"], 403), (["*"], 403)):
        assert _status(_session(), "create_api_key", body={"name": "x", "scopes": scopes}) == status
    assert _status(_session(), "put_member", body={"role": "admin"}, path={"userId": USER}) == 403


def test_operator_gives_client_accounts_to_an_advisor() -> None:
    body = {"role": "advisor", "clientAccountIds": [OTHER_ACCOUNT]}
    put = call("put_member", acting(operator()), body=body, path={"userId": USER})
    assert (put.status, put.body["clientAccountIds"]) == (201, [OTHER_ACCOUNT])
    assert _status(acting(_session(), OTHER_ACCOUNT)) == 200
    assert _status(acting(_session(), OTHER_ACCOUNT), "list_members") == 403
    assert _status(acting(_session(), "initech")) == 403
    _put(role="advisor")  # an admin may remove client accounts
    assert _status(acting(_session("advisor", client_account_ids=[OTHER_ACCOUNT]), OTHER_ACCOUNT)) == 403


def test_member_of_another_account_selects_it_by_header() -> None:
    made_member(USER, OTHER_ACCOUNT, role="admin")
    assert _status(acting(_session(), OTHER_ACCOUNT)) == 200
    assert _status(_session()) == 403


def test_authentication_of_a_member_with_a_profile_is_one_call() -> None:
    _put(role="member", profileId=made_profile(rules=[{"effect": "allow", "actions": ["webhooks:read"]}])["id"])
    _status(_session(), "list_webhooks")
    with _calls() as made:
        assert _status(_session(), "list_webhooks") == 200
    assert made == ["BatchGetItem", "Query"]


def test_service_token_costs_no_call_for_its_caller() -> None:
    with _calls() as made:
        assert _status(operator(), "list_event_types") == 200
    assert made == ["Query"]


def test_key_cannot_change_the_rules_of_a_members_profile() -> None:
    profile = made_profile(rules=[{"effect": "deny", "actions": ["orders:read"]}])
    _put(role="admin", profileId=profile["id"])
    rules = {"rules": [{"effect": "deny", "actions": ["*"]}]}
    key = holder(made_key("*")["key"])
    refused = call("update_permission_profile", key, object_id=profile["id"], body=rules)
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    assert _status(key, "update_permission_profile", object_id=profile["id"], body={"name": "Other"}) == 200
    assert _status(admin(), "update_permission_profile", object_id=profile["id"], body=rules) == 200
