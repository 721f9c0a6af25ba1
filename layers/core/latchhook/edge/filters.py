"""The check of a webhook's filter in a request."""

import json
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.webhooks.filter_operators import InvalidFilterError
from latchhook.webhooks.filters import Filter, read_filter


def checked_filter(document: Any, *, pointer: str) -> Filter:
    """Return the filter. Raises `InvalidFieldsError`; `pointer` is the filter's position in the body."""
    try:
        size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
        return read_filter(document, size=size)
    except InvalidFilterError as error:
        raise InvalidFieldsError([FieldError(pointer + error.pointer, error.detail)]) from None
    except UnicodeEncodeError:
        raise InvalidFieldsError([FieldError(pointer, "Must not contain a lone surrogate.")]) from None
