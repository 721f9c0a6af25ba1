"""GET /audit-events."""

from datetime import datetime
from typing import Any

import pytest

from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    acting,
    admin,
    holder,
    made_key,
    made_webhook,
    operator,
    operator_key,
)
from tests.functions.calls import call

OF_ACCOUNT = {"isOperator": False, "actingUserId": None}
EVENT = ["id", "action", "targetId", "actor", "sourceIp", "requestId", "occurredAt", "details"]


def events(account_id: str = ACCOUNT, **query: str) -> list[dict[str, Any]]:
    response = call("list_audit_events", admin(account_id), query=query)
    assert response.status == 200, response.text
    assert response.body["nextCursor"] is None
    listed: list[dict[str, Any]] = response.body["data"]
    return listed


def test_change_of_a_key_is_listed_with_actor_and_address() -> None:
    made = made_key()
    (event,) = events()
    assert list(event) == EVENT
    assert (event["action"], event["targetId"], event["actor"]["kind"]) == ("api_key.created", made["id"], "user")
    assert event["actor"]["id"] == made["userId"]
    assert event["sourceIp"] == "203.0.113.24"
    assert event["requestId"]
    assert event["occurredAt"] == made["createdAt"]


def test_secret_reads_and_refused_requests_are_listed_newest_first() -> None:
    made = made_key("api-keys:read")
    call("get_webhook_settings", admin())
    call("get_webhook_settings", admin())
    assert call("create_api_key", holder(made["key"])).status == 403
    listed = events()
    assert {event["action"] for event in listed} >= {"api_key.created", "webhook.secret_read", "request.refused"}
    times = [datetime.fromisoformat(event["occurredAt"]) for event in listed]
    assert times == sorted(times, reverse=True)
    (refused,) = events(action="request.refused")
    assert refused["details"] == {"route": "POST /api-keys", "code": "insufficient_scope"}
    assert (refused["actor"], refused["targetId"]) == ({"kind": "api_key", "id": made["id"], **OF_ACCOUNT}, ACCOUNT)


def test_refused_creation_of_a_stronger_key_is_listed() -> None:
    made = made_key("api-keys:write")
    response = call("create_api_key", holder(made["key"]), body={"name": "more", "scopes": ["orders:read"]})
    assert response.status == 403
    (refused,) = events(action="request.*")
    assert refused["details"] == {"route": "POST /api-keys", "code": "scope_beyond_creator"}


def test_equal_refusals_within_a_minute_are_one_entry() -> None:
    made = made_key("api-keys:read")
    for _ in range(5):
        call("create_api_key", holder(made["key"]))
    assert 1 <= len(events(action="request.refused")) <= 2  # two entries if a minute ends during the calls


def test_filters_return_only_matching_entries() -> None:
    one, other = made_key("webhooks:write")["id"], made_key()["id"]
    call("revoke_api_key", admin(), object_id=one)
    made_webhook()
    assert [event["action"] for event in events(targetId=one)] == ["api_key.revoked", "api_key.created"]
    assert {event["targetId"] for event in events(action="api_key.created")} == {one, other}
    assert {event["action"] for event in events(action="webhook.*")} == {"webhook.created"}
    assert events(actorId=other) == []
    assert len(events(until="2999-01-01T00:00:00Z", since="2000-01-01T00:00:00+02:00")) == 4
    assert events(until="2000-01-01T00:00:00Z") == events(since="2999-01-01T00:00:00Z") == []


def test_scope_is_required() -> None:
    assert call("list_audit_events", holder(made_key("api-keys:read")["key"])).status == 403
    made = made_key("audit-events:read")
    assert call("list_audit_events", holder(made["key"])).body["data"]


def test_other_accounts_entries_are_not_listed() -> None:
    made_key()
    assert events(OTHER_ACCOUNT) == []


def test_pages_list_every_entry_once() -> None:
    made = {made_key()["id"] for _ in range(5)}
    seen: list[str] = []
    query = {"limit": "2", "action": "api_key.*"}
    for _ in range(3):
        page = call("list_audit_events", admin(), query=query).body
        seen += [event["targetId"] for event in page["data"]]
        query["cursor"] = page["nextCursor"]
    assert page["nextCursor"] is None
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ({"action": ""}, ["?action"]),
        ({"action": "*"}, ["?action"]),
        ({"action": "API_KEY.created"}, ["?action"]),
        ({"action": "api_key.*.*"}, ["?action"]),
        ({"action": "a" * 129}, ["?action"]),
        ({"actorId": ""}, ["?actorId"]),
        ({"targetId": "x" * 256}, ["?targetId"]),
        ({"since": "yesterday"}, ["?since"]),
        ({"until": "2026-05-01"}, ["?until"]),
        ({"until": "2026-05-01T00:00:00"}, ["?until"]),
        ({"since": "2026-13-01T00:00:00Z"}, ["?since"]),
        ({"since": "2026-05-02T00:00:00Z", "until": "2026-05-01T00:00:00Z"}, ["?until"]),
        ({"since": "2026-05-01T00:00:00Z", "until": "2026-05-01T00:00:00Z"}, ["?until"]),
        ({"action": "A", "actorId": "", "since": "x"}, ["?action", "?actorId", "?since"]),
        ({"limit": "101"}, ["?limit"]),
        ({"cursor": "x"}, ["?cursor"]),
    ],
    ids=str,
)
def test_invalid_filter_is_422_with_pointer(query: dict[str, str], pointers: list[str]) -> None:
    response = call("list_audit_events", admin(), query=query)
    assert (response.status, response.pointers) == (422, pointers)


def test_longest_action_and_id_are_accepted() -> None:
    assert events(action="a" * 128, actorId="x" * 255) == []
    assert events(action="a" * 126 + ".*") == []


def test_cursor_outside_the_time_range_is_422() -> None:
    for _ in range(2):
        made_key()
    cursor = call("list_audit_events", admin(), query={"limit": "1"}).body["nextCursor"]
    response = call("list_audit_events", admin(), query={"cursor": cursor, "until": "2000-01-01T00:00:00Z"})
    assert (response.status, response.pointers) == (422, ["?cursor"])


@pytest.mark.parametrize("kind", ["service", "api_key"])
def test_changes_by_the_operator_name_operator_account_and_user(kind: str) -> None:
    key = operator_key("accounts:manage")
    credential = operator() if kind == "service" else holder(key["key"])
    by = acting(credential, **{"x-acting-user": "user_7"})

    made = call("create_api_key", by, body={"name": "Made by the platform", "scopes": ["orders:read"]})
    webhook = call("create_webhook", by, body={"url": "https://hooks.example.com/"})

    assert (made.status, made.body["accountId"], made.body["userId"]) == (201, ACCOUNT, "user_7")
    assert webhook.status == 201
    actor = {"kind": kind, "id": "service_role" if kind == "service" else key["id"]}
    assert [(event["action"], event["targetId"], event["actor"]) for event in reversed(events())] == [
        ("api_key.created", made.body["id"], {**actor, "isOperator": True, "actingUserId": "user_7"}),
        ("webhook.created", webhook.body["id"], {**actor, "isOperator": True, "actingUserId": "user_7"}),
    ]
