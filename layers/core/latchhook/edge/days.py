"""How many days somebody wants to see, out of the query: keys' usage and webhooks' stats are asked for alike."""

from typing import Any

from latchhook.edge.endpoint import QueryParameter
from latchhook.edge.request import Request

MAX_DAYS = 90
"""How far back uses and deliveries are kept by day (contracts.md)."""

DEFAULT_DAYS = 30

DAYS = QueryParameter(
    "days",
    "How many UTC days, today among them.",
    7,
    {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DEFAULT_DAYS},
)


def read_days(request: Request[Any]) -> int:
    """The number of days of the query; raises `InvalidFieldsError`."""
    return request.query_number("days", default=DEFAULT_DAYS, most=MAX_DAYS)
