"""Which of the webhooks that pick an event by its name want it by its body, too."""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from latchhook.webhooks.event import Event
from latchhook.webhooks.event_types import KnownEventTypes
from latchhook.webhooks.filter_operators import InvalidFilterError
from latchhook.webhooks.filters import Filter, Orders, read_filter
from latchhook.webhooks.webhook import Webhook

MOST_FILTERS = 500
"""How many an environment remembers; one that was read takes at most some 100 KiB."""


class EventFilters:
    """Holds events against the webhooks' filters, each of which is read once and remembered by its text."""

    def __init__(self, types: KnownEventTypes) -> None:
        self._types = types
        self._read: OrderedDict[str, Filter] = OrderedDict()

    def wanting(self, event: Event, webhooks: Sequence[Webhook]) -> tuple[list[Webhook], list[Webhook]]:
        """Of `webhooks` those that want the event, and those whose filter can't be read.

        The body is parsed, and the orders of the event's type are looked up, only where some filter asks for it.
        """
        body: Mapping[str, Any] | None = None
        orders: Orders | None = None
        wanting, unreadable = [], []
        for webhook in webhooks:
            if webhook.filter is None:
                wanting.append(webhook)
                continue
            try:
                wanted = self._filter(webhook.filter)
            except InvalidFilterError:
                unreadable.append(webhook)
                continue
            if body is None:
                body = json.loads(event.body)
            if wanted.uses_ordinal and orders is None:
                orders = self._orders(event.name)
            if wanted.matches(body, orders or {}):
                wanting.append(webhook)
        return wanting, unreadable

    def _orders(self, event_name: str) -> Orders:
        known = self._types.find(event_name)
        return {} if known is None else known.type.orders

    def _filter(self, document: Mapping[str, Any]) -> Filter:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        found = self._read.pop(text, None) or read_filter(document, size=len(text.encode("utf-8", "surrogatepass")))
        self._read[text] = found
        if len(self._read) > MOST_FILTERS:
            self._read.popitem(last=False)
        return found
