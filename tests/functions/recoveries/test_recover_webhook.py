"""POST /webhooks/{id}/recover."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.recovering import LONG_AGO, cancel, disabled, enabled, get, recover, started
from tests.template_tables import DELIVERIES

pytestmark = pytest.mark.usefixtures("no_waits_in_drains")

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "any")


def offer(webhook: dict[str, Any]) -> str | None:
    since: str | None = call("get_webhook", admin(), object_id=webhook["id"]).body["recoverSince"]
    return since


@pytest.mark.parametrize("only", [None, "failed", "missing"])
def test_recovery_starts_and_can_be_read(only: str | None, cloud: Cloud) -> None:
    webhook = made_webhook()
    response = recover(webhook, only=only)
    made = response.body
    assert response.status == 202
    assert response.headers["location"] == f"recoveries/{made['id']}"
    assert UUID(made["id"]).version == 7
    assert made == {
        "id": made["id"],
        "webhookId": webhook["id"],
        "only": only,
        "since": LONG_AGO,
        "until": made["createdAt"],
        "status": "running",
        "lookingFor": only or "failed",
        "reachedAt": None,
        "examined": 0,
        "sent": 0,
        "skipped": 0,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "endedAt": None,
    }
    assert get(made).body == made
    assert cloud.audit(ACCOUNT)[-1] == "webhook.recovery_started"


def test_only_is_optional_and_since_is_required() -> None:
    webhook = made_webhook()
    assert call("recover_webhook", admin(), object_id=webhook["id"], body={"since": LONG_AGO}).body["only"] is None
    response = call("recover_webhook", admin(), object_id=webhook["id"], body={"only": "failed"})
    assert (response.status, response.pointers) == (422, ["/since"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"since": "yesterday"}, "/since"),
        ({"since": "2026-01-01"}, "/since"),
        ({"since": "2026-01-01T00:00:00"}, "/since"),
        ({"since": 1767225600}, "/since"),
        ({"since": None}, "/since"),
        ({"since": "0000-01-01T00:00:00Z"}, "/since"),
        ({"only": "all"}, "/only"),
        ({"only": ["failed"]}, "/only"),
        ({"until": LONG_AGO}, "/until"),
    ],
)
def test_invalid_field_is_422_with_pointer(body: dict[str, Any], pointer: str, cloud: Cloud) -> None:
    webhook = made_webhook()
    before = cloud.contents()
    response = recover(webhook, **body)
    assert (response.status, response.pointers) == (422, [pointer])
    assert cloud.contents() == before


def test_since_in_the_future_is_422(cloud: Cloud) -> None:
    webhook = made_webhook()
    before = cloud.contents()
    later = datetime.now(UTC) + timedelta(minutes=1)
    response = recover(webhook, since=later.isoformat())
    assert (response.status, response.pointers) == (422, ["/since"])
    assert cloud.contents() == before


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2026-05-01T12:00:00+02:00"])
def test_any_past_time_is_accepted(since: str, cloud: Cloud) -> None:
    made = started(made_webhook(), since=since)
    assert made["since"].endswith("Z")
    cloud.run_drains()
    assert get(made).body["status"] == "finished"


@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_inactive_webhook_is_409(status: str, cloud: Cloud, receiver: Receiver) -> None:
    if status == "disabled":
        webhook = disabled(cloud, receiver)
    else:
        webhook = made_webhook()
        call("update_webhook", admin(), object_id=webhook["id"], body={"status": "paused"})
    before = cloud.contents()
    response = recover(webhook)
    assert (response.status, response.code) == (409, "webhook_not_active")
    assert cloud.contents() == before


def test_second_recovery_of_a_webhook_is_409_while_one_runs(cloud: Cloud) -> None:
    webhook = made_webhook()
    first = started(webhook)
    before = cloud.contents()
    response = recover(webhook)
    assert (response.status, response.code) == (409, "recovery_running")
    assert cloud.contents() == before
    assert started(made_webhook())["id"] != first["id"]
    cancel(first)
    assert recover(webhook).status == 202


def test_concurrent_starts_start_one_recovery(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request looks before the first recovery is stored. The lock refuses it."""
    webhook = made_webhook()
    first = started(webhook)
    monkeypatch.setattr("latchhook.storage.recoveries_table.RecoveriesTable.is_running", lambda *_: False)
    assert recover(webhook).code == "recovery_running"
    kept = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("RECOVERY#")]
    assert [item["sk"] for item in kept] == [first["id"]]


def test_offer_is_used_up_by_a_recovery_that_reaches_back_as_far(cloud: Cloud, receiver: Receiver) -> None:
    webhook = enabled(disabled(cloud, receiver))
    offered = webhook["recoverSince"]
    assert offered is not None
    cancel(started(webhook, since=webhook["updatedAt"]))
    assert offer(webhook) == offered
    cancel(started(webhook, since=offered))
    assert offer(webhook) is None


def test_offer_cannot_be_patched(cloud: Cloud, receiver: Receiver) -> None:
    webhook = enabled(disabled(cloud, receiver))
    response = call("update_webhook", admin(), object_id=webhook["id"], body={"recoverSince": LONG_AGO})
    assert (response.status, response.pointers) == (422, ["/recoverSince"])
    assert offer(webhook) == webhook["recoverSince"]


def test_database_outage_starts_nothing(cloud: Cloud, fail_operation: Fail) -> None:
    webhook = made_webhook()
    before = cloud.contents()
    with fail_operation("dynamodb", "TransactWriteItems", DENIED):
        assert recover(webhook).status == 503
    assert cloud.contents() == before
    assert recover(webhook).status == 202


def test_scope_webhooks_write_is_required() -> None:
    webhook = made_webhook()
    assert recover(webhook, holder(made_key("webhooks:read")["key"])).status == 403
    assert recover(webhook, holder(made_key("webhooks:write")["key"])).status == 202
