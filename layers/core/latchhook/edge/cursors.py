"""Cursors: the position where a list's next page starts, as opaque text that is valid for one account and one list."""

import base64
import binascii
import json
from dataclasses import replace
from hashlib import sha256

from latchhook.edge.errors import NO_SUCH_CURSOR, InvalidFieldsError
from latchhook.pages import Position


def encode(position: Position | None, account_id: str, list_name: str) -> str | None:
    """Return the cursor for `position`; None for None.

    The digest detects cursors that were cut, edited or used for another list or account. It is not a secret: a forged
    cursor only leads to another position in the caller's own list.
    """
    if position is None:
        return None
    document = json.dumps(position, separators=(",", ":"))
    return base64.urlsafe_b64encode(_digest(document, account_id, list_name) + document.encode()).decode().rstrip("=")


def decode(cursor: str, account_id: str, list_name: str, *, at: str = NO_SUCH_CURSOR.pointer) -> Position:
    """Return the position in a cursor. Raises `InvalidFieldsError` for a cursor of another list or account.

    `at` is the pointer of the cursor in the request.
    """
    no_such_cursor = InvalidFieldsError([replace(NO_SUCH_CURSOR, pointer=at)])
    try:
        content = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        position = tuple(str(part) for part in json.loads(content[8:]))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise no_such_cursor from None
    if encode(position, account_id, list_name) != cursor:
        raise no_such_cursor
    return position


def _digest(document: str, account_id: str, list_name: str) -> bytes:
    return sha256(f"{account_id}\n{list_name}\n{document}".encode()).digest()[:8]
