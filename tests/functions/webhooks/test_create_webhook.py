"""POST /webhooks."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook import aws
from tests.functions.bad_urls import BAD_URLS
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.template_tables import SETTINGS

OBJECT = ["id", "url", "events", "filter", "status", "disabledReason", "failingSince", "recoverSince", "description",
          "headers", "retryScheduleSeconds", "rateLimit", "slowSeconds", "asymmetricSignatures", "publicKeys",
          "createdAt", "updatedAt"]  # fmt: skip
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")


@pytest.mark.usefixtures("public_internet_only")
def test_example_event_creates_the_webhook_it_describes(cloud: Cloud) -> None:
    response = call("create_webhook", admin())
    assert response.status == 201
    created = response.body
    assert list(created) == [*OBJECT, "secret"]
    assert response.headers["location"] == f"webhooks/{created['id']}"
    fixed = {name: created[name] for name in OBJECT if name not in {"id", "createdAt", "updatedAt"}}
    assert fixed == {
        "url": "https://hooks.example.com/orders",
        "events": ["order.created", "lap.*"],
        "filter": None,
        "status": "active",
        "disabledReason": None,
        "failingSince": None,
        "recoverSince": None,
        "description": "Orders and laps",
        "headers": {},
        "retryScheduleSeconds": None,
        "rateLimit": None,
        "slowSeconds": None,
        "asymmetricSignatures": False,
        "publicKeys": [],
    }
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", created["secret"])
    assert created["secret"] not in str(cloud.contents())
    assert cloud.audit(ACCOUNT) == ["webhook.created"]


def test_url_is_the_only_required_field() -> None:
    created = call("create_webhook", admin(), body={"url": "https://hooks.example.com"}).body
    assert (created["events"], created["description"]) == (["*"], None)


def test_caller_can_choose_the_secret(cloud: Cloud) -> None:
    secret = "our own secret from a vault"
    assert made_webhook(secret=secret)["secret"] == secret
    assert secret not in str(cloud.contents())


def test_every_setting_is_shown_except_secret_headers(cloud: Cloud) -> None:
    chosen: dict[str, Any] = {
        "events": ["lap.*"],
        "description": "Laps",
        "filter": {"entity": {"severity": [{"prefix": "maj"}], "Zoë": [1.5]}},
        "headers": {"X-Shop": "acme", "Authorization": "Bearer s3cret"},
        "retryScheduleSeconds": [1, 86_400],
    }
    created = made_webhook(**chosen)
    shown = {**chosen, "headers": {"X-Shop": "acme", "Authorization": "[redacted]"}}
    assert {name: created[name] for name in chosen} == shown
    assert call("get_webhook", admin(), object_id=created["id"]).body == {name: created[name] for name in OBJECT}
    assert "s3cret" not in str(cloud.contents())


def test_ciphertext_of_a_header_is_bound_to_its_account_and_webhook(cloud: Cloud) -> None:
    created = made_webhook(headers={"Authorization": "Bearer s3cret"})
    (item,) = [each for each in cloud.items(SETTINGS) if each["sk"] == f"WEBHOOK#{created['id']}"]
    sealed = item["headers"][0]["sealed"]
    context = {"accountId": ACCOUNT, "webhookId": created["id"]}
    assert aws.kms().decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"Bearer s3cret"
    for other in ({**context, "accountId": OTHER_ACCOUNT}, {**context, "webhookId": made_webhook()["id"]}, {}):
        with pytest.raises(ClientError, match="InvalidCiphertext"):
            aws.kms().decrypt(CiphertextBlob=sealed, EncryptionContext=other)


def test_key_with_the_scope_creates_webhooks_in_its_account() -> None:
    key = made_key("webhooks:write")["key"]
    created = call("create_webhook", holder(key), body={"url": "https://hooks.example.com"})
    assert created.status == 201
    assert [webhook["id"] for webhook in call("list_webhooks", admin()).body["data"]] == [created.body["id"]]
    assert call("list_webhooks", admin(OTHER_ACCOUNT)).body["data"] == []


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.usefixtures("public_internet_only")
def test_forbidden_url_is_422_and_nothing_is_stored(url: object, cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("create_webhook", admin(), body={"url": url})
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", ["/url"])
    assert cloud.contents() == before


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://BÜCHER.example.com/Haken?für=alle", "https://xn--bcher-kva.example.com/Haken?f%C3%BCr=alle"),
        ("https://xn--bcher-kva.example.com:443", "https://xn--bcher-kva.example.com"),
    ],
)
@pytest.mark.usefixtures("public_internet_only")
def test_international_host_name_is_shown_in_ascii(url: str, shown: str) -> None:
    assert made_webhook(url)["url"] == shown


@pytest.mark.usefixtures("public_internet_only")
def test_refusal_does_not_reveal_a_private_address() -> None:
    response = call("create_webhook", admin(), body={"url": "https://private.example.com/"})
    assert "10.0.0.7" not in response.text


URL = "https://hooks.example.com/"
BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no url": ({}, ["/url"]),
    "url is no string": ({"url": 7}, ["/url"]),
    "long url": ({"url": URL + "x" * 2048}, ["/url"]),
    "no events": ({"url": URL, "events": []}, ["/events"]),
    "event in upper case": ({"url": URL, "events": ["Order.Created"]}, ["/events/0"]),
    "event with a space": ({"url": URL, "events": ["order created"]}, ["/events/0"]),
    "wildcard inside": ({"url": URL, "events": ["*", "order.*.created"]}, ["/events/1"]),
    "too many events": ({"url": URL, "events": ["a"] * 101}, ["/events"]),
    "short secret": ({"url": URL, "secret": "x" * 15}, ["/secret"]),
    "long secret": ({"url": URL, "secret": "x" * 257}, ["/secret"]),
    "secret with a line break": ({"url": URL, "secret": "x" * 16 + "\n"}, ["/secret"]),
    "description is no string": ({"url": URL, "description": []}, ["/description"]),
    "header of ours": ({"url": URL, "headers": {"X-LATCHHOOK-signature": "x"}}, ["/headers/X-LATCHHOOK-signature"]),
    "header of the connection": ({"url": URL, "headers": {"transfer-Encoding": "x"}}, ["/headers/transfer-Encoding"]),
    "header with a line break": ({"url": URL, "headers": {"X-A": "a\r\nX-B: b"}}, ["/headers/X-A"]),
    "header's name with a line break": ({"url": URL, "headers": {"X-A: a\r\nX-B": "b"}}, ["/headers/X-A: a\r\nX-B"]),
    "header with a lone surrogate": ({"url": URL, "headers": {"X-A": "\ud800"}}, ["/headers/X-A"]),
    "header twice": ({"url": URL, "headers": {"X-A": "a", "x-a": "b"}}, ["/headers/x-a"]),
    "header without value": ({"url": URL, "headers": {"Authorization": "[redacted]"}}, ["/headers/Authorization"]),
    "too many headers": ({"url": URL, "headers": {f"X-{n}": "a" for n in range(21)}}, ["/headers"]),
    "too many retries": ({"url": URL, "retryScheduleSeconds": [1] * 11}, ["/retryScheduleSeconds"]),
    "no wait": ({"url": URL, "retryScheduleSeconds": [0]}, ["/retryScheduleSeconds/0"]),
    "long wait": ({"url": URL, "retryScheduleSeconds": [86_401]}, ["/retryScheduleSeconds/0"]),
    "filter is a list": ({"url": URL, "filter": [{"prefix": "a"}]}, ["/filter"]),
    "filter is text": ({"url": URL, "filter": "severity >= major"}, ["/filter"]),
    "empty filter": ({"url": URL, "filter": {}}, ["/filter"]),
    "filter with an unknown operator": ({"url": URL, "filter": {"a": [{"regex": ".*"}]}}, ["/filter/a/0/regex"]),
    "no filter": ({"url": URL, "filter": {"entity": "text"}}, ["/filter/entity"]),
    "status": ({"url": URL, "status": "gone"}, ["/status"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    response = call("create_webhook", admin(), body=body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_refused_secret_is_not_in_the_response() -> None:
    assert "too-short" not in call("create_webhook", admin(), body={"url": URL, "secret": "too-short"}).text


def test_refused_header_is_not_in_the_response() -> None:
    body = {"url": URL, "headers": {"Authorization": "Bearer s3cret\n"}}
    assert "s3cret" not in call("create_webhook", admin(), body=body).text


def test_lone_surrogate_in_a_header_name_is_422() -> None:
    response = call(
        "create_webhook", admin(), raw=b'{"url": "https://hooks.example.com/", "headers": {"X-\\ud800": "a"}}'
    )
    assert (response.status, len(response.pointers)) == (422, 1)


def test_account_is_limited_to_50_webhooks_and_deleting_makes_room(cloud: Cloud) -> None:
    made = [made_webhook()["id"] for _ in range(50)]
    before = cloud.contents()
    response = call("create_webhook", admin())
    assert (response.status, response.code) == (409, "too_many_webhooks")
    assert cloud.contents() == before
    call("delete_webhook", admin(), object_id=made[0])
    made_webhook()
    assert len([item for item in cloud.items(SETTINGS) if item["sk"].startswith("WEBHOOK#")]) == 50


def test_kms_outage_is_503_and_nothing_is_stored(cloud: Cloud, fail_operation: Fail) -> None:
    before = cloud.contents()
    with fail_operation("kms", "Encrypt", DENIED):
        assert call("create_webhook", admin()).status == 503
    assert cloud.contents() == before


# ---- Idempotency-Key ----


def created_by(key: str, **body: Any) -> Answered:
    return call("create_webhook", admin(), body={"url": URL, **body}, headers={"idempotency-key": key})


def test_repeated_request_returns_the_same_webhook_without_its_secret(cloud: Cloud) -> None:
    first = created_by("one", headers={"Authorization": "Bearer s3cret"}, asymmetricSignatures=True)
    assert "idempotency-replayed" not in first.headers
    before = cloud.contents()
    again = created_by("one", headers={"Authorization": "Bearer s3cret"}, asymmetricSignatures=True)
    assert again.status == 201
    assert again.headers == {**first.headers, "idempotency-replayed": "true"}
    assert again.body == {**first.body, "secret": None}
    assert cloud.contents() == before
    assert created_by("two").body["id"] != first.body["id"]
    assert made_webhook()["id"] != first.body["id"]


def test_secret_chosen_by_the_caller_is_not_returned_again() -> None:
    own = "our own secret from a vault"
    assert [created_by("one", secret=own).body["secret"] for _ in range(2)] == [own, None]


def test_idempotency_key_with_another_body_is_422(cloud: Cloud) -> None:
    created_by("one")
    before = cloud.contents()
    response = created_by("one", description="another")
    assert (response.status, response.code) == (422, "idempotency_key_reused")
    assert cloud.contents() == before


def test_request_for_the_last_allowed_webhook_can_be_repeated(cloud: Cloud) -> None:
    for _ in range(49):
        made_webhook()
    first = created_by("one")
    before = cloud.contents()
    assert created_by("one").body == {**first.body, "secret": None}
    assert (created_by("two").status, created_by("two").code) == (409, "too_many_webhooks")
    assert cloud.contents() == before


def test_repeated_request_for_a_deleted_webhook_is_404(cloud: Cloud) -> None:
    call("delete_webhook", admin(), object_id=created_by("one").body["id"])
    before = cloud.contents()
    response = created_by("one")
    assert (response.status, response.code) == (404, "not_found")
    assert cloud.contents() == before
