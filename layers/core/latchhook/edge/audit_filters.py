"""The query parameters that filter the audit log. All invalid filters are reported together."""

from typing import Any

from latchhook.audit_log import AuditFilter
from latchhook.edge.endpoint import QueryParameter
from latchhook.edge.errors import FieldError
from latchhook.edge.moments import parse_moment
from latchhook.edge.query_reader import MAX_ID_LENGTH, QueryReader, parse_id
from latchhook.edge.request import Request
from latchhook.webhooks.event_names import MAX_LENGTH, is_event_name

_ID = {"type": "string", "minLength": 1, "maxLength": MAX_ID_LENGTH}
_MOMENT = {"type": "string", "format": "date-time"}

FILTER_PARAMETERS = (
    QueryParameter(
        "action",
        "Return only entries with this action, or with this prefix if it ends with `.*`.",
        "api_key.*",
    ),
    QueryParameter(
        "actorId",
        "Return only entries of the user or API key with this id.",
        "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13",
        _ID,
    ),
    QueryParameter(
        "targetId",
        "Return only entries about the object with this id.",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        _ID,
    ),
    QueryParameter("since", "Return only entries at this time or later.", "2026-05-01T00:00:00Z", _MOMENT),
    QueryParameter("until", "Return only entries before this time.", "2026-06-01T00:00:00Z", _MOMENT),
)


def read_filter(request: Request[Any]) -> AuditFilter:
    """Return the filter in the query. Raises `InvalidFieldsError`."""
    query = QueryReader(request)
    wanted = AuditFilter(
        action=query.read("action", _action),
        actor_id=query.read("actorId", parse_id),
        target_id=query.read("targetId", parse_id),
        since=query.read("since", parse_moment),
        until=query.read("until", parse_moment),
    )
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        query.errors.append(FieldError("?until", "Must be later than since."))
    query.refuse_errors()
    return wanted


def _action(text: str) -> str:
    if not is_event_name(text.removesuffix(".*")):
        raise ValueError(f"Must be an action or a prefix with .*, at most {MAX_LENGTH} characters long.")
    return text
