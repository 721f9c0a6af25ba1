"""Building of events from published bodies: single events, batches and events from the event bus."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.field_errors import field_errors
from latchhook.webhooks.event import Event, event_body
from latchhook.webhooks.event_types import KnownEventTypes, check_against_type

if TYPE_CHECKING:
    from latchhook.edge.schemas.events import BusEvent, PublishEventBody


class EventBuilder:
    """Builds and validates events."""

    def __init__(self, rng: Random, types: KnownEventTypes) -> None:
        self._rng = rng
        self._types = types

    def one(self, body: "PublishEventBody", now: datetime) -> Event:
        """Return the event. Without an id it gets a random one; without a time it gets `now`.

        Raises `EventTooLargeError`, or an error about fields.
        """
        new_id = str(UUID(int=self._rng.getrandbits(128), version=4))
        return self._event(body, body.id or new_id, body.occurred_at or now, now)

    def many(self, bodies: "Sequence[PublishEventBody]", now: datetime) -> list[Event]:
        """Return the events of a batch in their order. Raises the errors of `one`, with all field errors together."""
        events: list[Event] = []
        wrong: list[FieldError] = []
        for position, body in enumerate(bodies):
            try:
                events.append(self.one(body, now))
            except Exception as error:
                found = field_errors(error)
                if not found:
                    raise
                wrong += [FieldError(f"/events/{position}{each.pointer}", each.detail) for each in found]
        if wrong:
            raise InvalidFieldsError(wrong)
        return events

    def from_bus(self, put: "BusEvent", now: datetime) -> Event:
        """Return the event in an EventBridge event. Raises the errors of `one`.

        EventBridge's id and time replace a missing id and time. EventBridge delivers an event at least once, each time
        with the same id.
        """
        body = put.detail
        return self._event(body, body.id or put.id, body.occurred_at or put.time, now)

    def _event(self, body: "PublishEventBody", event_id: str, occurred_at: datetime | str, now: datetime) -> Event:
        """Build and validate an event of any source."""
        text = event_body(
            event_id=event_id,
            name=body.event,
            account_id=body.account_id,
            entity=body.entity,
            occurred_at=occurred_at,
        )
        check_against_type(body.event, body.entity, self._types)
        return Event(
            id=event_id,
            account_id=body.account_id,
            name=body.event,
            external_id=body.external_id,
            accepted_at=now,
            body=text,
        )
