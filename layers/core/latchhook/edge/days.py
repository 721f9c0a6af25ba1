"""The query parameter `days` of key usage and webhook stats."""

from typing import Any

from latchhook.edge.endpoint import QueryParameter
from latchhook.edge.request import Request

MAX_DAYS = 90
"""Daily counts of uses and deliveries are stored for this many days."""

DEFAULT_DAYS = 30

DAYS = QueryParameter(
    "days",
    "Number of UTC days, including today.",
    7,
    {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DEFAULT_DAYS},
)


def read_days(request: Request[Any]) -> int:
    """Return the number of days from the query. Raises `InvalidFieldsError`."""
    return request.query_number("days", default=DEFAULT_DAYS, most=MAX_DAYS)
