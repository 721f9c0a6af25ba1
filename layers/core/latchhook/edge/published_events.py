"""From what is published to the event that is accepted: the same for one, for a batch and for the bus."""

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
    """Makes checked events."""

    def __init__(self, rng: Random, types: KnownEventTypes) -> None:
        self._rng = rng
        self._types = types

    def one(self, body: "PublishEventBody", now: datetime) -> Event:
        """The event; without an id of the caller's it is a new one, without a time it happened now.

        Raises `EventTooLargeError`, or an error about fields.
        """
        new_id = str(UUID(int=self._rng.getrandbits(128), version=4))
        return self._event(body, body.id or new_id, body.occurred_at or now, now)

    def many(self, bodies: "Sequence[PublishEventBody]", now: datetime) -> list[Event]:
        """The events of a batch, in their order; raises as `one`, with what is wrong with any of their fields."""
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
        """The event in one of EventBridge's, whose id and time stand in for its own; raises as `one`.

        EventBridge hands an event on at least once, each time under the same id.
        """
        body = put.detail
        return self._event(body, body.id or put.id, body.occurred_at or put.time, now)

    def _event(self, body: "PublishEventBody", event_id: str, occurred_at: datetime | str, now: datetime) -> Event:
        """The one place where an event is made, checked and accepted."""
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
