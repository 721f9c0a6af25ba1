"""The scheduled job that rolls up the usage of past months."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.dependency_errors import DependencyUnavailableError
from tests.functions.callers import made_key, operator
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.template_tables import API_KEYS

WORKER = "roll_up_usage"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")


def used_in_2020(cloud: Cloud) -> str:
    """Create a key with uses in two past months."""
    key_id = str(made_key()["id"])
    cloud.change_key(key_id, usedSince=202001, u20200101=3, u20200131=4, u20200229=5)
    return key_id


def records(cloud: Cloud, key_id: str) -> dict[str, dict[str, Any]]:
    return {item["record"]: item for item in cloud.items(API_KEYS) if item["id"] == key_id}


def uses(item: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in item.items() if name.startswith("u2")}


def test_uses_of_past_months_move_to_items_of_their_own(cloud: Cloud) -> None:
    key_id = used_in_2020(cloud)
    assert invoke(WORKER, own_event(WORKER)) == {"done": 1}
    stored = records(cloud, key_id)
    assert uses(stored["KEY"]) == {}
    assert "usedSince" not in stored["KEY"]
    assert uses(stored["USAGE#202001"]) == {"u20200101": 3, "u20200131": 4}
    assert uses(stored["USAGE#202002"]) == {"u20200229": 5}
    assert all(stored[f"USAGE#{month}"]["ttl"] for month in ("202001", "202002"))
    assert invoke(WORKER, own_event(WORKER)) == {"done": 0}
    assert records(cloud, key_id) == stored


def test_uses_of_this_month_stay_in_the_keys_item(cloud: Cloud) -> None:
    made = made_key()
    call("verify_api_key", operator(), body={"key": made["key"]})
    cloud.change_key(made["id"], usedSince=202001, u20200101=3)
    assert invoke(WORKER, own_event(WORKER)) == {"done": 1}
    call("verify_api_key", operator(), body={"key": made["key"]})
    stored = records(cloud, made["id"])
    assert list(uses(stored["KEY"]).values()) == [2]
    assert stored["KEY"]["usedSince"] > 202001
    assert uses(stored["USAGE#202001"]) == {"u20200101": 3}


def test_late_uses_are_added_to_their_month(cloud: Cloud) -> None:
    key_id = used_in_2020(cloud)
    invoke(WORKER, own_event(WORKER))
    cloud.change_key(key_id, usedSince=202001, u20200101=2)
    assert invoke(WORKER, own_event(WORKER)) == {"done": 1}
    assert uses(records(cloud, key_id)["USAGE#202001"]) == {"u20200101": 5, "u20200131": 4}


def test_run_stops_before_its_timeout_and_the_next_run_continues(cloud: Cloud) -> None:
    for _ in range(3):
        used_in_2020(cloud)
    assert invoke(WORKER, own_event(WORKER), millis_left=9_000) == {"done": 0}
    assert invoke(WORKER, own_event(WORKER)) == {"done": 3}


def test_outage_raises_for_the_alarm(fail: Fail) -> None:
    with fail(DENIED), pytest.raises(DependencyUnavailableError):
        invoke(WORKER, own_event(WORKER))


def test_failing_key_does_not_stop_the_others(cloud: Cloud, fail_operation: Fail) -> None:
    for _ in range(2):
        used_in_2020(cloud)
    with fail_operation("dynamodb", "TransactWriteItems", DENIED), pytest.raises(DependencyUnavailableError):
        invoke(WORKER, own_event(WORKER))
    assert invoke(WORKER, own_event(WORKER)) == {"done": 2}
