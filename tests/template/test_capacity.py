"""Parameters limit concurrency and request rates everywhere, with values that fit a new AWS account."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from tests.template.stack import (
    MAPPING,
    consumed_queue,
    consumed_stream,
    functions,
    resources,
    routes,
    timeout_seconds,
    translated,
)
from tests.template_tables import TEMPLATE, template

OF_QUEUES = [logical_id for logical_id in functions() if consumed_queue(logical_id)]
OF_STREAMS = [logical_id for logical_id in functions() if consumed_stream(logical_id)]
RESERVES = {"VerifyApiKey": "VerifyReservedConcurrency", "AuthorizeApiKey": "AuthorizerReservedConcurrency"}
BACKEND_ROUTES = {"POST /api-keys/verify", "POST /api-keys/verify-batch", "POST /events", "POST /events/batch"}
ALARM = "AWS::CloudWatch::Alarm"


def parameters() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = template()["Parameters"]
    return found


def api() -> Mapping[str, Any]:
    """Return the properties of the HTTP API."""
    found: Mapping[str, Any] = template()["Resources"]["Api"]["Properties"]
    return found


def new_account() -> dict[str, str]:
    """Return the parameters of docs/operate/capacity.md for an account with a Lambda quota of 10."""
    manual = (TEMPLATE.parent / "docs" / "operate" / "capacity.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n# Lambda quota of 10\n(.*?)```", manual, re.DOTALL)
    return {name: str(value) for name, value in tomllib.loads(block).items()}


@pytest.mark.parametrize("worker", OF_QUEUES)
def test_queue_mapping_has_a_maximum_concurrency(worker: str) -> None:
    consumed = consumed_queue(worker)
    assert consumed is not None
    bound = parameters()[consumed[1]["ScalingConfig"]["MaximumConcurrency"]["Ref"]]
    assert bound["MinValue"] == 2  # Lambda's minimum
    assert bound["MaxValue"] <= 1000


@pytest.mark.parametrize("worker", OF_STREAMS)
def test_stream_is_read_in_order_by_one_execution_per_shard(worker: str) -> None:
    """Lambda supports `ScalingConfig` for queues only. With a parallelization factor, only the order of each item is
    kept (Lambda developer guide, "Process DynamoDB records").
    """
    consumed = consumed_stream(worker)
    assert consumed is not None
    assert not {"ScalingConfig", "ParallelizationFactor"} & consumed[1].keys()


def test_every_mapping_belongs_to_a_queue_or_stream() -> None:
    assert len(resources(MAPPING)) == len(OF_QUEUES) + len(OF_STREAMS)


def test_every_route_has_a_rate_limit() -> None:
    (stage,) = (one for one in translated()["Resources"].values() if one["Type"] == "AWS::ApiGatewayV2::Stage")
    for each in (stage["Properties"]["DefaultRouteSettings"], *stage["Properties"]["RouteSettings"].values()):
        assert set(each) == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
        assert each["ThrottlingRateLimit"] == each["ThrottlingBurstLimit"]


def test_routes_with_their_own_rate_limit_exist() -> None:
    assert set(api()["RouteSettings"]) <= {route for each in functions() for route in routes(each)}


def test_backend_routes_have_their_own_rate_limit() -> None:
    rates = {route: each["ThrottlingRateLimit"]["Ref"] for route, each in api()["RouteSettings"].items()}
    assert {route for route, rate in rates.items() if rate == "BackendRateLimit"} == BACKEND_ROUTES


def test_long_running_routes_have_the_slow_route_rate_limit() -> None:
    rates = {route: each["ThrottlingRateLimit"]["Ref"] for route, each in api()["RouteSettings"].items()}
    slow = {route for route, rate in rates.items() if rate == "SlowRouteRateLimit"}
    by_signature = {"ReportGithubLeaks"}  # only GitHub calls it, and every report must arrive
    long = {
        route
        for each in functions()
        for route in routes(each)
        if timeout_seconds(each) > 10 and each not in by_signature
    }
    assert long - BACKEND_ROUTES <= slow
    assert "POST /webhooks/filter-test" in slow


@pytest.mark.parametrize(("function", "parameter"), RESERVES.items())
def test_concurrency_is_reserved_only_if_configured(function: str, parameter: str) -> None:
    """A reserved concurrency of 0 would turn the function off."""
    how, then, otherwise = functions()[function]["ReservedConcurrentExecutions"]["Fn::If"]
    assert (then, otherwise) == ({"Ref": parameter}, {"Ref": "AWS::NoValue"})
    assert template()["Conditions"][how] == {
        "Fn::Not": [{"Fn::Or": [{"Fn::Equals": [{"Ref": parameter}, none]} for none in ("", "0")]}]
    }
    assert parameters()[parameter]["Default"] == ""


@pytest.mark.parametrize(
    ("text", "allowed"), [("", True), ("0", True), ("50", True), ("00", False), ("-1", False), ("some", False)]
)
def test_reserved_concurrency_must_be_empty_or_a_whole_number(text: str, allowed: bool) -> None:
    for parameter in RESERVES.values():
        assert (re.fullmatch(parameters()[parameter]["AllowedPattern"], text) is not None) is allowed


def test_other_functions_reserve_no_concurrency() -> None:
    assert {name for name, each in functions().items() if "ReservedConcurrentExecutions" in each} == set(RESERVES)


def test_throttles_and_concurrent_executions_have_alarms() -> None:
    watched = {
        (each["Properties"]["MetricName"], str(each["Properties"].get("Dimensions", [{}])[0].get("Value")))
        for each in resources(ALARM).values()
    }
    throttles = {("Throttles", str({"Ref": function})) for function in RESERVES}
    assert watched >= {*throttles, ("Throttles", "None"), ("ConcurrentExecutions", "None")}
    alarm = resources(ALARM)["ConcurrentExecutionsAlarm"]["Properties"]
    assert alarm["Threshold"] == {"Ref": "ConcurrencyAlarmThreshold"}


def test_documented_values_for_a_new_account_are_valid() -> None:
    for name, value in new_account().items():
        declared = parameters()[name]
        assert "AllowedPattern" in declared or declared["MinValue"] <= int(value) <= declared.get("MaxValue", 10**4)


def test_documented_values_for_a_new_account_cover_every_limit() -> None:
    bounds = {
        name for name in parameters() if name.endswith(("Concurrency", "RateLimit")) and name != "WebhookConcurrency"
    }
    assert set(new_account()) >= bounds | {"ConcurrencyAlarmThreshold"}


def test_event_workers_leave_concurrency_for_requests_in_a_new_account() -> None:
    chosen = new_account()
    path = ("FanOutEvent", "DeliverWebhook", "RetryWebhook")
    bounds = [consumed_queue(worker) for worker in path]
    busy = sum(int(chosen[each[1]["ScalingConfig"]["MaximumConcurrency"]["Ref"]]) for each in bounds if each)
    assert busy <= 6
    assert chosen["VerifyReservedConcurrency"] == chosen["AuthorizerReservedConcurrency"] == "0"
