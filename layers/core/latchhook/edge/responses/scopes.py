"""Response bodies with scopes of the catalogue."""

from typing import TypedDict

from latchhook.clock import rfc3339_or_none
from latchhook.edge.responses.formats import Moment
from latchhook.permissions.scope_entries import ScopeEntry, Source


class ScopeResponse(TypedDict):
    """A scope of the catalogue."""

    name: str
    description: str | None
    """The effect of the scope; null for a scope of the stack's parameter that the operator has not described."""
    group: str
    """The heading under which scopes are shown together."""
    source: Source
    """The origin of the scope: Latchhook itself, the stack's parameter `Scopes`, or this API."""
    createdAt: Moment | None
    """The time when the operator first stored this entry; null without a stored entry."""
    updatedAt: Moment | None
    """The time of the last change of the stored entry; null without a stored entry."""


class ScopeListResponse(TypedDict):
    """A page of the scope catalogue, sorted by name."""

    data: list[ScopeResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


def scope_response(entry: ScopeEntry) -> ScopeResponse:
    """Return the response body of a scope."""
    return {
        "name": entry.name,
        "description": entry.description,
        "group": entry.group,
        "source": entry.source,
        "createdAt": rfc3339_or_none(entry.created_at),
        "updatedAt": rfc3339_or_none(entry.updated_at),
    }
