"""What happens to keys, as events for their account's webhooks: made of the audit entries in the table's stream.

An entry stands in one transaction with its change, so there is no change without its event, and the event's id is the
entry's: a record that comes twice is the same event.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.audit_log import AuditEvent
from latchhook.clock import Clock
from latchhook.edge.answers.api_keys import api_key_answer
from latchhook.edge.queue_batch import failures
from latchhook.outages import StoreUnavailableError
from latchhook.telemetry import log_failure
from latchhook.webhooks.event import Event, event_body

OWN_EVENTS: Mapping[str, tuple[str, ...]] = {
    "api_key.created": (),
    "api_key.updated": (),
    "api_key.rotated": ("previousKeyExpiresAt",),
    "api_key.revoked": (),
    "api_key.expiring": (),
    "api_key.expired": (),
    "api_key.limit_reached": (),
    "api_key.exposed": ("exposure",),
}
"""The actions that are events (contracts.md), and what of an entry's details the event's entity shows."""


class Keys(Protocol):
    """Where keys are kept."""

    def of_all_accounts(self, key_ids: Iterable[UUID]) -> Mapping[UUID, ApiKey]:
        """Those of the named keys that there are, by id, strongly consistent."""


class Events(Protocol):
    """Where accepted events go."""

    def publish(self, event: Event, *, receipt: str) -> None:
        """Accepts the event; the same id under the same receipt is accepted once."""


class DeadLetters(Protocol):
    """Where records wait for a person."""

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keeps one."""


class EntryReader(Protocol):
    """Reads the image of an audit entry."""

    def __call__(self, image: Mapping[str, Any]) -> AuditEvent:
        """The entry; raises for an image of anything else."""


class OwnEvents:
    """Publishes batches of the stream's records."""

    def __init__(
        self, *, keys: Keys, events: Events, dead_letters: DeadLetters, read: EntryReader, clock: Clock
    ) -> None:
        self._keys = keys
        self._events = events
        self._dead_letters = dead_letters
        self._read = read
        self._clock = clock

    def publish(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Publishes a batch; an outage of ours gives Lambda the record from which on it has to come again.

        A record that no event can be made of goes to the dead letters: no outage ends there, and it would hold up every
        account's events for a day.
        """
        records = batch["Records"]
        if not records:
            return failures([])
        reached = records[0]
        try:
            changes = [(record, *change) for record in records if (change := self._change(record)) is not None]
            keys = self._keys.of_all_accounts(key_id for _, _, key_id in changes)
            for record, entry, key_id in changes:
                reached = record
                self._publish(record, entry, keys.get(key_id))
        except StoreUnavailableError as error:
            number = reached["dynamodb"]["SequenceNumber"]
            log_failure("key events wait", error, sequence_number=number)
            return failures([number])
        return failures([])

    def _change(self, record: Mapping[str, Any]) -> tuple[AuditEvent, UUID] | None:
        """The entry and the key that it is about; None if it is no event, or could not be read."""
        try:
            entry = self._read(record["dynamodb"]["NewImage"])
            return (entry, UUID(entry.target_id)) if entry.action in OWN_EVENTS else None
        except Exception as error:  # noqa: BLE001  # whatever it holds, it does not stop its neighbours
            self._set_aside(record, error)
            return None

    def _publish(self, record: Mapping[str, Any], entry: AuditEvent, key: ApiKey | None) -> None:
        try:
            event = self._event(entry, key)
        except Exception as error:  # noqa: BLE001  # as above
            self._set_aside(record, error)
        else:
            self._events.publish(event, receipt=str(entry.id))

    def _event(self, entry: AuditEvent, key: ApiKey | None) -> Event:
        if key is None or key.account_id != entry.account_id:
            raise ApiKeyNotFoundError
        shown = {name: entry.details[name] for name in OWN_EVENTS[entry.action] if name in entry.details}
        body = event_body(
            event_id=str(entry.id),
            name=entry.action,
            account_id=entry.account_id,
            entity={**api_key_answer(key, self._clock()), **shown},
            occurred_at=entry.occurred_at,
        )
        return Event(str(entry.id), entry.account_id, entry.action, None, entry.occurred_at, body)

    def _set_aside(self, record: Mapping[str, Any], error: Exception) -> None:
        log_failure("no key event can be made", error, sequence_number=record["dynamodb"]["SequenceNumber"])
        self._dead_letters.keep(record)
