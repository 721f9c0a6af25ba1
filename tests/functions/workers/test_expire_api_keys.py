"""The sweep of expired keys."""

import pytest
from botocore.exceptions import ClientError

from latchhook.outages import StoreUnavailableError
from tests.functions.callers import admin, made_key, operator
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.template_tables import API_KEYS

WORKER = "expire_api_keys"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")


def statuses(cloud: Cloud) -> dict[str, str]:
    return {item["id"]: item["status"] for item in cloud.items(API_KEYS)}


def test_keys_whose_time_is_over_are_marked_and_no_others(cloud: Cloud) -> None:
    due, later, never = (
        made_key(expiresAt="2099-01-01T00:00:00Z"),
        made_key(expiresAt="2099-01-01T00:00:00Z"),
        made_key(),
    )
    cloud.change_key(due["id"], expiresAt=1)
    assert invoke(WORKER, own_event(WORKER)) == {"marked": 1}
    assert statuses(cloud) == {due["id"]: "expired", later["id"]: "active", never["id"]: "active"}
    assert invoke(WORKER, own_event(WORKER)) == {"marked": 0}


def test_key_is_refused_and_shown_as_expired_before_any_sweep(cloud: Cloud) -> None:
    due = made_key(expiresAt="2099-01-01T00:00:00Z")
    cloud.change_key(due["id"], expiresAt=1)
    assert call("verify_api_key", operator(), body={"key": due["key"]}).body["code"] == "EXPIRED"
    assert call("get_api_key", admin(), thing_id=due["id"]).body["status"] == "expired"
    assert statuses(cloud)[due["id"]] == "active"


def test_revoked_key_stays_revoked(cloud: Cloud) -> None:
    due = made_key(expiresAt="2099-01-01T00:00:00Z")
    call("revoke_api_key", admin(), thing_id=due["id"])
    cloud.change_key(due["id"], expiresAt=1)
    assert invoke(WORKER, own_event(WORKER)) == {"marked": 0}
    assert statuses(cloud) == {due["id"]: "revoked"}


def test_run_stops_before_its_time_is_up_and_the_next_goes_on(cloud: Cloud) -> None:
    for _ in range(3):
        cloud.change_key(made_key(expiresAt="2099-01-01T00:00:00Z")["id"], expiresAt=1)
    assert invoke(WORKER, own_event(WORKER), millis_left=9_000) == {"marked": 0}
    assert invoke(WORKER, own_event(WORKER)) == {"marked": 3}


def test_outage_is_an_error_that_the_alarm_sees(fail: Fail) -> None:
    with fail(DENIED), pytest.raises(StoreUnavailableError):
        invoke(WORKER, own_event(WORKER))
