"""GET /webhooks (document 003)."""

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.webhooks.test_create_webhook import OBJECT


def test_webhooks_are_listed_newest_first_without_secrets() -> None:
    made = [made_webhook(f"https://hooks.example.com/{at}") for at in range(3)]
    made_webhook(account_id=OTHER_ACCOUNT)
    answer = call("list_webhooks", admin())
    assert answer.status == 200
    assert list(answer.body) == ["data", "nextCursor"]
    assert answer.body["nextCursor"] is None
    assert all(list(webhook) == OBJECT for webhook in answer.body["data"])
    times = [webhook["createdAt"] for webhook in answer.body["data"]]
    assert times == sorted(times, reverse=True)
    shown = {webhook["id"]: webhook for webhook in answer.body["data"]}
    assert shown == {webhook["id"]: {name: webhook[name] for name in OBJECT} for webhook in made}


def test_list_of_an_account_without_webhooks_is_empty() -> None:
    made_webhook(account_id=OTHER_ACCOUNT)
    assert call("list_webhooks", admin()).body == {"data": [], "nextCursor": None}


def test_key_with_the_scope_lists_its_accounts_webhooks() -> None:
    made = made_webhook()
    listed = call("list_webhooks", holder(made_key("webhooks:read")["key"])).body["data"]
    assert [webhook["id"] for webhook in listed] == [made["id"]]
