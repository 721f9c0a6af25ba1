"""The queues that hold accepted events, uses of keys to be counted, and what nothing can be made of."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from latchhook import aws
from latchhook.clock import from_millis, to_millis
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.event import Event

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_BATCH = 10

BATCH_BYTES = 1024 * 1024
"""SQS takes at most this much in one call, bodies and attributes together (SQS developer guide, "Message quotas")."""

_ROUNDS = 4
_FIRST_WAIT_SECONDS = 0.05


class EventQueue:
    """Where accepted events wait: the message's body is the body that receivers get, the rest are its attributes.

    The account is the message group: SQS fair queues hand out messages of other accounts first while an account has
    many messages or slow ones. (Account ids have only characters that SQS allows in a group.)
    """

    def __init__(
        self, client: "SQSClient", *, url: str, rng: Random, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._url = url
        self._rng = rng
        self._sleep = sleep

    def publish(self, event: Event, *, receipt: str) -> None:
        """Accepts the event: one `SendMessage`. Raises `DependencyUnavailableError` if it was not accepted.

        `receipt` names this acceptance among others of the same event. The queue's own message id would not do: it
        changes when a message is sent on from the dead-letter queue.
        """
        aws.call(self._client.send_message, QueueUrl=self._url, **_event_message(event, receipt))

    def publish_all(self, events: Sequence[Event], *, receipt: str) -> None:
        """Accepts all events under one receipt, ten a call.

        What SQS does not take of a call is sent again, with full jitter, three times at most. Raises
        `DependencyUnavailableError` if not all were accepted; some then may be.
        """
        left = [{"Id": str(at), **_event_message(event, receipt)} for at, event in enumerate(events)]
        codes: set[str] = set()
        for attempt in range(_ROUNDS):
            if attempt:
                self._sleep(self._rng.uniform(0, _FIRST_WAIT_SECONDS * 2**attempt))
            refused: dict[str, str] = {}
            for entries in _calls(left):
                refused |= self._send(entries)
            if not refused:
                return
            left = [entry for entry in left if entry["Id"] in refused]
            codes = set(refused.values())
        raise DependencyUnavailableError(f"send_message_batch: {', '.join(sorted(codes))}")

    def _send(self, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
        """Sends one call's; gives the error codes of those that were not taken, by their ids."""
        response = aws.call(self._client.send_message_batch, QueueUrl=self._url, Entries=entries)
        return {failed["Id"]: failed["Code"] for failed in response.get("Failed", ())}


def _event_message(event: Event, receipt: str) -> dict[str, Any]:
    attributes = {
        "accountId": event.account_id,
        "eventId": event.id,
        "eventName": event.name,
        "acceptedAt": str(to_millis(event.accepted_at)),
        "receipt": receipt,
    }
    if event.external_id is not None:
        attributes["externalId"] = event.external_id
    return {
        "MessageBody": event.body,
        "MessageGroupId": event.account_id,
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }


def _calls(entries: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The entries in their order, as many together as one call takes."""
    call: list[Mapping[str, Any]] = []
    size = 0
    for entry in entries:
        more = _bytes_of(entry)
        if call and (len(call) == _BATCH or size + more > BATCH_BYTES):
            yield call
            call, size = [], 0
        call.append(entry)
        size += more
    if call:
        yield call


def _bytes_of(entry: Mapping[str, Any]) -> int:
    """What SQS counts of a message: its body, and its attributes' names, types and values."""
    texts = [entry["MessageBody"]]
    for name, value in entry["MessageAttributes"].items():
        texts += [name, value["DataType"], value["StringValue"]]
    return sum(len(text.encode()) for text in texts)


def event_from_record(record: Mapping[str, Any]) -> tuple[Event, str]:
    """The event in one record of an SQS invocation, and the receipt that it was accepted under.

    Raises `KeyError` or `ValueError` for a message that isn't ours.
    """
    attributes = {name: value["stringValue"] for name, value in record["messageAttributes"].items()}
    event = Event(
        id=attributes["eventId"],
        account_id=attributes["accountId"],
        name=attributes["eventName"],
        external_id=attributes.get("externalId"),
        accepted_at=from_millis(int(attributes["acceptedAt"])),
        body=record["body"],
    )
    return event, attributes["receipt"]


class UseQueue:
    """Where uses of hot keys wait to be counted. The client comes as a function: most environments never see one."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        """Has uses counted, or, below none, taken back: one `SendMessage`."""
        body = json.dumps({"keyId": str(key_id), "day": f"{used_at:%Y%m%d}", "uses": uses})
        aws.call(self._client().send_message, QueueUrl=self._url, MessageBody=body)


class DeadLetters:
    """Where waits for a person what no event can be made of: a stream itself would forget it, a bus has nobody to tell.

    The client comes as a function: hardly an environment ever has one.
    """

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keeps the record whole, as the batch of one that its worker can be invoked with."""
        self.keep_message(json.dumps({"Records": [record]}))

    def keep_message(self, body: str) -> None:
        """Keeps a message as it came, so that it can be sent on to the queue that it came from."""
        aws.call(self._client().send_message, QueueUrl=self._url, MessageBody=body)


def uses_from_json(body: str) -> tuple[UUID, str, int]:
    """The key, the day (`YYYYMMDD`) and the number of uses; raises `KeyError`, `ValueError` or `TypeError`."""
    fields = json.loads(body)
    datetime.strptime(fields["day"], "%Y%m%d").replace(tzinfo=UTC)
    return UUID(str(fields["keyId"])), fields["day"], int(fields["uses"])
