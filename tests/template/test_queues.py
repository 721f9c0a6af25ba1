"""No accepted message is lost: visibility, redrive, dead-letter queue and alarms of every queue."""

import json
import re

import pytest

from latchhook.storage.database import BATCH_GET_LIMIT
from latchhook.webhooks.changing import DISABLED, RESUMED
from latchhook.webhooks.draining import CLAIMED_FOR, LONGEST_PAUSE
from latchhook.workers.delivery_batch import BATCH_SIZE, MARGIN_SECONDS
from latchhook.workers.system_events import SYSTEM_EVENTS
from tests.template.stack import (
    MAPPING,
    QUEUE,
    TABLE,
    consumed_queue,
    consumed_stream,
    environment,
    functions,
    named,
    permissions,
    resources,
    timeout_seconds,
)
from tests.template_tables import TEMPLATE, template

ALARM = "AWS::CloudWatch::Alarm"
WORKERS = [logical_id for logical_id in functions() if consumed_queue(logical_id)]
OF_STREAMS = [logical_id for logical_id in functions() if consumed_stream(logical_id)]
DEAD_LETTERS_OF = {
    "PublishSystemEvents": "SystemEventDeadLetterQueue",
    "CountAttempts": "CountDeadLetterQueue",
    "StartDrains": "DrainStartDeadLetterQueue",
}

FOURTEEN_DAYS = 14 * 86_400

OF_THE_BUS = ("AWS/Events", "InvocationsFailedToBeSentToDlq")

DIMENSIONS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ("QueueName", QUEUE),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ("QueueName", QUEUE),
    ("AWS/ApiGateway", "5xx"): ("ApiId", "AWS::Serverless::HttpApi"),
    ("AWS/Lambda", "Errors"): ("FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "IteratorAge"): ("FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "Throttles"): ("FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "RecursiveInvocationsDropped"): ("FunctionName", "AWS::Serverless::Function"),
}
"""The watched metrics without those of the event bus, with the single dimension of each and the resource type.

Sources: SQS, API Gateway (HTTP APIs) and Lambda developer guides, "CloudWatch metrics".
"""

OF_THE_ACCOUNT = {("AWS/Lambda", "Throttles"), ("AWS/Lambda", "ConcurrentExecutions")}
"""Metrics that Lambda also publishes without a dimension, for all functions of the account and the region."""

ATTRIBUTES = {"QueueName": "Fn::GetAtt", "ApiId": "Ref", "FunctionName": "Ref"}
"""The CloudFormation function that returns a dimension's value. A queue's `Ref` is its URL, which matches no metric."""


def queue_of(worker: str) -> str:
    consumed = consumed_queue(worker)
    assert consumed is not None
    return consumed[0]


def dead_letter_queue_of(queue: str) -> str:
    return named(resources(QUEUE)[queue]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])


def alarmed(metric: str) -> set[str]:
    """Return the resources with an alarm on a metric."""
    return {
        named(each["Properties"]["Dimensions"][0]["Value"])
        for each in resources(ALARM).values()
        if each["Properties"]["MetricName"] == metric and "Dimensions" in each["Properties"]
    }


@pytest.mark.parametrize("worker", WORKERS)
def test_visibility_timeout_is_six_times_the_workers_timeout(worker: str) -> None:
    consumed = consumed_queue(worker)
    assert consumed is not None
    queue, mapping = consumed
    visible_again = resources(QUEUE)[queue]["Properties"]["VisibilityTimeout"]
    assert visible_again >= 6 * timeout_seconds(worker) + mapping.get("MaximumBatchingWindowInSeconds", 0)


@pytest.mark.parametrize("worker", WORKERS)
def test_consumed_queue_has_its_own_dead_letter_queue(worker: str) -> None:
    queue = queue_of(worker)
    assert resources(QUEUE)[queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"] >= 5
    dead = dead_letter_queue_of(queue)
    assert dead == queue.removesuffix("Queue") + "DeadLetterQueue"
    assert "RedrivePolicy" not in resources(QUEUE)[dead]["Properties"]


@pytest.mark.parametrize("worker", WORKERS)
def test_queue_age_and_dead_letters_have_alarms(worker: str) -> None:
    queue = queue_of(worker)
    assert queue in alarmed("ApproximateAgeOfOldestMessage")
    assert dead_letter_queue_of(queue) in alarmed("ApproximateNumberOfMessagesVisible")


def test_drain_claim_lasts_longer_than_the_functions_timeout() -> None:
    assert CLAIMED_FOR.total_seconds() > timeout_seconds("DrainDeliveries")


def test_drain_age_alarm_allows_the_longest_pause_of_a_drain() -> None:
    assert resources(ALARM)["DrainQueueAgeAlarm"]["Properties"]["Threshold"] > LONGEST_PAUSE.total_seconds()


def test_every_queue_has_a_worker_or_is_a_dead_letter_queue() -> None:
    consumed = {queue_of(worker) for worker in WORKERS}
    dead = {dead_letter_queue_of(queue) for queue in consumed} | set(DEAD_LETTERS_OF.values())
    assert set(resources(QUEUE)) == consumed | dead


@pytest.mark.parametrize("worker", OF_STREAMS)
def test_stream_worker_retries_after_outages_and_has_an_age_alarm(worker: str) -> None:
    consumed = consumed_stream(worker)
    assert consumed is not None
    table, mapping = consumed
    assert resources(TABLE)[table]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["MaximumRetryAttempts"] == -1
    assert mapping["BisectBatchOnFunctionError"] is True
    assert "MaximumRecordAgeInSeconds" not in mapping
    assert worker in alarmed("IteratorAge")


def test_every_stream_worker_has_its_own_dead_letter_queue() -> None:
    assert set(DEAD_LETTERS_OF) == set(OF_STREAMS)


@pytest.mark.parametrize(("worker", "queue"), DEAD_LETTERS_OF.items())
def test_unprocessable_stream_record_goes_to_dead_letters_with_alarm(worker: str, queue: str) -> None:
    assert ("sqs:SendMessage", queue) in permissions(worker)
    assert queue in alarmed("ApproximateNumberOfMessagesVisible")


def test_stream_has_at_most_two_readers() -> None:
    """Source: DynamoDB developer guide, "DynamoDB Streams and AWS Lambda triggers"."""
    tables = [consumed[0] for consumed in map(consumed_stream, OF_STREAMS) if consumed is not None]
    assert max(map(tables.count, tables)) <= 2


def test_changes_with_deliveries_to_release_start_drains() -> None:
    consumed = consumed_stream("StartDrains")
    assert consumed is not None
    (only,) = consumed[1]["FilterCriteria"]["Filters"]
    actions = json.loads(only["Pattern"])["dynamodb"]["NewImage"]["action"]["S"]
    assert actions == [RESUMED, DISABLED, "webhook.deleted", "webhook.recovery_started"]


def test_stream_filter_accepts_exactly_the_system_events() -> None:
    consumed = consumed_stream("PublishSystemEvents")
    assert consumed is not None
    (only,) = consumed[1]["FilterCriteria"]["Filters"]
    pattern = json.loads(only["Pattern"])
    assert len(only["Pattern"]) <= 4096
    assert set(pattern["dynamodb"]["NewImage"]["action"]["S"]) == set(SYSTEM_EVENTS)
    assert consumed[1]["BatchSize"] <= BATCH_GET_LIMIT


@pytest.mark.parametrize("queue", resources(QUEUE))
def test_queue_is_encrypted_and_keeps_messages_for_fourteen_days(queue: str) -> None:
    properties = resources(QUEUE)[queue]["Properties"]
    assert properties["SqsManagedSseEnabled"] is True
    assert properties["MessageRetentionPeriod"] == FOURTEEN_DAYS


@pytest.mark.parametrize("mapping", resources(MAPPING))
def test_failed_messages_are_returned_individually(mapping: str) -> None:
    assert resources(MAPPING)[mapping]["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("worker", ["DeliverWebhook", "RetryWebhook"])
def test_delivery_worker_has_time_for_a_whole_attempt(worker: str) -> None:
    consumed = consumed_queue(worker)
    assert consumed is not None
    assert consumed[1]["BatchSize"] == BATCH_SIZE
    needed = float(environment(worker)["DELIVERY_TIMEOUT_SECONDS"]) + MARGIN_SECONDS
    assert timeout_seconds(worker) > needed


@pytest.mark.parametrize("alarm", [name for name in resources(ALARM) if name != "BusRuleAlarm"])
def test_alarm_watches_an_existing_metric_with_its_dimension(alarm: str) -> None:
    properties = resources(ALARM)[alarm]["Properties"]
    if "Dimensions" not in properties:
        assert (properties["Namespace"], properties["MetricName"]) in OF_THE_ACCOUNT
        return
    (dimension,) = properties["Dimensions"]
    name, kind = DIMENSIONS[properties["Namespace"], properties["MetricName"]]
    assert dimension["Name"] == name
    (how,) = dimension["Value"]
    assert how == ATTRIBUTES[name]
    if name == "QueueName":
        assert dimension["Value"][how].endswith(".QueueName")
    assert template()["Resources"][named(dimension["Value"])]["Type"] == kind


def test_bus_alarm_watches_its_rule_with_both_dimensions() -> None:
    """EventBridge user guide, "Monitoring": the metrics of a custom bus's rules have both dimensions."""
    properties = resources(ALARM)["BusRuleAlarm"]["Properties"]
    assert (properties["Namespace"], properties["MetricName"]) == OF_THE_BUS
    (rule,) = resources("AWS::Events::Rule").values()
    assert {each["Name"]: each["Value"] for each in properties["Dimensions"]} == {
        "EventBusName": rule["Properties"]["EventBusName"],
        "RuleName": {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": "BusRule.Arn"}]}]},
    }
    assert "Name" not in rule["Properties"]


def test_bus_event_is_retried_for_a_day_and_then_a_dead_letter() -> None:
    (rule,) = resources("AWS::Events::Rule").values()
    assert rule["Properties"]["EventPattern"] == {"source": [{"prefix": ""}]}
    assert "State" not in rule["Properties"]
    (target,) = rule["Properties"]["Targets"]
    assert named(target["Arn"]) == queue_of("PublishBusEvent") == "BusQueue"
    assert named(target["DeadLetterConfig"]["Arn"]) == dead_letter_queue_of("BusQueue")
    assert not target.keys() & {"Input", "InputPath", "InputTransformer", "RetryPolicy"}


@pytest.mark.parametrize("queue", ["BusQueue", "BusDeadLetterQueue", "EventQueue", "EventDeadLetterQueue"])
def test_event_queues_accept_the_largest_messages_of_sqs(queue: str) -> None:
    assert resources(QUEUE)[queue]["Properties"]["MaximumMessageSize"] == 1024 * 1024


@pytest.mark.parametrize("alarm", resources(ALARM))
def test_alarm_is_valid_and_notifies_the_topic(alarm: str) -> None:
    properties = resources(ALARM)[alarm]["Properties"]
    assert properties["ComparisonOperator"] == "GreaterThanThreshold"
    assert properties["TreatMissingData"] == "notBreaching"
    assert properties["AlarmActions"] == {
        "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
    }
    assert properties["AlarmDescription"].endswith(".")


def test_operations_manual_covers_dead_letters() -> None:
    manual = (TEMPLATE.parent / "docs" / "operate" / "alarms.md").read_text(encoding="utf-8")
    assert re.search(r"dead[- ]letter", manual, re.IGNORECASE)
