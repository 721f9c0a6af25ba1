"""The functions log to the stack's single log group, with its retention."""

from local.stack import RunningStack
from tests.journeys.product import admin, eventually, new_account


def test_request_is_found_in_the_log_by_its_account(stack: RunningStack) -> None:
    account_id = new_account()
    for _ in range(2):
        admin(stack, account_id).call("GET", "/api-keys")
        admin(stack, account_id).call("GET", "/webhooks")
    logs = stack.client("logs")
    name = stack.outputs["LogGroupName"]
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 30

    def routes() -> set[str]:
        found = logs.get_paginator("filter_log_events").paginate(logGroupName=name, filterPattern=f'"{account_id}"')
        lines = [event["message"] for page in found for event in page["events"]]
        return {route for route in ("GET /api-keys", "GET /webhooks") if any(route in line for line in lines)}

    eventually(routes, lambda seen: len(seen) == 2)
