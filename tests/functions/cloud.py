"""The stack's tables and queues under moto, and their messages in the form that Lambda passes to workers."""

import json
from collections.abc import Mapping
from copy import copy, deepcopy
from functools import cache
from typing import Any

import boto3

from latchhook.storage.attributes import from_item, to_item
from tests.functions import kept_stack, moto_memory
from tests.functions.calls import invoke, own_event
from tests.functions.environment import (
    BUS_QUEUE,
    DRAIN_QUEUE,
    QUEUES,
    RETRY_QUEUE,
    SECRETS_KEY_ALIAS,
    TOKENS,
    TOKENS_SECRET,
    queue_url,
)
from tests.functions.streams import stream_sources
from tests.template_tables import API_KEYS, DELIVERIES, SETTINGS, create_tables, snake_case


@cache
def _client(service: str) -> Any:
    """Return a client of the tests. Injected failures of the functions' clients do not affect it."""
    return boto3.client(service)  # type: ignore[call-overload]


class Cloud:
    """The stack's tables, queues and KMS key under moto, new and empty."""

    def __init__(self) -> None:
        self.dynamodb = _client("dynamodb")
        self.sqs = _client("sqs")
        self.scheduler = _client("scheduler")
        self._read_until: dict[str, str] = {}
        kept_stack.make_stack(self._make)

    def _make(self) -> None:
        create_tables(self.dynamodb)
        for name in QUEUES:
            self.sqs.create_queue(QueueName=name)
        kms = _client("kms")
        # moto encrypts with any kind of key, and generates an RSA pair for a symmetric key. An ECC key is faster.
        key_id = kms.create_key(KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=SECRETS_KEY_ALIAS, TargetKeyId=key_id)
        _client("secretsmanager").create_secret(Name=TOKENS_SECRET, SecretString=TOKENS.secret)

    def at_same_place(self) -> "Cloud":
        """Return another view of the stack, which has read the streams as far as this one."""
        view = copy(self)
        view._read_until = dict(self._read_until)
        return view

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return all items of a table, without the counters of the accounts' request rates."""
        items = [from_item(item) for item in moto_memory.items(table)]
        return [item for item in items if not str(item.get("pk", "")).startswith("RATE#")]

    def waiting(self, queue: str) -> int:
        """Return the number of messages in a queue: visible, delayed or in flight."""
        return moto_memory.messages(queue)

    def contents(self) -> Mapping[str, Any]:
        """Return the items of all tables and the message counts of all queues."""
        tables = {name: self.items(name) for name in (API_KEYS, SETTINGS, DELIVERIES)}
        return {**tables, **{name: self.waiting(name) for name in QUEUES}}

    def audit(self, account_id: str) -> list[str]:
        """Return the actions in an account's audit log, oldest first."""
        return [str(entry["action"]) for entry in self.audit_entries(account_id)]

    def audit_entries(self, account_id: str) -> list[dict[str, Any]]:
        """Return the entries of an account's audit log, oldest first."""
        entries = [item for item in self.items(SETTINGS) if item["pk"] == f"AUDIT#{account_id}"]
        return sorted(entries, key=lambda entry: str(entry["sk"]))

    def keys_of_profile(self, profile_id: str) -> int:
        """Return the key count stored in a permission profile."""
        (profile,) = (item for item in self.items(SETTINGS) if item["sk"] == f"PROFILE#{profile_id}")
        return int(profile["keys"])

    def webhook(self, account_id: str, webhook_id: str) -> dict[str, Any]:
        """Return the item of a webhook."""
        name = (f"ACCOUNT#{account_id}", f"WEBHOOK#{webhook_id}")
        (item,) = (item for item in self.items(SETTINGS) if (item["pk"], item["sk"]) == name)
        return item

    def change_key(self, key_id: str, **values: Any) -> None:
        """Set attributes in a key's item directly, for example to simulate that time has passed."""
        self.dynamodb.update_item(
            TableName=API_KEYS,
            Key=to_item({"id": key_id, "record": "KEY"}),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
        )

    def change_webhook(self, account_id: str, webhook_id: str, **values: Any) -> None:
        """Set attributes in a webhook's item directly."""
        self.dynamodb.update_item(
            TableName=SETTINGS,
            Key=to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"WEBHOOK#{webhook_id}"}),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
        )

    def put(self, table: str, item: Mapping[str, Any]) -> None:
        """Put an item directly."""
        self.dynamodb.put_item(TableName=table, Item=to_item(item))

    def put_on_bus(self, detail: Mapping[str, Any]) -> None:
        """Put an event of the stack's bus on the bus's queue, in its envelope, as EventBridge does."""
        (own,) = own_event("publish_bus_event")["Records"]
        body = json.dumps({**json.loads(own["body"]), "detail": detail})
        self.sqs.send_message(QueueUrl=queue_url(BUS_QUEUE), MessageBody=body)

    def forget_events(self) -> None:
        """Delete all events, as the table's time to live does. Attempts are kept."""
        for item in self.items(DELIVERIES):
            if item["sk"] == "EVENT":
                key = to_item({"pk": item["pk"], "sk": item["sk"]})
                self.dynamodb.delete_item(TableName=DELIVERIES, Key=key)

    def drain(self, queue: str, worker: str, **invocation: Any) -> list[str]:
        """Pass one batch from a queue to its worker, as Lambda does. Return the ids of the messages to retry."""
        batch = self.batch(queue, worker)
        return self.drain_batch(batch, queue, worker, **invocation) if batch["Records"] else []

    def drain_batch(self, batch: Mapping[str, Any], queue: str, worker: str, **invocation: Any) -> list[str]:
        """Pass a batch, already received from a queue, to its worker. Return the ids of the messages to retry."""
        failed = failed_ids(invoke(worker, batch, **invocation))
        for record in batch["Records"]:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=queue_url(queue), ReceiptHandle=record["receiptHandle"])
        return failed

    def batch(self, queue: str, worker: str) -> dict[str, Any]:
        """Receive up to 10 messages of a queue, in the form of the worker's example event."""
        if not self.waiting(queue):
            return {"Records": []}
        response = self.sqs.receive_message(
            QueueUrl=queue_url(queue),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        return {"Records": [_record(worker, message) for message in response.get("Messages", [])]}

    def run_event_path(self) -> None:
        """Run fan-out and first attempts until their queues are empty. Retries stay in their queue."""
        while self.waiting("EventQueue"):
            assert self.drain("EventQueue", "fan_out_event") == []
        while self.waiting("DeliveryQueue"):
            assert self.drain("DeliveryQueue", "deliver_webhook") == []

    def take_step(self) -> None:
        """Start the drains of changed webhooks, and take one step of each drain."""
        assert self.run_streams(worker="StartDrains") == []
        assert self.drain(DRAIN_QUEUE, "drain_deliveries") == []

    def run_drains(self) -> None:
        """Take steps and make the attempts of released deliveries until nothing is left to release."""
        self.take_step()
        while self.waiting(DRAIN_QUEUE) or self.waiting(RETRY_QUEUE):
            self.take_step()
            assert self.drain(RETRY_QUEUE, "retry_webhook") == []

    def run_streams(self, *, worker: str | None = None, **invocation: Any) -> list[str]:
        """Pass the new records of the tables' streams to their workers, or to one worker, in one batch each.

        Return the records to retry. The next run begins with them.
        """
        failed = []
        for source in stream_sources():
            if worker not in {None, source.worker}:
                continue
            records = self.stream_records(source.table, worker=source.worker)
            passed = [record for record in records if source.lets_through(record)]
            wanted_again = (
                failed_ids(invoke(snake_case(source.worker), {"Records": passed}, **invocation)) if passed else []
            )
            numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
            done = numbers[: numbers.index(wanted_again[0])] if wanted_again else numbers
            if done:
                self._read_until[source.worker] = done[-1]
            failed += wanted_again
        return failed

    def read_until(self) -> Mapping[str, str]:
        """Return the last processed stream record of each worker."""
        return dict(self._read_until)

    def stream_records(self, table: str, *, worker: str = "PublishSystemEvents") -> list[dict[str, Any]]:
        """Return the records of a table's stream that the worker has not processed, unfiltered."""
        return moto_memory.stream_records(table, after=self._read_until.get(worker))

    def schedules(self) -> list[dict[str, Any]]:
        """Return all one-time schedules in full."""
        return [dict(self.scheduler.get_schedule(Name=name)) for name in moto_memory.schedules()]

    def run_schedule(self, schedule: Mapping[str, Any]) -> None:
        """Run a due schedule as EventBridge Scheduler does."""
        target = schedule["Target"]
        queue = target["Arn"].rpartition(":")[2]
        self.sqs.send_message(QueueUrl=queue_url(queue), MessageBody=target["Input"])
        self.scheduler.delete_schedule(Name=schedule["Name"])


def failed_ids(returned: Mapping[str, Any]) -> list[str]:
    """Return the ids of the messages that a worker wants to retry."""
    return [each["itemIdentifier"] for each in returned["batchItemFailures"]]


def record(worker: str, body: Any = None, **changes: Any) -> dict[str, Any]:
    """Return a record of a worker's example event with another body."""
    made = deepcopy(own_event(worker)["Records"][0])
    if body is not None:
        made["body"] = body if isinstance(body, str) else json.dumps(body)
    made |= changes
    assert isinstance(made, dict)
    return made


def _record(worker: str, message: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        name: {
            "stringValue": value["StringValue"],
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        }
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return record(
        worker,
        message["Body"],
        messageId=message["MessageId"],
        receiptHandle=message["ReceiptHandle"],
        attributes=message["Attributes"],
        messageAttributes=attributes,
        md5OfBody=message["MD5OfBody"],
    )
