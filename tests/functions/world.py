"""The stack in which scenarios with faults run: queues, streams and callers repeat the work of an ended process."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from latchhook.bootstrap.receivers import outbound_http
from local.receiver import Receiver
from tests.functions.calls import start_anew
from tests.functions.cloud import Cloud
from tests.functions.ending_process import EndedError, Process
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

WORKERS: Mapping[str, str] = {
    BUS_QUEUE: "publish_bus_event",
    EVENT_QUEUE: "fan_out_event",
    DELIVERY_QUEUE: "deliver_webhook",
    RETRY_QUEUE: "retry_webhook",
    DRAIN_QUEUE: "drain_deliveries",
}
_MOST_ROUNDS = 200


class World:
    """A stack, a receiver and a process that can end."""

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
        """Check the rules for the end of every scenario. See faults.py."""
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
        start_process()


def start_process() -> None:
    """Start a process with empty memory and no open connections."""
    outbound_http().close()
    start_anew()
