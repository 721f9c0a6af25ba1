"""Selects the subscribed webhooks whose filters match an event's body."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from latchhook.webhooks.errors import FilterTooExpensiveError, OutOfTimeError
from latchhook.webhooks.event import Event
from latchhook.webhooks.event_types import KnownEventTypes
from latchhook.webhooks.fan_out import Chosen
from latchhook.webhooks.filter_operators import InvalidFilterError
from latchhook.webhooks.filters import Filter, Orders, read_filter
from latchhook.webhooks.webhook import Webhook

MOST_FILTERS = 500
"""The maximum number of filters in the cache of an environment."""
MOST_COMBINATIONS = 20_000
"""Limit for all cached filters together, about 30 MB."""


class EventFilters:
    """Matches events against webhooks' filters. Each filter is parsed once and cached by its text."""

    def __init__(self, types: KnownEventTypes) -> None:
        self._types = types
        self._read: OrderedDict[str, Filter] = OrderedDict()
        self._combinations = 0

    def choose(self, event: Event, webhooks: Sequence[Webhook], *, may_go_on: Callable[[], bool]) -> Chosen:
        """Match the event against each webhook's filter. Raises `OutOfTimeError` if `may_go_on` returns False.

        The body is parsed only if a webhook has a filter. The orders of the event's type are read only if a filter uses
        `ordinal`.
        """
        body: Mapping[str, Any] | None = None
        orders: Orders | None = None
        chosen = Chosen()
        for webhook in webhooks:
            if webhook.filter is None:
                chosen.wanting.append(webhook)
                continue
            if not may_go_on():
                raise OutOfTimeError
            try:
                wanted = self._filter(webhook.filter)
            except InvalidFilterError:
                chosen.unreadable.append(webhook)
                continue
            if body is None:
                body = json.loads(event.body)
            if wanted.uses_ordinal and orders is None:
                orders = self._orders(event.name)
            try:
                if wanted.matches(body, orders or {}):
                    chosen.wanting.append(webhook)
            except FilterTooExpensiveError:
                chosen.too_expensive.append(webhook)
        return chosen

    def _orders(self, event_name: str) -> Orders:
        known = self._types.find(event_name)
        return {} if known is None else known.type.orders

    def _filter(self, document: Mapping[str, Any]) -> Filter:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        found = self._read.pop(text, None)
        if found is None:
            found = read_filter(document, size=len(text.encode("utf-8", "surrogatepass")))
            self._combinations += len(found.combinations)
        self._read[text] = found
        while len(self._read) > MOST_FILTERS or (self._combinations > MOST_COMBINATIONS and len(self._read) > 1):
            _, forgotten = self._read.popitem(last=False)
            self._combinations -= len(forgotten.combinations)
        return found
