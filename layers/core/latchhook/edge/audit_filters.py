"""The query parameters that filter the audit log. All invalid filters are reported together."""

from collections.abc import Callable
from typing import Any, TypeVar

from latchhook.audit_log import AuditFilter
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.moments import parse_moment
from latchhook.edge.request import Request
from latchhook.webhooks.event_names import MAX_LENGTH, is_event_name

MAX_ID_LENGTH = 255

T = TypeVar("T")


def read_filter(request: Request[Any]) -> AuditFilter:
    """Return the filter in the query. Raises `InvalidFieldsError`."""
    errors: list[FieldError] = []

    def read(name: str, parse: Callable[[str], T]) -> T | None:
        text = request.query(name)
        try:
            return None if text is None else parse(text)
        except ValueError as error:
            errors.append(FieldError(f"?{name}", str(error)))
            return None

    wanted = AuditFilter(
        action=read("action", _action),
        actor_id=read("actorId", _id),
        target_id=read("targetId", _id),
        since=read("since", parse_moment),
        until=read("until", parse_moment),
    )
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        errors.append(FieldError("?until", "Must be later than since."))
    if errors:
        raise InvalidFieldsError(errors)
    return wanted


def _action(text: str) -> str:
    if not is_event_name(text.removesuffix(".*")):
        raise ValueError(f"Must be an action or a prefix with .*, at most {MAX_LENGTH} characters long.")
    return text


def _id(text: str) -> str:
    if not 1 <= len(text) <= MAX_ID_LENGTH:
        raise ValueError(f"Must be 1 to {MAX_ID_LENGTH} characters.")
    return text
