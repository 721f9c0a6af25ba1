"""End the process at every outgoing call, and let queues, streams and callers repeat the unfinished work.

A scenario is a function of a `World`. `check_every_fault` runs it once to count the calls to AWS and the POSTs within
`watched`. Then it runs the scenario again in an empty world for each of these calls and each kind of failure (`Kind`).

In addition to the scenario's own assertions, these rules apply at the end: all queues are empty. The attempts of a
delivery are numbered without a gap. All POSTs with the same `webhook-id` have the same body. Each POST has a record,
except those that were sent but not recorded before the process ended.

A scenario of another feature needs only a test that uses the fixture `check_every_fault` of conftest.py.
"""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple, TypeVar

import pytest
from botocore.exceptions import ReadTimeoutError
from moto.moto_api._internal.models import moto_api_backend

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.receivers import outbound_http
from latchhook.clock import utc_now
from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.outcome import HttpOutcome
from local.receiver import Receiver
from tests.functions.calls import start_anew
from tests.functions.cloud import Cloud
from tests.functions.environment import (
    BUS_QUEUE,
    DELIVERY_QUEUE,
    DRAIN_QUEUE,
    EVENT_QUEUE,
    RETRY_QUEUE,
    queue_url,
)
from tests.template_tables import DELIVERIES

T = TypeVar("T")

Kind = Literal["ends before", "ends after", "answer lost"]
"""The process ends before or after the call takes effect, or AWS executes the call but its response is lost."""

POST = "POST"
WORKERS: Mapping[str, str] = {
    BUS_QUEUE: "publish_bus_event",
    EVENT_QUEUE: "fan_out_event",
    DELIVERY_QUEUE: "deliver_webhook",
    RETRY_QUEUE: "retry_webhook",
    DRAIN_QUEUE: "drain_deliveries",
}
_SERVICES = ("dynamodb", "sqs", "kms", "scheduler")
_MOST_ROUNDS = 200


class EndedError(BaseException):
    """The end of the process. Functions must not catch it, just as they cannot catch SIGKILL."""


class Fault(NamedTuple):
    """The failure of call number `call` (from 0) of a scenario."""

    call: int
    kind: Kind


class Process:
    """The process of the functions. It counts outgoing calls and ends at `fault`."""

    def __init__(self, fault: Fault | None) -> None:
        self.calls: list[str] = []
        """The calls so far, in order."""
        self.is_watched = False
        self._fault = fault
        self._has_ended = False
        self._ended_threads: set[threading.Thread] = set()
        self._here = threading.local()
        self._under_way = 0
        self._changed = threading.Condition()

    def enter(self, call: str) -> None:
        """Record the start of an outgoing call."""
        with self._changed:
            self._end_if_ended()
            self._here.number = None
            if self.is_watched:
                self._here.number = len(self.calls)
                self.calls.append(call)
            self._end_at("ends before")
            self._under_way += 1

    def leave(self) -> None:
        """Record that a call has ended, with or without a response."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
            self._end_if_ended()
            self._end_at("ends after")

    def loses_response(self) -> bool:
        """Return whether to lose the response of this call. Each fault loses one response."""
        if self._fault != (self._here.number, "answer lost"):
            return False
        self._fault = None
        return True

    def has_stopped(self) -> None:
        """Wait for the calls in progress when the process ended. Its threads make no further calls."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, 30)
            self._ended_threads |= {each for each in threading.enumerate() if each.name.startswith("attempt")}
            self._has_ended = False

    def _end_if_ended(self) -> None:
        if self._has_ended or threading.current_thread() in self._ended_threads:
            raise EndedError

    def _end_at(self, kind: Kind) -> None:
        if self._fault == (self._here.number, kind):
            self._fault = None
            self._has_ended = True
            raise EndedError


class World:
    """An empty stack, a receiver and a process that can end. See the module."""

    def __init__(self, process: Process, cloud: Cloud, receiver: Receiver) -> None:
        self.cloud = cloud
        self.receiver = receiver
        self._process = process
        self._unrecorded = 0
        self.ago = timedelta(0)
        """The offset of the functions' clock into the past."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count calls within the context, and let one of them fail."""
        self._process.is_watched = True
        try:
            yield
        finally:
            self._process.is_watched = False

    def send_request(self, request: Callable[[], T]) -> T:
        """Repeat a request until it has a response."""
        while True:
            try:
                return request()
            except EndedError:
                self._start_again()

    def settle(self, *, schedules: bool = True) -> None:
        """Run workers until nothing is left to do. With `schedules`, run all schedules too."""
        for _ in range(_MOST_ROUNDS):
            # In this order an event needs one round. This keeps hundreds of worlds affordable.
            done = [queue for queue, worker in WORKERS.items() if self._work(queue, worker)]
            if done or self._run_streams():
                continue
            planned = self.cloud.schedules() if schedules else []
            if not planned:
                return
            for schedule in planned:
                self.cloud.run_schedule(schedule)
        raise AssertionError(f"{_MOST_ROUNDS} rounds and something still waits")

    def work(self, queue: str) -> bool:
        """Pass one batch of a queue to its worker and return unprocessed messages to the queue. Return False if it is
        empty.
        """
        return self._work(queue, WORKERS[queue])

    def posts(self) -> Mapping[str, int]:
        """Return the number of requests per `webhook-id`."""
        return Counter(request.headers["webhook-id"] for request in self.receiver.requests())

    def attempts(self, path: str | None = None) -> Mapping[str, list[dict[str, Any]]]:
        """Return the recorded attempts of each delivery, oldest first. With `path`, return only deliveries sent to
        that path.
        """
        wanted = {request.headers["webhook-id"] for request in self.receiver.requests(path)}
        found = defaultdict(list)
        for item in sorted(self.cloud.items(DELIVERIES), key=lambda each: str(each["sk"])):
            delivery, _, _ = item["sk"].partition("#")
            if item["pk"].startswith("WEBHOOK#") and (path is None or delivery in wanted):
                found[delivery].append(item)
        return found

    def check(self) -> None:
        """Check the rules for the end of every scenario. See the module."""
        assert {queue: self.cloud.waiting(queue) for queue in WORKERS} == dict.fromkeys(WORKERS, 0)
        parked = [item for item in self.cloud.items(DELIVERIES) if item["pk"].startswith("PARKED#")]
        assert [item for item in parked if item["sk"].startswith("DRAIN#")] == []
        attempts, posts = self.attempts(), self.posts()
        assert attempts.keys() <= posts.keys()
        for request in self.receiver.requests():
            # An interrupted test delivery is not repeated, so it may have no record.
            assert request.headers["webhook-id"] in attempts or json.loads(request.body)["id"].startswith("test-")
        for records in attempts.values():
            numbers = [int(each["sk"].rpartition("#")[2]) for each in records]
            assert numbers == list(range(1, len(records) + 1))
        recorded = sum(len(records) for records in attempts.values())
        assert sum(posts.values()) == recorded + self._unrecorded
        bodies = defaultdict(set)
        for request in self.receiver.requests():
            bodies[request.headers["webhook-id"]].add(request.body)
        assert {len(each) for each in bodies.values()} <= {1}

    def _work(self, queue: str, worker: str) -> bool:
        batch = self.cloud.batch(queue, worker)
        failed = [record["messageId"] for record in batch["Records"]]
        if not failed:
            return False
        try:
            failed = self.cloud.drain_batch(batch, queue, worker)
        except EndedError:
            self._start_again()
        for record in batch["Records"]:
            if record["messageId"] in failed:
                self.cloud.sqs.change_message_visibility(
                    QueueUrl=queue_url(queue), ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
                )
        return True

    def _run_streams(self) -> bool:
        read_before = self.cloud.read_until()
        try:
            failed = self.cloud.run_streams()
        except EndedError:
            self._start_again()
            return True
        return bool(failed) or self.cloud.read_until() != read_before

    def _start_again(self) -> None:
        """Replace the ended process: its calls in progress complete, and a new one starts with empty memory."""
        self._process.has_stopped()
        recorded = sum(len(records) for records in self.attempts().values())
        self._unrecorded += len(self.receiver.requests()) - recorded
        _start()


Scenario = Callable[[World], None]
Choice = Callable[[Sequence[str]], Sequence[int]]


def all_calls(calls: Sequence[str]) -> Sequence[int]:
    """Choose every call."""
    return range(len(calls))


def ends_and_middles(calls: Sequence[str]) -> Sequence[int]:
    """Choose the first, the middle and the last call of each kind, for scenarios with many equal calls."""
    places = defaultdict(list)
    for number, call in enumerate(calls):
        places[call].append(number)
    return sorted({at for each in places.values() for at in (each[0], each[len(each) // 2], each[-1])})


def check_every_fault(scenario: Scenario, patch: pytest.MonkeyPatch, *, choose: Choice = all_calls) -> Sequence[str]:
    """Run a scenario with every fault of the calls that `choose` picks. Return the calls of the run without a fault."""
    calls = _run(scenario, None, patch)
    for call in choose(calls):
        for kind in ("ends before", "ends after", "answer lost"):
            if (calls[call], kind) == (POST, "answer lost"):
                continue  # A lost response of a receiver is a failed attempt, and a retry may send the request again.
            fault = Fault(call, kind)
            try:
                _run(scenario, fault, patch)
            except BaseException as error:
                error.add_note(f"{fault} of {len(calls)}: {calls[call]}")
                raise
    return calls


def _run(scenario: Scenario, fault: Fault | None, patch: pytest.MonkeyPatch) -> Sequence[str]:
    moto_api_backend.reset()
    process = Process(fault)
    with patch.context() as patched, Receiver() as receiver, _watched_calls(process, patched):
        world = World(process, Cloud(), receiver)
        patched.setattr(environment, "clock", lambda: utc_now() - world.ago)
        _start()
        scenario(world)
        world.check()
        outbound_http().close()
    return process.calls


def _start() -> None:
    """Start a process with empty memory and no open connections."""
    outbound_http().close()
    start_anew()


@contextmanager
def lost_response(operation: str) -> Iterator[None]:
    """Lose the first response to `operation` within the context. DynamoDB executes the call."""
    lost = iter([ReadTimeoutError(endpoint_url="https://aws.example")])

    def answered(event_name: str, **_: Any) -> None:
        if event_name == f"before-send.dynamodb.{operation}":
            for error in lost:
                raise error

    events = aws.dynamodb().meta.events
    events.register_last("before-send", answered)  # after moto has executed the call
    try:
        yield
    finally:
        events.unregister("before-send", answered)
    assert next(lost, None) is None


@contextmanager
def _watched_calls(process: Process, patched: pytest.MonkeyPatch) -> Iterator[None]:
    """Make each AWS call and each POST of the functions a point at which `process` can stop."""
    post = OutboundHttp.post

    def posted(sender: OutboundHttp, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        process.enter(POST)
        try:
            return post(sender, url, headers=headers, body=body)
        finally:
            process.leave()

    def before_call(event_name: str, **_: Any) -> None:
        process.enter(event_name.removeprefix("before-call."))

    def after_call(**_: Any) -> None:
        process.leave()

    def answered(**_: Any) -> None:
        if process.loses_response():
            raise ReadTimeoutError(endpoint_url="https://aws.example")

    patched.setattr(OutboundHttp, "post", posted)
    # Skip the SDK's pause before it repeats a call.
    patched.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    handlers = {"before-call": before_call, "after-call": after_call, "after-call-error": after_call}
    emitters = [getattr(aws, service)().meta.events for service in _SERVICES]
    for emitter in emitters:
        for event, handler in handlers.items():
            emitter.register(event, handler)
        emitter.register_last("before-send", answered)  # after moto has executed the call
    try:
        yield
    finally:
        for emitter in emitters:
            for event, handler in handlers.items():
                emitter.unregister(event, handler)
            emitter.unregister("before-send", answered)
