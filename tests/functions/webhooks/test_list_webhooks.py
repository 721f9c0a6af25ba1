"""GET /webhooks."""

from datetime import datetime

import pytest

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.webhooks.test_create_webhook import OBJECT


def test_webhooks_are_listed_newest_first_without_secrets() -> None:
    made = [made_webhook(f"https://hooks.example.com/{at}") for at in range(3)]
    made_webhook(account_id=OTHER_ACCOUNT)
    response = call("list_webhooks", admin())
    assert response.status == 200
    assert list(response.body) == ["data", "nextCursor"]
    assert response.body["nextCursor"] is None
    assert all(list(webhook) == OBJECT for webhook in response.body["data"])
    times = [datetime.fromisoformat(webhook["createdAt"]) for webhook in response.body["data"]]
    assert times == sorted(times, reverse=True)
    shown = {webhook["id"]: webhook for webhook in response.body["data"]}
    assert shown == {webhook["id"]: {name: webhook[name] for name in OBJECT} for webhook in made}


def test_list_of_an_account_without_webhooks_is_empty() -> None:
    made_webhook(account_id=OTHER_ACCOUNT)
    assert call("list_webhooks", admin()).body == {"data": [], "nextCursor": None}


def test_key_with_the_scope_lists_its_accounts_webhooks() -> None:
    made = made_webhook()
    listed = call("list_webhooks", holder(made_key("webhooks:read")["key"])).body["data"]
    assert [webhook["id"] for webhook in listed] == [made["id"]]


def test_pages_list_every_webhook_once_newest_first() -> None:
    for at in range(5):
        made_webhook(f"https://hooks.example.com/{at}")
    whole = call("list_webhooks", admin()).body["data"]
    query = {"limit": "2"}
    pages = []
    for _ in range(3):
        page = call("list_webhooks", admin(), query=query).body
        pages.append(page["data"])
        query["cursor"] = page["nextCursor"]
    assert page["nextCursor"] is None
    assert pages == [whole[:2], whole[2:4], whole[4:]]


def test_cursor_of_a_deleted_webhook_continues_at_the_same_place() -> None:
    for at in range(3):
        made_webhook(f"https://hooks.example.com/{at}")
    first, second, third = call("list_webhooks", admin()).body["data"]
    page = call("list_webhooks", admin(), query={"limit": "2"}).body
    assert page["data"] == [first, second]
    assert call("delete_webhook", admin(), object_id=second["id"]).status == 204
    rest = call("list_webhooks", admin(), query={"cursor": page["nextCursor"]}).body
    assert rest == {"data": [third], "nextCursor": None}


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}])
def test_invalid_page_parameter_is_422(query: dict[str, str]) -> None:
    response = call("list_webhooks", admin(), query=query)
    assert (response.status, response.pointers) == (422, [f"?{next(iter(query))}"])


def test_cursor_of_another_account_is_422() -> None:
    for _ in range(2):
        made_webhook(account_id=OTHER_ACCOUNT)
    cursor = call("list_webhooks", admin(OTHER_ACCOUNT), query={"limit": "1"}).body["nextCursor"]
    response = call("list_webhooks", admin(), query={"cursor": cursor})
    assert (response.status, response.pointers) == (422, ["?cursor"])
