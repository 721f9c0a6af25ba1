"""An accepted event, and the body that its receivers get."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from latchhook.clock import rfc3339
from latchhook.webhooks.errors import EventTooLargeError, UnstorableNumberError

MAX_BODY_BYTES = 256 * 1024
"""Larger requests get a 413. The same limit applies to the delivered body that is built from the request."""

MAX_ID_LENGTH = 128

_UNQUEUEABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Lone surrogates have no UTF-8 form, and SQS rejects U+FFFE and U+FFFF. JSON can contain all of them escaped."""


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event. All receivers get exactly `body` in all attempts."""

    id: str
    account_id: str
    name: str
    external_id: str | None
    accepted_at: datetime
    body: str = field(repr=False)


def event_body(
    *, event_id: str, name: str, account_id: str, entity: Mapping[str, Any], occurred_at: datetime | str
) -> str:
    """Return `{event, accountId, entity, id, occurredAt}` as compact JSON. The entity's keys keep their order.

    `occurred_at` as text is an RFC 3339 time in UTC, which keeps its precision.
    Raises `EventTooLargeError` and `UnstorableNumberError`.
    """
    document = {
        "event": name,
        "accountId": account_id,
        "entity": entity,
        "id": event_id,
        "occurredAt": occurred_at if isinstance(occurred_at, str) else rfc3339(occurred_at),
    }
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise UnstorableNumberError from None
    text = _UNQUEUEABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if len(text.encode()) > MAX_BODY_BYTES:
        raise EventTooLargeError
    return text


def each_once(events: Iterable[Event]) -> Sequence[Event]:
    """Return the events in order, without repetitions of an id in the same account."""
    first: dict[tuple[str, str], Event] = {}
    for event in events:
        first.setdefault((event.account_id, event.id), event)
    return list(first.values())
