"""An SQS queue with message groups as AWS documents it, and Lambda's pollers.

Source: Amazon SQS Developer Guide, "How Amazon SQS fair queues work"
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html). A group is
noisy when it has more than 10 % of all messages in flight, and at least 30, or when it took more than 10 % of the
consumers' recent working time. The queue hands out messages of quiet groups first, and then those of the noisy group
with the fewest messages in flight. A noisy group becomes quiet when its backlog is empty, or when nothing was sent to
it for five minutes. AWS does not define "recent" and calls its numbers approximate. This queue uses a minute.

Lambda starts with five batches at a time and adds 300 a minute, up to `MaximumConcurrency` (AWS Lambda Developer Guide,
"Configuring scaling behavior for SQS event source mappings").
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from itertools import count
from typing import Any

from tests.isolation.virtual_time import Rest, VirtualTime

SHARE = 0.1
AT_LEAST = 30
RECENT_SECONDS = 60
FORGOTTEN_SECONDS = 300
VISIBILITY_SECONDS = 180
LONG_POLL_SECONDS = 20
FIRST_POLLERS = 5
MORE_POLLERS_A_SECOND = 5


@dataclass(frozen=True)
class Message:
    """A message. `visible_at` is the time from which it can be received."""

    id: str
    group: str
    body: str
    visible_at: float


class FairQueue:
    """A standard queue. Without `is_fair` it ignores groups, like the emulated queue."""

    def __init__(self, time: VirtualTime, *, is_fair: bool = True) -> None:
        self._time = time
        self._is_fair = is_fair
        self._number = count()
        self._delayed: list[tuple[float, int, Message]] = []
        self._waiting: dict[str, deque[Message]] = defaultdict(deque)
        self._in_flight: Counter[str] = Counter()
        self._received_at: dict[str, float] = {}
        self._worked: deque[tuple[float, str, float]] = deque()
        self._sent_at: dict[str, float] = {}
        self._noisy: set[str] = set()
        self._polling: dict[Rest, tuple[float, int] | None] = {}
        """The long polls, each with the time and number of the delayed message that ends it."""
        self.left = 0

    def send(self, body: str, *, group: str, delay_seconds: float = 0) -> None:
        """Send a message."""
        number = next(self._number)
        at = self._time.seconds + delay_seconds
        self._sent_at[group] = self._time.seconds
        heappush(self._delayed, (at, number, Message(f"m{number}", group, body, at)))
        self.left += 1
        if self._polling:
            rest = max(self._polling, key=lambda each: self._polling[each] or (math.inf, 0))
            if (self._polling[rest] or (math.inf, 0)) > (at, number):
                self._polling[rest] = (at, number)
                self._time.wake(rest, at)

    def poll(self) -> None:
        """Wait until a message may be available, as a long poll does."""
        rest = Rest()
        awaited = set(self._polling.values())
        delayed = ((at, number) for at, number, _ in nsmallest(len(awaited) + 1, self._delayed))
        self._polling[rest] = target = next((each for each in delayed if each not in awaited), None)
        if target is not None:
            self._time.wake(rest, target[0])
        self._time.rest(rest, at_most=LONG_POLL_SECONDS)
        del self._polling[rest]

    def receive(self, most: int = 10) -> Sequence[Message]:
        """Receive messages. They are in flight from now on."""
        while self._delayed and self._delayed[0][0] <= self._time.seconds:
            message = heappop(self._delayed)[2]
            self._waiting[message.group].append(message)
        self._look_for_noise()
        received: list[Message] = []
        while len(received) < most and (groups := [group for group, waiting in self._waiting.items() if waiting]):
            message = self._waiting[min(groups, key=self._turn)].popleft()
            self._in_flight[message.group] += 1
            self._received_at[message.id] = self._time.seconds
            received.append(message)
        return received

    @property
    def has_waiting(self) -> bool:
        """Whether a visible message has not been received."""
        due = bool(self._delayed) and self._delayed[0][0] <= self._time.seconds
        return due or any(self._waiting.values())

    def delete(self, message: Message) -> None:
        """Delete a processed message."""
        self._end(message)
        self.left -= 1

    def give_back(self, message: Message) -> None:
        """Return a message. It is visible again after the visibility timeout."""
        self._end(message)
        self.left -= 1
        self.send(message.body, group=message.group, delay_seconds=VISIBILITY_SECONDS)

    def _end(self, message: Message) -> None:
        self._in_flight[message.group] -= 1
        took = self._time.seconds - self._received_at.pop(message.id)
        self._worked.append((self._time.seconds, message.group, took))

    def _turn(self, group: str) -> tuple[bool, int, float]:
        """The sort key of a group: quiet groups by oldest message first, then noisy groups by fewest messages in
        flight.
        """
        oldest = self._waiting[group][0].visible_at
        if group in self._noisy:
            return (True, self._in_flight[group], oldest)
        return (False, 0, oldest)

    def _look_for_noise(self) -> None:
        if not self._is_fair:
            return
        now = self._time.seconds
        while self._worked and self._worked[0][0] < now - RECENT_SECONDS:
            self._worked.popleft()
        times: Counter[str] = Counter()
        for _, group, took in self._worked:
            times[group] += took  # type: ignore[assignment]
        all_time, all_in_flight = sum(times.values()), sum(self._in_flight.values())
        for group, waiting in self._waiting.items():
            crowds = self._in_flight[group] >= AT_LEAST and self._in_flight[group] > SHARE * all_in_flight
            if crowds or times[group] > SHARE * all_time:
                self._noisy.add(group)
            if not waiting or now - self._sent_at[group] > FORGOTTEN_SECONDS:
                self._noisy.discard(group)


class Context:
    """The context that Lambda passes to an invocation."""

    def __init__(self, time: VirtualTime, timeout_seconds: float) -> None:
        self._time = time
        self._end = time.seconds + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - self._time.seconds) * 1000)


Worker = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


def poll(
    time: VirtualTime, queue: FairQueue, worker: Worker, *, maximum_concurrency: int, until: Callable[[], bool]
) -> None:
    """Pass batches of ten to `worker`, with Lambda's concurrency, until `until` returns True."""

    def one() -> None:
        while not until():
            messages = queue.receive()
            if not messages:
                queue.poll()
                continue
            records = [{"messageId": each.id, "body": each.body} for each in messages]
            response = worker({"Records": records}, Context(time, 30))
            failed = {each["itemIdentifier"] for each in response["batchItemFailures"]}
            for each in messages:
                (queue.give_back if each.id in failed else queue.delete)(each)

    def scale() -> None:
        running = FIRST_POLLERS
        while not until() and running < maximum_concurrency:
            time.sleep(1 / MORE_POLLERS_A_SECOND)
            if queue.has_waiting:
                time.start(one)
                running += 1

    for _ in range(FIRST_POLLERS):
        time.start(one)
    time.start(scale)
