"""PATCH /webhooks/{id}."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.receiver import Behaviour, Receiver
from tests.functions.bad_urls import BAD_URLS
from tests.functions.callers import ACCOUNT, admin, holder, made_key, made_webhook, published
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.webhooks.test_create_webhook import OBJECT

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")


def patched(webhook: dict[str, Any], patch: object) -> Answered:
    return call("update_webhook", admin(), object_id=webhook["id"], body=patch)


def test_example_event_changes_only_the_fields_it_names(cloud: Cloud) -> None:
    made = made_webhook(description="Laps", headers={"X-Shop": "acme"})
    response = call("update_webhook", admin(), object_id=made["id"])
    assert response.status == 200
    assert list(response.body) == OBJECT
    changed = {
        "events": ["issue.*"],
        "filter": {"entity": {"severity": ["major", "critical"]}},
        "headers": {"X-Shop": "acme", "X-Garage": "7"},
        "updatedAt": response.body["updatedAt"],
    }
    assert response.body == {name: made[name] for name in OBJECT} | changed
    assert response.body["updatedAt"] > made["updatedAt"]
    assert call("get_webhook", admin(), object_id=made["id"]).body == response.body
    assert cloud.audit(ACCOUNT) == ["webhook.created", "webhook.updated"]


@pytest.mark.usefixtures("public_internet_only")
def test_patch_with_the_returned_values_changes_nothing(cloud: Cloud) -> None:
    made = made_webhook(
        description="Laps",
        filter={"entity": {"a": [1]}},
        headers={"X-Shop": "acme", "Authorization": "Bearer s3cret"},
        retryScheduleSeconds=[1],
        rateLimit={"limit": 5, "windowSeconds": 60},
        asymmetricSignatures=True,
    )
    writable = ("url", "events", "filter", "description", "headers", "retryScheduleSeconds", "rateLimit",
                "asymmetricSignatures", "status")  # fmt: skip
    response = patched(made, {name: made[name] for name in writable})
    assert response.body == {name: made[name] for name in OBJECT} | {"updatedAt": response.body["updatedAt"]}


def test_key_with_the_scope_updates_its_accounts_webhooks() -> None:
    made = made_webhook()
    key = holder(made_key("webhooks:write")["key"])
    assert call("update_webhook", key, object_id=made["id"]).status == 200


def test_redacted_header_in_a_patch_keeps_its_value(cloud: Cloud, receiver: Receiver) -> None:
    made = made_webhook(receiver.url("/"), headers={"Authorization": "Bearer s3cret", "X-Shop": "acme"})
    patched(made, {"headers": {"Authorization": "[redacted]", "X-Shop": "globex"}})
    published()
    cloud.run_event_path()
    (request,) = receiver.requests()
    assert (request.headers["authorization"], request.headers["x-shop"]) == ("Bearer s3cret", "globex")
    assert "s3cret" not in str(cloud.contents())


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.usefixtures("public_internet_only")
def test_forbidden_url_is_422_and_changes_nothing(url: object, cloud: Cloud) -> None:
    made = made_webhook()
    before = cloud.contents()
    response = patched(made, {"url": url})
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", ["/url"])
    assert cloud.contents() == before


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"url": None}, ["/url"]),
        ({"status": None}, ["/status"]),
        ({"secret": "x" * 16}, ["/secret"]),
        ({"events": []}, ["/events"]),
        ({"headers": {"x-shop": "a"}}, ["/headers/x-shop"]),
        ({"headers": {"Authorization": "[redacted]"}}, ["/headers/Authorization"]),
        ({"headers": {f"X-{number}": "a" for number in range(20)}}, ["/headers"]),
        ({"retryScheduleSeconds": [0, 86_401]}, ["/retryScheduleSeconds/0", "/retryScheduleSeconds/1"]),
        ({"filter": {"entity": {"a": [{"unknown": 1}]}}}, ["/filter/entity/a/0/unknown"]),
    ],
)
def test_invalid_patch_is_422_with_pointer(patch: object, pointers: list[str], cloud: Cloud) -> None:
    made = made_webhook(headers={"X-Shop": "acme"})
    before = cloud.contents()
    response = patched(made, patch)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_patch_at_the_depth_limit_does_not_fail() -> None:
    """A body may have 64 levels, and merging and checking recurse as deep."""
    filter_: Any = ["x"]
    for _ in range(60):
        filter_ = {"a": filter_}
    assert patched(made_webhook(), {"filter": filter_}).status == 422


def test_disabled_webhook_is_enabled_by_status_active(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[410, 200]))
    made = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    gone = call("get_webhook", admin(), object_id=made["id"]).body
    assert (gone["status"], gone["disabledReason"]) == ("disabled", "gone")
    published()
    cloud.run_event_path()
    assert len(receiver.requests()) == 1
    response = patched(made, {"status": "active"})
    assert (response.body["status"], response.body["disabledReason"]) == ("active", None)
    published()
    cloud.run_event_path()
    assert len(receiver.requests()) == 2


def test_kms_outage_is_503_only_for_changes_of_secret_headers(cloud: Cloud, fail_operation: Fail) -> None:
    made = made_webhook(headers={"Authorization": "Bearer old"})
    before = cloud.contents()
    with fail_operation("kms", "Encrypt", DENIED):
        assert patched(made, {"headers": {"Authorization": "Bearer new"}}).status == 503
        assert cloud.contents() == before
        assert patched(made, {"description": "x", "headers": {"X-Shop": "acme"}}).status == 200
