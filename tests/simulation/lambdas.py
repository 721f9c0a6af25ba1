"""Lambda in virtual time: invocations that can crash, and the event sources of template.yaml."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from zlib import crc32

from tests.functions.streams import matches
from tests.simulation.queues import Message, Queue, Sqs
from tests.simulation.virtual_time import Process, VirtualTime
from tests.template_tables import declared_tables, snake_case, template

Handler = Callable[[Mapping[str, Any], Any], Any]
FAILED = object()
"""The result of an invocation that crashed, raised or timed out."""

MOST_AT_ONCE = 20
POLL_SECONDS = 0.05
STREAM_SECONDS = 0.2
_TABLES = "arn:aws:dynamodb:us-east-1:123456789012:table"
LANES = 3
"""The number of concurrent batches of a stream with a parallelization factor."""


class Lambdas:
    """Lambda's invocations. `crash_at` returns the number of the call at which a process crashes, or None."""

    def __init__(self, time: VirtualTime, rng: Random, handler_of: Callable[[str], Handler]) -> None:
        self.crash_at: Callable[[str], int | None] = lambda _: None
        self.trace: Callable[[str], None] | None = None
        self.unhandled: list[BaseException] = []
        """The unexpected errors of handlers."""
        self._time = time
        self._rng = rng
        self._handler_of = handler_of
        self.count = 0
        self._timeouts = {
            snake_case(name): float(resource["Properties"].get("Timeout", 10))
            for name, resource in template()["Resources"].items()
            if resource["Type"] == "AWS::Serverless::Function"
        }

    def process(self, function: str) -> Process:
        """Create the process of an invocation."""
        self.count += 1
        timeout = self._timeouts[function]
        process = Process(f"{function}#{self.count}", started_at=self._time.seconds, timeout_seconds=timeout)
        process.time = self._time
        process.crash_at = self.crash_at(function)
        process.crash_after_effect = self._rng.random() < 0.5
        return process

    def invoke(self, function: str, event: Mapping[str, Any], process: Process | None = None) -> Any:
        """Invoke a function, wait for its end and return its result or `FAILED`."""
        process = process or self.process(function)
        process.ended = self._time.new_rest()
        outcome: list[Any] = []
        handler = self._handler_of(function)

        def run() -> None:
            try:
                outcome.append(handler(event, process))
            except Exception as error:  # noqa: BLE001  # Lambda reports it, and the simulation too
                self.unhandled.append(error)
                process.had_fault = True
                outcome.append(FAILED)
            assert process.ended is not None
            self._time.wake(process.ended)

        if self.trace is not None:
            self.trace(f"{process.name} begins with {_brief(event)}")
        self._time.start(run, process=process)
        self._time.rest(process.ended, at_most=process.deadline - self._time.seconds)
        if not outcome and not process.is_dead:
            self._time.kill(process)
        if self.trace is not None:
            self.trace(f"{process.name} ends with {outcome[0] if outcome else 'a crash'}")
        return outcome[0] if outcome else FAILED


class QueueSource:
    """The event source mapping of a queue."""

    def __init__(self, time: VirtualTime, lambdas: Lambdas, sqs: Sqs, queue: Queue, function: str, size: int) -> None:
        self._time, self._lambdas, self._sqs = time, lambdas, sqs
        self._queue, self._function, self._size = queue, function, size
        self._running = 0
        self._is_due = False
        queue.on_ready = self._look_soon

    def _look_soon(self) -> None:
        if not self._is_due and self._running < MOST_AT_ONCE and self._queue.ready:
            self._is_due = True
            self._time.start(self._look, after=POLL_SECONDS)

    def _look(self) -> None:
        self._is_due = False
        messages = self._sqs.receive(self._queue, self._size)
        self._look_soon()
        if not messages:
            return
        self._running += 1
        received_at = self._time.seconds
        records = [_record(message, self._queue.name) for message in messages]
        response = self._lambdas.invoke(self._function, {"Records": records})
        failed = (
            {message.id for message in messages}
            if response is FAILED
            else {each["itemIdentifier"] for each in response["batchItemFailures"]}
        )
        for message in messages:
            if message.id in failed:
                if not message.is_deleted:
                    wait = received_at + self._queue.visibility_seconds - self._time.seconds
                    self._sqs.make_ready(self._queue, message, after=max(0.0, wait))
            else:
                self._sqs.delete(self._queue, message)
        self._running -= 1
        self._look_soon()


def _record(message: Message, queue: str) -> dict[str, Any]:
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": "String"} for name, value in message.attributes.items()
    }
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.receive_count), "MessageGroupId": message.group},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{queue}",
    }


class StreamSource:
    """The event source mapping of a table's stream. It keeps the order, repeats from a failed record on, and sometimes
    repeats a batch.
    """

    def __init__(
        self, time: VirtualTime, rng: Random, lambdas: Lambdas, table: str, mapping: Mapping[str, Any]
    ) -> None:
        self.table = table
        self.repeats = 0.0
        self._time, self._rng, self._lambdas = time, rng, lambdas
        self._function = snake_case(mapping["FunctionName"]["Ref"])
        self._size = min(100, mapping.get("BatchSize", 100))
        self._window = float(mapping.get("MaximumBatchingWindowInSeconds", 0.05))
        filters = mapping.get("FilterCriteria", {}).get("Filters", [])
        self._patterns = [json.loads(each["Pattern"]) for each in filters]
        self._keys = {each["KeyType"]: each["AttributeName"] for each in declared_tables()[table]["KeySchema"]}
        factor = mapping.get("ParallelizationFactor", 1)
        lanes = min(LANES, factor) if isinstance(factor, int) else LANES  # the value of a parameter is unknown here
        self._lanes: list[deque[dict[str, Any]]] = [deque() for _ in range(lanes)]
        self._busy = [False] * lanes

    @property
    def left(self) -> int:
        """The number of unprocessed records."""
        return sum(len(lane) for lane in self._lanes)

    def add(self, number: int, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """Add a change of the table."""
        item = after or before or {}
        keys = {name: item[name] for name in self._keys.values()}
        name = "REMOVE" if after is None else "INSERT" if before is None else "MODIFY"
        change: dict[str, Any] = {"Keys": keys, "SequenceNumber": f"{number:021d}"}
        if after is not None:
            change["NewImage"] = after
        record = {
            "eventID": str(number),
            "eventName": name,
            "eventSource": "aws:dynamodb",
            "eventSourceARN": f"{_TABLES}/{self.table}/stream/2026-05-01T09:00:00.000",
            "dynamodb": change,
        }
        if self._patterns and not any(matches(pattern, record) for pattern in self._patterns):
            return
        at = crc32(repr(keys[self._keys["HASH"]]).encode()) % len(self._lanes)
        self._lanes[at].append(record)
        self._look_soon(at, self._window)

    def _look_soon(self, at: int, after: float) -> None:
        if self._lanes[at] and not self._busy[at]:
            self._busy[at] = True
            self._time.start(lambda: self._work(at), after=after + self._rng.expovariate(1 / STREAM_SECONDS))

    def _work(self, at: int) -> None:
        lane = self._lanes[at]
        batch = [lane[number] for number in range(min(self._size, len(lane)))]
        response = self._lambdas.invoke(self._function, {"Records": batch})
        done = 0
        if response is not FAILED:
            failed = [each["itemIdentifier"] for each in response["batchItemFailures"]]
            numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
            done = min((numbers.index(each) for each in failed), default=len(batch))
        if self._rng.random() < self.repeats:
            done = self._rng.randrange(done + 1)
        for _ in range(done):
            lane.popleft()
        self._busy[at] = False
        self._look_soon(at, 0 if done else 1)


def _brief(event: Mapping[str, Any]) -> str:
    if "Records" not in event:
        return f"{event['routeKey']} {event.get('pathParameters') or ''} {event.get('body') or ''}"
    return " ".join(
        f"[{each['messageId']} x{each['attributes']['ApproximateReceiveCount']} {each['body'][:200]}]"
        if "messageId" in each
        else f"[{each['dynamodb']['SequenceNumber'].lstrip('0')} {each['dynamodb']['Keys']}]"
        for each in event["Records"][:10]
    )


def sources(time: VirtualTime, rng: Random, lambdas: Lambdas, sqs: Sqs) -> tuple[list[QueueSource], list[StreamSource]]:
    """Return every event source mapping of the template."""
    queues, streams = [], []
    for resource in template()["Resources"].values():
        if resource["Type"] != "AWS::Lambda::EventSourceMapping":
            continue
        properties = resource["Properties"]
        name, _, attribute = properties["EventSourceArn"]["Fn::GetAtt"].partition(".")
        if attribute == "StreamArn":
            streams.append(StreamSource(time, rng, lambdas, name, properties))
        else:
            function, size = snake_case(properties["FunctionName"]["Ref"]), properties.get("BatchSize", 10)
            queues.append(QueueSource(time, lambdas, sqs, sqs.queues[name], function, size))
    return queues, streams
