"""The queues for accepted events, for uses of API keys that must be counted, and for unprocessable records."""

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
"""SQS's limit for one call, bodies and attributes together (SQS developer guide, "Message quotas")."""

_ROUNDS = 4
_FIRST_WAIT_SECONDS = 0.05


class EventQueue:
    """The queue of accepted events. The message body is the body that receivers get. The other fields are attributes.

    The account is the message group. While an account has many messages or slow messages, SQS fair queues deliver the
    messages of other accounts first. Account ids have only characters that SQS allows in a message group.
    """

    def __init__(
        self, client: "SQSClient", *, url: str, rng: Random, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._url = url
        self._rng = rng
        self._sleep = sleep

    def publish(self, event: Event, *, receipt: str) -> None:
        """Accept the event with one `SendMessage`. Raises `DependencyUnavailableError` if it was not accepted.

        `receipt` identifies this acceptance among several of the same event. SQS's message id cannot be used, because
        it changes when a message is moved back from the dead-letter queue.
        """
        aws.call(self._client.send_message, QueueUrl=self._url, **_event_message(event, receipt))

    def publish_all(self, events: Sequence[Event], *, receipt: str) -> None:
        """Accept all events under one receipt, ten per call.

        Send messages that SQS rejects again, with full jitter, at most three times. Raises
        `DependencyUnavailableError` if not all events were accepted. In this case some may be accepted.
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
        """Send the entries of one call. Return the error codes of rejected entries by entry id."""
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
    """Yield the entries in order, in groups as large as one call allows."""
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
    """Return the message's size as SQS counts it: the body and the attributes' names, types and values."""
    texts = [entry["MessageBody"]]
    for name, value in entry["MessageAttributes"].items():
        texts += [name, value["DataType"], value["StringValue"]]
    return sum(len(text.encode()) for text in texts)


def event_from_record(record: Mapping[str, Any]) -> tuple[Event, str]:
    """Read the event and its receipt from one record of an SQS invocation.

    Raises `KeyError` or `ValueError` for a message that Latchhook did not send.
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
    """The queue of uses of hot keys. The client is created on first use, because most environments never need it."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        """Queue uses to be counted, with one `SendMessage`. Negative `uses` are a refund."""
        body = json.dumps({"keyId": str(key_id), "day": f"{used_at:%Y%m%d}", "uses": uses})
        aws.call(self._client().send_message, QueueUrl=self._url, MessageBody=body)


class DeadLetters:
    """The dead-letter queue for records that cannot be converted to an event. An operator must look at them.

    It is needed because a stream drops unprocessed records and an event bus ignores errors. The client is created on
    first use, because hardly any environment needs it.
    """

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def keep(self, record: Mapping[str, Any]) -> None:
        """Store the record as a batch of one record, with which its worker can be invoked again."""
        self.keep_message(json.dumps({"Records": [record]}))

    def keep_message(self, body: str) -> None:
        """Store a message unchanged, so that it can be sent to its original queue again."""
        aws.call(self._client().send_message, QueueUrl=self._url, MessageBody=body)


def uses_from_json(body: str) -> tuple[UUID, str, int]:
    """Read the key, the day (`YYYYMMDD`) and the number of uses. Raises `KeyError`, `ValueError` or `TypeError`."""
    fields = json.loads(body)
    datetime.strptime(fields["day"], "%Y%m%d").replace(tzinfo=UTC)
    return UUID(str(fields["keyId"])), fields["day"], int(fields["uses"])
