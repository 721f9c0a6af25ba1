"""Filter tests: a filter is applied to an event from the request, or to the example of an event type."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.filters import checked_filter
from latchhook.webhooks.errors import FilterTooExpensiveError
from latchhook.webhooks.event_names import is_event_name
from latchhook.webhooks.event_types import EventTypeReader, example_body
from latchhook.webhooks.filters import MAX_WORK, Filter, Orders

if TYPE_CHECKING:
    from latchhook.edge.schemas.event_types import CheckFilterBody


class FilterTrials:
    """Tests filters by the rules of fan-out, with the current event types."""

    def __init__(self, types: EventTypeReader) -> None:
        self._types = types

    def run(self, body: "CheckFilterBody", *, account_id: str, now: datetime) -> tuple[bool, dict[str, Any]]:
        """Return whether the filter matches, and the event body of the test. Raises `InvalidFieldsError`."""
        wanted = checked_filter(body.filter, pointer="/filter")
        if (body.event is None) == (body.event_type is None):
            raise InvalidFieldsError([FieldError("/event", "Send either event or eventType.")])
        if body.event is not None:
            orders = self._orders_for(body.event) if wanted.uses_ordinal else {}
            return _matches(wanted, body.event, orders), body.event
        known = self._types.find(body.event_type or "")
        if known is None:
            raise InvalidFieldsError([FieldError("/eventType", "This event type does not exist.")])
        event = example_body(known, account_id=account_id, now=now)
        if event is None:
            raise InvalidFieldsError(
                [FieldError("/eventType", "This event type has no example. Send an event instead.")]
            )
        return _matches(wanted, event, known.orders), event

    def _orders_for(self, event: Mapping[str, Any]) -> Orders:
        name = event.get("event")
        known = self._types.find(name) if isinstance(name, str) and is_event_name(name) else None
        return {} if known is None else known.orders


def _matches(wanted: Filter, event: Mapping[str, Any], orders: Orders) -> bool:
    try:
        return wanted.matches(event, orders)
    except FilterTooExpensiveError:
        detail = (
            f"The filter needs more than {MAX_WORK} comparisons for this event: array elements times alternatives. "
            "Use exact values, fewer alternatives or fewer combinations of $or."
        )
        raise InvalidFieldsError([FieldError("/filter", detail)]) from None
