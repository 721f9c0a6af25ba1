"""System events about keys, webhooks and members, made from the audit entries in the table's stream.

An audit entry is written in the same transaction as its change, so every change gets its event. The event has the
entry's id, so a repeated stream record makes the same event.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.billing import CALENDAR_MONTHS, BillingDay
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.audit_log import AuditEvent
from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.responses.api_keys import ApiKeyResponse, api_key_response
from latchhook.edge.responses.webhooks import WebhookResponse, webhook_response
from latchhook.telemetry import log_failure
from latchhook.webhooks.event import Event, event_body
from latchhook.webhooks.webhook import Webhook
from latchhook.workers.ports import DeadLetters, Events
from latchhook.workers.queue_batch import failures

SYSTEM_EVENTS: Mapping[str, tuple[str, ...]] = {
    "api_key.created": (),
    "api_key.updated": (),
    "api_key.rotated": ("previousKeyExpiresAt",),
    "api_key.revoked": (),
    "api_key.expiring": (),
    "api_key.expired": (),
    "api_key.limit_reached": (),
    "api_key.exposed": ("exposure",),
    "webhook.failing": (),
    "webhook.disabled": ("reason",),
    "member.created": ("role", "profileId"),
    "member.updated": ("role", "profileId"),
    "member.removed": ("role", "profileId"),
    "oauth_client.created": (),
    "oauth_client.updated": ("changed",),
    "oauth_client.deleted": (),
    "oauth_grant.created": ("clientId", "userId", "scopes"),
    "oauth_grant.revoked": ("clientId", "userId", "scopes", "reason"),
}
"""The actions that become events, and the details of the audit entry that each event's entity contains.

The entity of an event about a member, an OAuth client or a grant has only these details and the id: a removed object
cannot be read, and names and email addresses leave the deployment only in responses to the account's admins.
"""


class Keys(Protocol):
    """Storage of keys."""

    def of_all_accounts(self, key_ids: Iterable[UUID]) -> Mapping[UUID, ApiKey]:
        """Return the existing keys among `key_ids`, by id, with a strongly consistent read."""


class Webhooks(Protocol):
    """Storage of webhooks."""

    def named(self, webhooks: Iterable[tuple[str, UUID]]) -> Mapping[UUID, Webhook]:
        """Return the existing webhooks among those named by account and id, with a strongly consistent read."""


class EntryReader(Protocol):
    """Reads an audit entry from its stream image."""

    def __call__(self, image: Mapping[str, Any]) -> AuditEvent:
        """Return the entry. Raises for an image of anything else."""


class SystemEvents:
    """Publishes the events of batches of stream records."""

    def __init__(
        self,
        *,
        keys: Keys,
        webhooks: Webhooks,
        events: Events,
        dead_letters: DeadLetters,
        read: EntryReader,
        clock: Clock,
        billing_day_of: Callable[[str], BillingDay] = CALENDAR_MONTHS.of,
    ) -> None:
        self._keys = keys
        self._webhooks = webhooks
        self._events = events
        self._dead_letters = dead_letters
        self._read = read
        self._clock = clock
        self._billing_day_of = billing_day_of

    def publish(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Publish a batch. After a dependency error, return the record at which Lambda starts the batch again.

        A record that cannot become an event goes to the dead-letter queue. A retry would not help, and would delay the
        events of all accounts for a day.
        """
        records = batch["Records"]
        if not records:
            return failures([])
        reached = records[0]
        try:
            changes = [(record, entry) for record in records if (entry := self._entry(record)) is not None]
            items = self._things([entry for _, entry in changes])
            for record, entry in changes:
                reached = record
                self._publish(record, entry, items.get(entry.target_id))
        except DependencyUnavailableError as error:
            number = reached["dynamodb"]["SequenceNumber"]
            log_failure("publishing system events will be retried", error, sequence_number=number)
            return failures([number])
        return failures([])

    def _things(self, entries: Sequence[AuditEvent]) -> Mapping[str, ApiKey | Webhook]:
        """Return the current keys and webhooks of the entries by id, with at most one read for each kind."""
        webhooks = [(entry.account_id, UUID(entry.target_id)) for entry in entries if _is_about(entry, "webhook")]
        keys = [UUID(entry.target_id) for entry in entries if _is_about(entry, "api_key")]
        found: dict[UUID, ApiKey | Webhook] = {
            **(self._keys.of_all_accounts(keys) if keys else {}),
            **(self._webhooks.named(webhooks) if webhooks else {}),
        }
        return {str(object_id): thing for object_id, thing in found.items()}

    def _entry(self, record: Mapping[str, Any]) -> AuditEvent | None:
        """Return the entry; None if it is not an event or cannot be read."""
        try:
            entry = self._read(record["dynamodb"]["NewImage"])
            if entry.action not in SYSTEM_EVENTS:
                return None
            if not _is_about(entry, "member"):
                UUID(entry.target_id)
        except Exception as error:  # noqa: BLE001  # no record may stop the others
            self._set_aside(record, error)
            return None
        return entry

    def _publish(self, record: Mapping[str, Any], entry: AuditEvent, thing: ApiKey | Webhook | None) -> None:
        if thing is None and _is_about(entry, "webhook"):
            return  # a deleted webhook needs no event
        try:
            event = self._event(entry, thing)
        except Exception as error:  # noqa: BLE001  # no record may stop the others
            self._set_aside(record, error)
        else:
            self._events.publish(event, receipt=str(entry.id))

    def _event(self, entry: AuditEvent, thing: ApiKey | Webhook | None) -> Event:
        shown = {name: entry.details[name] for name in SYSTEM_EVENTS[entry.action] if name in entry.details}
        body = event_body(
            event_id=str(entry.id),
            name=entry.action,
            account_id=entry.account_id,
            entity={**self._entity(entry, thing), **shown},
            occurred_at=entry.occurred_at,
        )
        return Event(str(entry.id), entry.account_id, entry.action, None, entry.occurred_at, body)

    def _entity(self, entry: AuditEvent, thing: ApiKey | Webhook | None) -> Mapping[str, Any]:
        if _is_about(entry, "member"):
            return {"userId": entry.target_id, "accountId": entry.account_id, "role": None, "profileId": None}
        if _is_about(entry, "oauth_client") or _is_about(entry, "oauth_grant"):
            return {"id": entry.target_id, "accountId": entry.account_id}
        if thing is None or thing.account_id != entry.account_id:
            raise ApiKeyNotFoundError
        return self._shown(thing)

    def _shown(self, thing: ApiKey | Webhook) -> ApiKeyResponse | WebhookResponse:
        now = self._clock()
        if isinstance(thing, ApiKey):
            return api_key_response(thing, now, self._billing_day_of(thing.account_id))
        return webhook_response(thing, now)

    def _set_aside(self, record: Mapping[str, Any], error: Exception) -> None:
        log_failure(
            "system event moved to dead-letter queue", error, sequence_number=record["dynamodb"]["SequenceNumber"]
        )
        self._dead_letters.keep(record)


def _is_about(entry: AuditEvent, kind: str) -> bool:
    return entry.action.startswith(f"{kind}.")
