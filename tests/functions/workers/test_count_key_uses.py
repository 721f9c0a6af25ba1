"""The worker of the use queue."""

import json
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from tests.functions.callers import admin, made_key, made_profile, operator
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record
from tests.functions.conftest import Fail
from tests.functions.environment import USE_QUEUE
from tests.template_tables import API_KEYS

WORKER = "count_key_uses"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateItem")
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "UpdateItem")


def use(key_id: object, number: int, day: object = None, uses: int = 1) -> dict[str, object]:
    today = datetime.now(UTC).strftime("%Y%m%d")
    return record(WORKER, {"keyId": key_id, "day": day or today, "uses": uses}, messageId=f"use-{number}")


def test_use_of_a_missing_key_creates_no_item(cloud: Cloud) -> None:
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    assert cloud.items(API_KEYS) == []


def test_uses_of_a_batch_are_counted_by_key_and_day(cloud: Cloud) -> None:
    one, other = made_key()["id"], made_key()["id"]
    batch = {"Records": [use(one, 1), use(other, 2), use(one, 3), use(one, 4, "20200101")]}
    assert failed_ids(invoke(WORKER, batch)) == []
    assert call("get_api_key", admin(), object_id=one).body["requestCount"] == 2
    assert call("get_api_key", admin(), object_id=other).body["requestCount"] == 1
    stored = {item["id"]: item for item in cloud.items(API_KEYS)}
    assert stored[one]["u20200101"] == 1


def test_refunded_uses_are_subtracted() -> None:
    key_id = made_key()["id"]
    batch = {"Records": [use(key_id, 1), use(key_id, 2), use(key_id, 3, uses=-1), use(key_id, 4)]}
    assert failed_ids(invoke(WORKER, batch)) == []
    assert call("get_api_key", admin(), object_id=key_id).body["requestCount"] == 2


def test_use_denied_by_a_profile_is_not_queued(cloud: Cloud, fail_operation: Fail) -> None:
    profile = made_profile(rules=[{"effect": "deny", "actions": ["orders:*"]}])
    made = made_key("orders:read", profileId=profile["id"])
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        body = {"key": made["key"], "requiredScopes": ["orders:read"]}
        assert call("verify_api_key", operator(), body=body).body["code"] == "INSUFFICIENT_SCOPE"
    assert cloud.waiting(USE_QUEUE) == 0
    assert call("get_api_key", admin(), object_id=made["id"]).body["requestCount"] == 0


def test_late_use_of_an_unused_key_is_included_in_the_next_rollup(cloud: Cloud) -> None:
    key_id = made_key()["id"]
    assert failed_ids(invoke(WORKER, {"Records": [use(key_id, 1, "20200101")]})) == []
    assert invoke("roll_up_usage", own_event("roll_up_usage")) == {"done": 1}


def test_malformed_message_is_returned_alone() -> None:
    key_id = made_key()["id"]
    bodies = [
        "{",
        "[]",
        "{}",
        json.dumps({"keyId": 7, "day": "20260501", "uses": 1}),
        json.dumps({"keyId": key_id, "day": "x", "uses": 1}),
        json.dumps({"keyId": key_id, "day": "20260501", "uses": "some"}),
    ]
    strange = [record(WORKER, body, messageId=f"strange-{at}") for at, body in enumerate(bodies)]
    returned = invoke(WORKER, {"Records": [*strange, use(key_id, 1)]})
    assert sorted(failed_ids(returned)) == [f"strange-{at}" for at in range(len(bodies))]
    assert call("get_api_key", admin(), object_id=key_id).body["requestCount"] == 1


def test_outage_returns_every_message(fail: Fail) -> None:
    key_id = made_key()["id"]
    with fail(DENIED):
        returned = invoke(WORKER, {"Records": [use(key_id, 1), use(key_id, 2)]})
    assert failed_ids(returned) == ["use-1", "use-2"]
    assert call("get_api_key", admin(), object_id=key_id).body["requestCount"] == 0
