"""Functions that can trigger themselves declare it, since Lambda otherwise stops their chains after about 16
invocations.

Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops".
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.template.stack import (
    MAPPING,
    QUEUE,
    as_list,
    functions,
    named,
    resources,
    statements,
)
from tests.template_tables import template

INSERTS = {"PutItem", "UpdateItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate"}
"""The DynamoDB actions that can create an item. Every stream's filter accepts new items only."""
SENDS = {"sqs:SendMessage", "lambda:InvokeFunction", "iam:PassRole", "events:PutEvents"}
INTENDED = {
    "PublishSystemEvents",
    "FanOutEvent",
    "DeliverWebhook",
    "RetryWebhook",
    "DrainDeliveries",
    "StartDrains",
}


def started_by(source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the functions that a queue or a table's stream invokes, each with its mapping's properties."""
    for each in resources(MAPPING).values():
        if named(each["Properties"]["EventSourceArn"]) == source:
            yield named(each["Properties"]["FunctionName"]), each["Properties"]


def owners(statement: Mapping[str, Any]) -> list[str]:
    """Return the fixed prefixes of the partition keys that a statement allows. The empty text means every key."""
    for keys in statement.get("Condition", {}).values():
        if "dynamodb:LeadingKeys" in keys:
            return [str(pattern).partition("*")[0] for pattern in as_list(keys["dynamodb:LeadingKeys"])]
    return [""]


def may_pass(statement: Mapping[str, Any], mapping: Mapping[str, Any]) -> bool:
    """Return whether an item that the statement allows can pass a filter of a stream mapping."""
    for each in mapping["FilterCriteria"]["Filters"]:
        pattern = json.loads(each["Pattern"])
        assert pattern["eventName"] == ["INSERT"]
        (taken,) = pattern["dynamodb"]["Keys"]["pk"]["S"]
        prefix = taken["prefix"]
        if any(prefix.startswith(owner) or owner.startswith(prefix) for owner in owners(statement)):
            return True
    return False


def sent_by(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the queues, tables, roles, functions and buses that a statement allows writing to."""
    for action in as_list(statement["Action"]):
        service, _, operation = action.partition(":")
        if action in SENDS or (service == "dynamodb" and operation in INSERTS):
            yield from map(named, as_list(statement["Resource"]))


def triggered(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the functions that run as a result of an allowed action."""
    for target in sent_by(statement):
        resource = template()["Resources"][target]
        match resource["Type"]:
            case "AWS::Serverless::Function":
                yield target
            case "AWS::SQS::Queue":
                yield from (worker for worker, _ in started_by(target))
            case "AWS::DynamoDB::Table":
                yield from (worker for worker, mapping in started_by(target) if may_pass(statement, mapping))
            case "AWS::IAM::Role":  # a schedule uses the role that it gets
                for policy in resource["Properties"]["Policies"]:
                    for passed in policy["PolicyDocument"]["Statement"]:
                        yield from triggered(passed)
            case "AWS::Events::EventBus":
                for rule in resources("AWS::Events::Rule").values():
                    for receiver in rule["Properties"]["Targets"]:
                        yield from (worker for worker, _ in started_by(named(receiver["Arn"])))


def graph() -> dict[str, set[str]]:
    """Return the functions that each function triggers directly."""
    return {
        logical_id: {each for statement in statements(logical_id) for each in triggered(statement)}
        for logical_id in functions()
    }


def reached(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    """Return every function that `start` triggers directly or indirectly."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for following in edges[waiting.pop()] - seen:
            seen.add(following)
            waiting.append(following)
    return seen


def test_graph_contains_the_known_chains() -> None:
    edges = graph()
    assert edges["PublishEvent"] >= {"FanOutEvent"}
    assert edges["FanOutEvent"] == {"DeliverWebhook", "CountAttempts"}
    assert edges["RetryWebhook"] >= {"RetryWebhook", "DrainDeliveries", "PublishSystemEvents"}
    assert edges["DrainDeliveries"] >= {"RetryWebhook", "DrainDeliveries", "StartDrains"}
    assert edges["StartDrains"] == {"DrainDeliveries", "CountAttempts"}
    assert edges["CountAttempts"] == set()


def test_only_functions_that_trigger_themselves_allow_recursion() -> None:
    edges = graph()
    looping = {logical_id for logical_id in functions() if logical_id in reached(logical_id, edges)}
    allowing = {logical_id for logical_id, each in functions().items() if each.get("RecursiveLoop") == "Allow"}
    assert looping == allowing == INTENDED


def test_every_loop_has_an_alarm_on_dropped_invocations() -> None:
    alarmed = {
        named(each["Properties"]["Dimensions"][0]["Value"])
        for each in resources("AWS::CloudWatch::Alarm").values()
        if each["Properties"]["MetricName"] == "RecursiveInvocationsDropped"
    }
    assert alarmed == INTENDED


def test_dead_letter_queues_have_no_worker() -> None:
    dead = {
        named(each["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        for each in resources(QUEUE).values()
        if "RedrivePolicy" in each["Properties"]
    }
    assert [queue for queue in dead if list(started_by(queue))] == []
