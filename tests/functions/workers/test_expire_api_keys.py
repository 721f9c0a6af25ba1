"""The scheduled job that expires keys."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.dependency_errors import DependencyUnavailableError
from tests.functions.callers import ACCOUNT, admin, made_key, operator
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.template_tables import API_KEYS

WORKER = "expire_api_keys"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")


def statuses(cloud: Cloud) -> dict[str, str]:
    return {item["id"]: item["status"] for item in cloud.items(API_KEYS) if item["record"] == "KEY"}


def due_key(cloud: Cloud) -> dict[str, Any]:
    """Create a key that expired in 1970."""
    made = made_key(expiresAt="2099-01-01T00:00:00Z")
    cloud.change_key(made["id"], expiresAt=1, dueAt=1)
    return made


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_only_expired_keys_are_marked(cloud: Cloud) -> None:
    due, later, never = due_key(cloud), made_key(expiresAt="2099-01-01T00:00:00Z"), made_key()
    assert invoke(WORKER, own_event(WORKER)) == {"done": 1}
    assert statuses(cloud) == {due["id"]: "expired", later["id"]: "active", never["id"]: "active"}
    assert cloud.audit(ACCOUNT).count("api_key.expired") == 1
    assert invoke(WORKER, own_event(WORKER)) == {"done": 0}


def test_expiry_in_seven_days_is_announced_once(cloud: Cloud) -> None:
    soon, later = made_key(expiresAt=in_days(10)), made_key(expiresAt=in_days(10))
    too_soon = made_key(expiresAt=in_days(6))
    cloud.change_key(soon["id"], dueAt=1)  # as if three days had passed
    assert invoke(WORKER, own_event(WORKER)) == {"done": 1}
    assert set(statuses(cloud).values()) == {"active"}
    told = [
        event
        for event in call("list_audit_events", admin(), query={}).body["data"]
        if event["actor"]["kind"] == "system"
    ]
    assert [(event["action"], event["targetId"]) for event in told] == [("api_key.expiring", soon["id"])]
    due_at = {item["id"]: (item["dueAt"], item["expiresAt"]) for item in cloud.items(API_KEYS)}
    assert due_at[soon["id"]][0] == due_at[soon["id"]][1]
    assert due_at[too_soon["id"]][0] == due_at[too_soon["id"]][1]
    assert due_at[later["id"]][1] - due_at[later["id"]][0] == 7 * 24 * 3600 * 1000
    assert invoke(WORKER, own_event(WORKER)) == {"done": 0}


def test_one_run_handles_many_keys(cloud: Cloud) -> None:
    for _ in range(5):
        due_key(cloud)
    assert invoke(WORKER, own_event(WORKER)) == {"done": 5}
    assert set(statuses(cloud).values()) == {"expired"}


def test_expired_key_with_a_later_expiry_is_active_again(cloud: Cloud) -> None:
    due = due_key(cloud)
    invoke(WORKER, own_event(WORKER))
    changed = call("update_api_key", admin(), object_id=due["id"], body={"expiresAt": "2099-01-01T00:00:00Z"}).body
    assert changed["status"] == "active"
    assert call("verify_api_key", operator(), body={"key": due["key"]}).body["code"] == "VALID"
    cloud.change_key(due["id"], expiresAt=1, dueAt=1)
    assert invoke(WORKER, own_event(WORKER)) == {"done": 1}


def test_expired_key_is_refused_before_the_job_runs(cloud: Cloud) -> None:
    due = due_key(cloud)
    assert call("verify_api_key", operator(), body={"key": due["key"]}).body["code"] == "EXPIRED"
    assert call("get_api_key", admin(), object_id=due["id"]).body["status"] == "expired"
    assert statuses(cloud)[due["id"]] == "active"


def test_revoked_key_stays_revoked(cloud: Cloud) -> None:
    due = due_key(cloud)
    call("revoke_api_key", admin(), object_id=due["id"])
    assert invoke(WORKER, own_event(WORKER)) == {"done": 0}
    assert statuses(cloud) == {due["id"]: "revoked"}


def test_run_stops_before_its_timeout_and_the_next_run_continues(cloud: Cloud) -> None:
    for _ in range(3):
        due_key(cloud)
    assert invoke(WORKER, own_event(WORKER), millis_left=9_000) == {"done": 0}
    assert invoke(WORKER, own_event(WORKER)) == {"done": 3}


def test_outage_raises_for_the_alarm(fail: Fail) -> None:
    with fail(DENIED), pytest.raises(DependencyUnavailableError):
        invoke(WORKER, own_event(WORKER))
