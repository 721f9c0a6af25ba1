"""Which scopes the routes of a product's API ask for, written as one line that a stage variable can hold.

    GET/orders=orders:read&POST/orders=orders:read,orders:write&ANY/orders/:id=orders:read&default=orders:read

A route is its method and its path as the API has it, except that `{id}` is written `:id` and `{path+}` is written
`:path...`: API Gateway takes nothing but `[A-Za-z0-9-._~:/?#&=,]+` as a variable's value, 512 characters at most
(API reference, `CreateStage`; developer guide, quotas). All scopes of a route must be held, as many as one verification
may require. A route's own method goes before `ANY`, and both before `default`, which is for every route that isn't
named. Without it those ask for none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from latchhook.permissions.requirements import MAX_SCOPES
from latchhook.permissions.scopes import is_scope

STAGE_VARIABLE = "latchhookScopes"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"})

_LITERAL = re.compile(r"[A-Za-z0-9._~-][A-Za-z0-9._~:-]*")
_PARAMETER = re.compile(r":[A-Za-z0-9_-]+")
_GREEDY = re.compile(r":[A-Za-z0-9_-]+\.\.\.")
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")

_ANY_PART = "{}"
_ALL_PARTS = "{+}"
_WIDTHS = {_ANY_PART: 1, _ALL_PARTS: 2}

Parts = tuple[str, ...]
"""A path's parts. Parameters have lost their names: which one it is, its place says."""


class UnreadableRouteScopesError(Exception):
    """The line can't be read, or doesn't say enough. Nobody may be let through by it."""


@dataclass(frozen=True, slots=True)
class RouteScopes:
    """The scopes that each route asks for."""

    named: Mapping[tuple[str, Parts], tuple[str, ...]]
    """By method and path."""
    default: tuple[str, ...] | None
    """For every other route; None is none, but was not said."""

    def __bool__(self) -> bool:
        """Whether routes ask for scopes at all."""
        return bool(self.named) or self.default is not None

    def of_route(self, method: str, path: str) -> tuple[str, ...]:
        """The scopes of the route `path`, as the API has it: `/orders/{id}`."""
        parts = tuple(_unnamed(part) for part in path.split("/") if part)
        for known in (method, "ANY"):
            if (known, parts) in self.named:
                return self.named[known, parts]
        return self.default or ()

    def of_request(self, method: str, path: str) -> tuple[str, ...]:
        """The scopes of the request `path`, as it was sent: `/orders/17`; of several routes the narrowest.

        Raises `UnreadableRouteScopesError` without `default`: a path that was thought to be no route of the API and
        yet reaches one would be open.
        """
        if not self:
            return ()
        if self.default is None:
            raise UnreadableRouteScopesError("A TOKEN authorizer sees no routes, only paths: it needs a default.")
        sent = tuple(_decoded(part) for part in path.split("/") if part)
        reached = [
            (tuple(_WIDTHS.get(part, 0) for part in parts), known == "ANY", scopes)
            for (known, parts), scopes in self.named.items()
            if known in (method, "ANY") and _reaches(parts, sent)
        ]
        return min(reached)[2] if reached else self.default


@lru_cache(maxsize=64)
def read_route_scopes(line: str) -> RouteScopes:
    """Reads the line, once in an environment; an empty one asks for nothing. Raises `UnreadableRouteScopesError`."""
    named: dict[tuple[str, Parts], tuple[str, ...]] = {}
    default: tuple[str, ...] | None = None
    for entry in line.split("&") if line else ():
        route, equals, listed = entry.partition("=")
        method, slash, path = route.partition("/")
        scopes = tuple(listed.split(",")) if listed else ()
        if not equals or len(scopes) > MAX_SCOPES or not all(map(is_scope, scopes)):
            raise UnreadableRouteScopesError(f"{entry!r} is no route and its scopes.")
        if route == "default" and default is None:
            default = scopes
        elif slash and method in METHODS and (method, parts := _read_path(path)) not in named:
            named[method, parts] = scopes
        else:
            raise UnreadableRouteScopesError(f"{entry!r} has no route, or one that was there before.")
    return RouteScopes(named, default)


def _read_path(path: str) -> Parts:
    parts = path.split("/") if path else []
    return tuple(_read_part(part, is_last=place == len(parts)) for place, part in enumerate(parts, 1))


def _read_part(part: str, *, is_last: bool) -> str:
    if _LITERAL.fullmatch(part):
        return part
    if _PARAMETER.fullmatch(part):
        return _ANY_PART
    if is_last and _GREEDY.fullmatch(part):
        return _ALL_PARTS
    raise UnreadableRouteScopesError(f"{part!r} is no part of a path.")


def _unnamed(part: str) -> str:
    if part.startswith("{") and part.endswith("}"):
        return _ALL_PARTS if part.endswith("+}") else _ANY_PART
    return part


def _decoded(part: str) -> str:
    """A part of a path without its percent-encoding; an encoded slash is no end of it."""
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), part.encode()).decode(errors="replace")


def _reaches(parts: Parts, sent: Parts) -> bool:
    if parts[-1:] == (_ALL_PARTS,):
        fixed = len(parts) - 1
        return len(sent) > fixed and _reaches(parts[:-1], sent[:fixed])
    return len(parts) == len(sent) and all(part in (_ANY_PART, own) for part, own in zip(parts, sent, strict=True))
