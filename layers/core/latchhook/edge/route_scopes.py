"""The required scopes of each route of a product's API, written as one line that fits into a stage variable.

    GET/orders=orders:read&POST/orders=orders:read,orders:write&ANY/orders/:id=orders:read&default=orders:read

A route is its method and its path in the API, with `:id` for `{id}` and `:path...` for `{path+}`: the value of a
variable must match `[A-Za-z0-9-._~:/?#&=,]+` and have at most 512 characters (API reference, `CreateStage`; developer
guide, quotas). A caller needs all scopes of a route. A route has at most as many scopes as one verification can
require. A route's own method has priority over `ANY`, and both have priority over `default`, which applies to every
route that isn't named. Without `default`, these routes require no scopes.
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
"""A path's parts. Parameters have no names and are identified by their position."""


class UnreadableRouteScopesError(Exception):
    """The line is invalid or incomplete. Every call must be refused."""


@dataclass(frozen=True, slots=True)
class RouteScopes:
    """The required scopes of each route."""

    named: Mapping[tuple[str, Parts], tuple[str, ...]]
    """Scopes by method and path."""
    default: tuple[str, ...] | None
    """Scopes of every other route; None if the line has no `default`, so that no scopes are required."""

    def __bool__(self) -> bool:
        """Return whether any scopes are configured."""
        return bool(self.named) or self.default is not None

    def of_route(self, method: str, path: str) -> tuple[str, ...]:
        """Return the scopes of a route of the API, such as `/orders/{id}`."""
        parts = tuple(_unnamed(part) for part in path.split("/") if part)
        for known in (method, "ANY"):
            if (known, parts) in self.named:
                return self.named[known, parts]
        return self.default or ()

    def of_request(self, method: str, path: str) -> tuple[str, ...]:
        """Return the scopes of a request's path, such as `/orders/17`. The most specific matching route applies.

        Raises `UnreadableRouteScopesError` without `default`: otherwise a path that matches no named route, but still
        reaches a route of the API, would need no scopes.
        """
        if not self:
            return ()
        if self.default is None:
            raise UnreadableRouteScopesError(
                "A TOKEN authorizer gets paths instead of routes, so add default=<scopes>."
            )
        sent = tuple(_decoded(part) for part in path.split("/") if part)
        reached = [
            (tuple(_WIDTHS.get(part, 0) for part in parts), known == "ANY", scopes)
            for (known, parts), scopes in self.named.items()
            if known in (method, "ANY") and _reaches(parts, sent)
        ]
        return min(reached)[2] if reached else self.default


@lru_cache(maxsize=64)
def read_route_scopes(line: str) -> RouteScopes:
    """Read the line and cache the result. An empty line requires no scopes. Raises `UnreadableRouteScopesError`."""
    named: dict[tuple[str, Parts], tuple[str, ...]] = {}
    default: tuple[str, ...] | None = None
    for entry in line.split("&") if line else ():
        route, equals, listed = entry.partition("=")
        method, slash, path = route.partition("/")
        scopes = tuple(listed.split(",")) if listed else ()
        if not equals or len(scopes) > MAX_SCOPES or not all(map(is_scope, scopes)):
            raise UnreadableRouteScopesError(f"{entry!r} must be a route, an equals sign and valid scopes.")
        if route == "default" and default is None:
            default = scopes
        elif slash and method in METHODS and (method, parts := _read_path(path)) not in named:
            named[method, parts] = scopes
        else:
            raise UnreadableRouteScopesError(f"{entry!r} has an invalid or repeated route.")
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
    raise UnreadableRouteScopesError(f"{part!r} is not a valid path part.")


def _unnamed(part: str) -> str:
    if part.startswith("{") and part.endswith("}"):
        return _ALL_PARTS if part.endswith("+}") else _ANY_PART
    return part


def _decoded(part: str) -> str:
    """Return a path part without percent-encoding. An encoded slash does not end the part."""
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), part.encode()).decode(errors="replace")


def _reaches(parts: Parts, sent: Parts) -> bool:
    if parts[-1:] == (_ALL_PARTS,):
        fixed = len(parts) - 1
        return len(sent) > fixed and _reaches(parts[:-1], sent[:fixed])
    return len(parts) == len(sent) and all(part in (_ANY_PART, own) for part, own in zip(parts, sent, strict=True))
