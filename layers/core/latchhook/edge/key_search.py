"""The query parameters that search a list of keys."""

from typing import Any, get_args

from latchhook.api_keys.api_key import Status
from latchhook.api_keys.finding import MAX_SEARCH_LENGTH, Search
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request

STATUSES: tuple[Status, ...] = get_args(Status)


def read_search(request: Request[Any]) -> Search:
    """Return the search in the query. Raises `InvalidFieldsError`."""
    errors = []
    text, wanted = request.query("search"), request.query("status")
    if text is not None and not 1 <= len(text) <= MAX_SEARCH_LENGTH:
        errors.append(FieldError("?search", f"Must be 1 to {MAX_SEARCH_LENGTH} characters."))
    status = next((known for known in STATUSES if known == wanted), None)
    if wanted is not None and status is None:
        errors.append(FieldError("?status", f"Must be one of {', '.join(STATUSES)}."))
    if errors:
        raise InvalidFieldsError(errors)
    return Search(status, text)
