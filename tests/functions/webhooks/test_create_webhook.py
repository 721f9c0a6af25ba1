"""POST /webhooks (document 003)."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.functions.bad_urls import BAD_URLS
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.template_tables import SETTINGS

OBJECT = ["id", "url", "events", "filter", "status", "description", "headers", "createdAt", "updatedAt"]
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")


@pytest.mark.usefixtures("public_internet_only")
def test_own_event_creates_the_webhook_that_it_describes(cloud: Cloud) -> None:
    answer = call("create_webhook", admin())
    assert answer.status == 201
    created = answer.body
    assert list(created) == [*OBJECT, "secret"]
    assert answer.headers["location"] == f"/webhooks/{created['id']}"
    fixed = {name: created[name] for name in OBJECT if name not in {"id", "createdAt", "updatedAt"}}
    assert fixed == {
        "url": "https://hooks.example.com/orders",
        "events": ["order.created", "lap.*"],
        "filter": None,
        "status": "active",
        "description": "Orders and laps",
        "headers": {},
    }
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", created["secret"])
    assert created["secret"] not in str(cloud.contents())
    assert cloud.audit(ACCOUNT) == ["webhook.created"]


def test_url_alone_suffices_and_means_all_events() -> None:
    created = call("create_webhook", admin(), body={"url": "https://hooks.example.com"}).body
    assert (created["events"], created["description"]) == (["*"], None)


def test_caller_may_bring_its_own_secret(cloud: Cloud) -> None:
    secret = "our own secret from a vault"
    assert made_webhook(secret=secret)["secret"] == secret
    assert secret not in str(cloud.contents())


def test_key_with_the_scope_creates_webhooks_of_its_account() -> None:
    key = made_key("webhooks:write")["key"]
    created = call("create_webhook", holder(key), body={"url": "https://hooks.example.com"})
    assert created.status == 201
    assert [webhook["id"] for webhook in call("list_webhooks", admin()).body["data"]] == [created.body["id"]]
    assert call("list_webhooks", admin(OTHER_ACCOUNT)).body["data"] == []


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.usefixtures("public_internet_only")
def test_url_where_no_webhook_may_go_is_422_and_nothing_is_stored(url: object, cloud: Cloud) -> None:
    before = cloud.contents()
    answer = call("create_webhook", admin(), body={"url": url})
    assert (answer.status, answer.code, answer.pointers) == (422, "invalid_fields", ["/url"])
    assert cloud.contents() == before


@pytest.mark.usefixtures("public_internet_only")
def test_refusal_does_not_tell_a_private_names_address() -> None:
    answer = call("create_webhook", admin(), body={"url": "https://private.example.com/"})
    assert "10.0.0.7" not in answer.text


URL = "https://hooks.example.com/"
BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no url": ({}, ["/url"]),
    "url is no text": ({"url": 7}, ["/url"]),
    "long url": ({"url": URL + "x" * 2048}, ["/url"]),
    "no events": ({"url": URL, "events": []}, ["/events"]),
    "event in upper case": ({"url": URL, "events": ["Order.Created"]}, ["/events/0"]),
    "wildcard inside": ({"url": URL, "events": ["*", "order.*.created"]}, ["/events/1"]),
    "too many events": ({"url": URL, "events": ["a"] * 101}, ["/events"]),
    "short secret": ({"url": URL, "secret": "x" * 15}, ["/secret"]),
    "long secret": ({"url": URL, "secret": "x" * 257}, ["/secret"]),
    "secret with a line break": ({"url": URL, "secret": "x" * 16 + "\n"}, ["/secret"]),
    "description is no text": ({"url": URL, "description": []}, ["/description"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_field_that_is_not_as_it_must_be_is_422_and_pointed_at(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    answer = call("create_webhook", admin(), body=body)
    assert (answer.status, answer.code, answer.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_refused_secret_is_not_in_the_answer() -> None:
    assert "too-short" not in call("create_webhook", admin(), body={"url": URL, "secret": "too-short"}).text


def test_account_has_at_most_50_webhooks_and_a_deleted_one_makes_room(cloud: Cloud) -> None:
    made = [made_webhook()["id"] for _ in range(50)]
    before = cloud.contents()
    answer = call("create_webhook", admin())
    assert (answer.status, answer.code) == (409, "too_many_webhooks")
    assert cloud.contents() == before
    call("delete_webhook", admin(), thing_id=made[0])
    made_webhook()
    assert len([item for item in cloud.items(SETTINGS) if item["thing"].startswith("WEBHOOK#")]) == 50


def test_outage_of_the_key_service_is_503_and_nothing_is_stored(cloud: Cloud, fail_operation: Fail) -> None:
    before = cloud.contents()
    with fail_operation("kms", "Encrypt", DENIED):
        assert call("create_webhook", admin()).status == 503
    assert cloud.contents() == before
