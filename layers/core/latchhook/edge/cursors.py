"""Cursors: the place where a list's next page starts, as opaque text that holds for one account and one list."""

import base64
import binascii
import json
from hashlib import sha256

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.pages import Position


def encode(position: Position | None, account_id: str, list_name: str) -> str | None:
    """The cursor for `position`; None for None.

    The digest finds cursors that were cut, edited or carried to another list or account. It is no secret: who forges
    one finds nothing but another place in the own list.
    """
    if position is None:
        return None
    document = json.dumps(position, separators=(",", ":"))
    return base64.urlsafe_b64encode(_digest(document, account_id, list_name) + document.encode()).decode().rstrip("=")


def decode(cursor: str, account_id: str, list_name: str) -> Position:
    """The position in a cursor; raises `InvalidFieldsError` for one that this list of this account did not give."""
    try:
        content = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        document = content[8:].decode()
        if content[:8] == _digest(document, account_id, list_name):
            return tuple(json.loads(document))
    except (binascii.Error, ValueError):
        pass
    raise InvalidFieldsError([FieldError("?cursor", "This is no cursor of this list.")])


def _digest(document: str, account_id: str, list_name: str) -> bytes:
    return sha256(f"{account_id}\n{list_name}\n{document}".encode()).digest()[:8]
