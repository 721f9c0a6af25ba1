"""GET /webhooks/{id}/recoveries."""

from collections.abc import Mapping

import pytest

from tests.functions.callers import admin, holder, made_key, made_webhook
from tests.functions.calls import Answered, Caller, call
from tests.functions.recovering import cancel, get, started


def listed(webhook_id: str, query: Mapping[str, str] | None = None, caller: Caller | None = None) -> Answered:
    return call("list_webhook_recoveries", caller or admin(), object_id=webhook_id, query=query or {})


def test_recoveries_are_listed_newest_first() -> None:
    webhook, other = made_webhook(), made_webhook()
    made = []
    for _ in range(3):
        made.append(started(webhook))
        cancel(made[-1])
    started(other)
    response = listed(webhook["id"])
    assert response.body == {"data": [get(each).body for each in reversed(made)], "nextCursor": None}


def test_list_without_recoveries_is_empty() -> None:
    assert listed(made_webhook()["id"]).body == {"data": [], "nextCursor": None}


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_list_every_recovery_once(limit: int) -> None:
    webhook = made_webhook()
    ids = []
    for _ in range(4):
        ids.append(started(webhook)["id"])
        cancel({"id": ids[-1], "webhookId": webhook["id"]})
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = listed(webhook["id"], {"limit": str(limit), **cursor}).body
        assert len(page["data"]) <= limit
        seen += [each["id"] for each in page["data"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == ids[::-1]


def test_cursor_of_another_webhook_is_422() -> None:
    webhook, other = made_webhook(), made_webhook()
    for _ in range(2):
        cancel(started(webhook))
    cursor = listed(webhook["id"], {"limit": "1"}).body["nextCursor"]
    assert listed(webhook["id"], {"cursor": cursor}).status == 200
    response = listed(other["id"], {"cursor": cursor})
    assert (response.status, response.pointers) == (422, ["?cursor"])


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_limit_outside_1_to_100_is_422(limit: str) -> None:
    response = listed(made_webhook()["id"], {"limit": limit})
    assert (response.status, response.pointers) == (422, ["?limit"])


def test_scope_webhooks_read_is_required() -> None:
    webhook = made_webhook()
    assert listed(webhook["id"], caller=holder(made_key("webhooks:read")["key"])).status == 200
    assert listed(webhook["id"], caller=holder(made_key("webhooks:write")["key"])).status == 403
