"""A webhook's filter as it comes in a request."""

import json
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.webhooks.filter_operators import InvalidFilterError
from latchhook.webhooks.filters import Filter, read_filter


def checked_filter(document: Any, *, pointer: str) -> Filter:
    """The filter; raises `InvalidFieldsError` at the place in it, which stands at `pointer` in the body."""
    try:
        size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
        return read_filter(document, size=size)
    except InvalidFilterError as error:
        raise InvalidFieldsError([FieldError(pointer + error.pointer, error.detail)]) from None
    except UnicodeEncodeError:
        raise InvalidFieldsError([FieldError(pointer, "Text in it has a lone surrogate.")]) from None
