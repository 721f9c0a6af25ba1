"""The query parameters that search a list of keys. All invalid parameters are reported together."""

from typing import Any, get_args

from latchhook.api_keys.api_key import Status
from latchhook.api_keys.finding import MAX_SEARCH_LENGTH, Search
from latchhook.edge.endpoint import QueryParameter
from latchhook.edge.moments import parse_moment
from latchhook.edge.query_reader import MAX_ID_LENGTH, QueryReader, parse_id, text_up_to
from latchhook.edge.request import Request
from latchhook.permissions.scopes import GRANT_PATTERN, MAX_SCOPE_LENGTH, is_scope, is_wildcard

STATUSES: tuple[Status, ...] = get_args(Status)

_USER = {"type": "string", "minLength": 1, "maxLength": MAX_ID_LENGTH}
_TIME = {"type": "string", "format": "date-time"}

SEARCH_PARAMETERS = (
    QueryParameter(
        "status", "Return only keys with this status.", "active", {"type": "string", "enum": list(STATUSES)}
    ),
    QueryParameter(
        "search",
        "Return only keys with this text in their name (in any case) or in their public first characters.",
        "production",
        {"type": "string", "minLength": 1, "maxLength": MAX_SEARCH_LENGTH},
    ),
    QueryParameter("ownerUserId", "Return only keys of this owner.", "user_7", _USER),
    QueryParameter("createdBy", "Return only keys that this user, or a key of this user, created.", "user_7", _USER),
    QueryParameter(
        "unusedSince",
        "Return only keys that were neither created nor used at this time or later.",
        "2026-02-01T00:00:00Z",
        _TIME,
    ),
    QueryParameter(
        "expiresBefore",
        "Return only keys that expire before this time, expired keys included.",
        "2026-07-01T00:00:00Z",
        _TIME,
    ),
    QueryParameter(
        "rotatedBefore",
        "Return only keys whose current secret was made before this time, by the last rotation or with the key.",
        "2026-02-01T00:00:00Z",
        _TIME,
    ),
    QueryParameter(
        "scope",
        "Return only keys whose own scopes contain exactly this scope or wildcard.",
        "orders:read",
        {"type": "string", "minLength": 1, "maxLength": MAX_SCOPE_LENGTH, "pattern": GRANT_PATTERN},
    ),
)


def read_search(request: Request[Any]) -> Search:
    """Return the search in the query. Raises `InvalidFieldsError`."""
    query = QueryReader(request)
    search = Search(
        status=query.read("status", _status),
        text=query.read("search", text_up_to(MAX_SEARCH_LENGTH)),
        owner_user_id=query.read("ownerUserId", parse_id),
        created_by=query.read("createdBy", parse_id),
        unused_since=query.read("unusedSince", parse_moment),
        expires_before=query.read("expiresBefore", parse_moment),
        rotated_before=query.read("rotatedBefore", parse_moment),
        scope=query.read("scope", _scope),
    )
    query.refuse_errors()
    return search


def _status(text: str) -> Status:
    status = next((known for known in STATUSES if known == text), None)
    if status is None:
        raise ValueError(f"Must be one of {', '.join(STATUSES)}.")
    return status


def _scope(text: str) -> str:
    if len(text) > MAX_SCOPE_LENGTH or not (is_scope(text) or is_wildcard(text)):
        raise ValueError("Must be a scope, or a wildcard such as orders:*.")
    return text
