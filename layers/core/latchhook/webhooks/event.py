"""An event as it is accepted, and the body that each of its receivers gets."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from latchhook.clock import rfc3339
from latchhook.webhooks.errors import EventTooLargeError, UnstorableNumberError

MAX_BODY_BYTES = 256 * 1024
"""contracts.md: 413 over 256 KiB. The same bound holds for the body that is built from the request."""

MAX_ID_LENGTH = 128

_UNQUEUEABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Lone surrogates have no UTF-8 form, and SQS refuses U+FFFE and U+FFFF: JSON can write all of them escaped."""


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event. `body` is what receivers get, byte for byte, over all webhooks and attempts."""

    id: str
    account_id: str
    name: str
    external_id: str | None
    accepted_at: datetime
    body: str = field(repr=False)


def event_body(
    *, event_id: str, name: str, account_id: str, entity: Mapping[str, Any], occurred_at: datetime | str
) -> str:
    """`{event, accountId, entity, id, occurredAt}` as compact JSON, the entity's keys in their order (document 003).

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
    """Of events with the same id in the same account the first; all in their order."""
    first: dict[tuple[str, str], Event] = {}
    for event in events:
        first.setdefault((event.account_id, event.id), event)
    return list(first.values())
