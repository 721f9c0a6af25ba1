"""SQS, EventBridge Scheduler, KMS and Secrets Manager in memory. Messages are delayed, reordered and repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.functions.environment import TOKENS, TOKENS_SECRET, queue_url
from tests.samples import NOW
from tests.simulation.dynamodb import error
from tests.simulation.virtual_time import VirtualTime
from tests.template_tables import template

BATCH_BYTES = 1_048_576
LONGEST_DELAY_SECONDS = 900


@dataclass
class Message:
    """A message."""

    id: str
    body: str
    attributes: Mapping[str, Any]
    group: str | None
    worked_until: float
    """The time at which it was last deleted, or sent."""
    first_done_at: float = 0.0
    receive_count: int = 0
    is_deleted: bool = False


@dataclass
class Queue:
    """A queue as the template declares it."""

    name: str
    visibility_seconds: float
    dead_letter_queue: str | None
    most_receives: int
    ready: list[Message] = field(default_factory=list)
    left: int = 0
    """The number of messages that are not deleted."""
    on_ready: Callable[[], None] | None = None


class Sqs:
    """The queues of the template."""

    def __init__(self, time: VirtualTime, rng: Random) -> None:
        self.queues = {queue.name: queue for queue in _declared()}
        self.repeats = 0.0
        """The probability that a message is delivered twice."""
        self.refuses = 0.0
        """The probability that an entry of a batch is refused."""
        self.jitter_seconds = 0.05
        self._by_url = {queue_url(name): queue for name, queue in self.queues.items()}
        self._time = time
        self._rng = rng
        self._count = 0

    def send_message(self, *, QueueUrl: str, **entry: Any) -> Mapping[str, Any]:
        return {"MessageId": self._send(self._by_url[QueueUrl], entry)}

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        if not 1 <= len(Entries) <= 10 or len({entry["Id"] for entry in Entries}) < len(Entries):
            raise error("InvalidBatchEntry", "SendMessageBatch")
        if sum(len(entry["MessageBody"]) for entry in Entries) > BATCH_BYTES:
            raise error("BatchRequestTooLong", "SendMessageBatch")
        done: list[Mapping[str, Any]] = []
        failed: list[Mapping[str, Any]] = []
        for entry in Entries:
            if self.refuses and self._rng.random() < self.refuses:
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                done.append({"Id": entry["Id"], "MessageId": self._send(self._by_url[QueueUrl], entry)})
        return {"Successful": done, **({"Failed": failed} if failed else {})}

    def put(self, queue: Queue, body: str) -> None:
        """Send a message as an AWS service."""
        self._send(queue, {"MessageBody": body})

    def _send(self, queue: Queue, entry: Mapping[str, Any]) -> str:
        delay = entry.get("DelaySeconds", 0)
        if not (isinstance(delay, int) and 0 <= delay <= LONGEST_DELAY_SECONDS):
            raise error("InvalidParameterValue", "SendMessage")
        self._count += 1
        message = Message(
            f"m{self._count}",
            entry["MessageBody"],
            entry.get("MessageAttributes", {}),
            entry.get("MessageGroupId"),
            self._time.seconds,
        )
        queue.left += 1
        if (process := self._time.process) is not None:
            process.sent.append(message)
        self.make_ready(queue, message, after=delay + self._rng.expovariate(1 / self.jitter_seconds))
        if self.repeats and self._rng.random() < self.repeats:
            self.make_ready(queue, message, after=delay + self._rng.choice([0, 1, 30, 200]) + self._rng.random())
        return message.id

    def make_ready(self, queue: Queue, message: Message, *, after: float) -> None:
        """Make a message visible after a delay."""

        def become_ready() -> None:
            queue.ready.append(message)
            if queue.on_ready is not None:
                queue.on_ready()

        self._time.start(become_ready, after=after)

    def receive(self, queue: Queue, most: int) -> list[Message]:
        """Receive messages in random order. A message received too often moves to the dead-letter queue."""
        received: list[Message] = []
        while queue.ready and len(received) < most:
            message = queue.ready.pop(self._rng.randrange(len(queue.ready)))
            # A repetition can arrive while the message is in flight, and even after its deletion.
            if message in received or (message.is_deleted and self._rng.random() < 0.5):
                continue
            message.receive_count += 1
            if message.receive_count > queue.most_receives and queue.dead_letter_queue and not message.is_deleted:
                self.delete(queue, message)
                self.put(self.queues[queue.dead_letter_queue], message.body)
                continue
            received.append(message)
        return received

    def delete(self, queue: Queue, message: Message) -> None:
        """Delete a processed message."""
        message.worked_until = self._time.seconds
        if not message.is_deleted:
            message.is_deleted = True
            message.first_done_at = self._time.seconds
            queue.left -= 1

    def by_arn(self, arn: str) -> Queue:
        """Return the queue of an ARN."""
        return self.queues[arn.rpartition(":")[2]]


def _declared() -> list[Queue]:
    queues = []
    for name, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::SQS::Queue":
            properties = resource.get("Properties", {})
            redrive = properties.get("RedrivePolicy")
            dead = redrive["deadLetterTargetArn"]["Fn::GetAtt"].partition(".")[0] if redrive else None
            receives = int(redrive["maxReceiveCount"]) if redrive else 0
            queues.append(Queue(name, float(properties.get("VisibilityTimeout", 30)), dead, receives))
    return queues


class Scheduler:
    """One-time schedules that run late, and sometimes twice."""

    def __init__(self, time: VirtualTime, rng: Random, sqs: Sqs) -> None:
        self.names: set[str] = set()
        self.repeats = 0.0
        self._time = time
        self._rng = rng
        self._sqs = sqs

    def create_schedule(
        self,
        *,
        Name: str,
        ScheduleExpression: str,
        Target: Mapping[str, Any],
        **_: Any,
    ) -> Mapping[str, Any]:
        if Name in self.names:
            raise error("ConflictException", "CreateSchedule")
        due = datetime.strptime(ScheduleExpression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        self.names.add(Name)

        def fire() -> None:
            self._sqs.put(self._sqs.by_arn(Target["Arn"]), Target["Input"])
            if self.repeats and self._rng.random() < self.repeats:
                self._sqs.put(self._sqs.by_arn(Target["Arn"]), Target["Input"])
            self._time.start(lambda: self.names.discard(Name), after=self._rng.uniform(0, 60))

        wait = max(0.0, (due - NOW).total_seconds() - self._time.seconds)
        self._time.start(fire, after=wait + self._rng.choice([1, 60, 600]) * self._rng.random())
        return {}


class Kms:
    """KMS that decrypts only with the same encryption context."""

    def encrypt(self, *, KeyId: str, Plaintext: bytes, EncryptionContext: Mapping[str, str]) -> Mapping[str, Any]:
        return {"CiphertextBlob": _sealed(EncryptionContext) + Plaintext[::-1]}

    def decrypt(self, *, KeyId: str, CiphertextBlob: bytes, EncryptionContext: Mapping[str, str]) -> Mapping[str, Any]:
        seal = _sealed(EncryptionContext)
        if not CiphertextBlob.startswith(seal):
            raise error("InvalidCiphertextException", "Decrypt")
        return {"Plaintext": CiphertextBlob[len(seal) :][::-1]}


class SecretsManager:
    """The signing secret of session tokens, which is the only secret of the deployment."""

    def get_secret_value(self, *, SecretId: str, VersionStage: str = "AWSCURRENT") -> Mapping[str, Any]:
        if SecretId != TOKENS_SECRET or VersionStage != "AWSCURRENT":
            raise error("ResourceNotFoundException", "GetSecretValue")
        return {"SecretString": TOKENS.secret, "CreatedDate": NOW - timedelta(days=2)}


def _sealed(context: Mapping[str, str]) -> bytes:
    return repr(sorted(context.items())).encode()
