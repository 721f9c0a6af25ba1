"""The paths of the API and the methods of each path, for 405 responses."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from latchhook.edge.errors import MethodNotAllowedError

TABLE = Path(__file__).with_name("routes.json")
"""JSON file from path template to methods. `python -m local.openapi` writes it from template.yaml."""

_DEFAULT_DOMAIN = ".execute-api."


def allowed_methods(path: str, *, domain: str) -> tuple[str, ...]:
    """Return the sorted methods of a request's path; empty for an unknown path.

    With a custom domain, API Gateway can report the path with a mapping key in front. The end of the path then counts.
    """
    methods = _methods(path)
    if methods or _DEFAULT_DOMAIN in domain:
        return methods
    return next((found for tail in _tails(path) if (found := _methods(tail))), ())


def refuse_wrong_method(method: str, path: str, *, domain: str) -> None:
    """Raise `MethodNotAllowedError` if the path is known and lacks the method.

    Routes with variables need this check: API Gateway routes `GET /api-keys/verify` to `GET /api-keys/{id}`.
    """
    methods = allowed_methods(path, domain=domain)
    if methods and method not in methods:
        raise MethodNotAllowedError(methods)


def _methods(path: str) -> tuple[str, ...]:
    """Return the methods of an exact path, or else of all templates that match the path."""
    table = _table()
    if path in table:
        return tuple(table[path])
    found = {method for template, methods in table.items() if _pattern(template).fullmatch(path) for method in methods}
    return tuple(sorted(found))


def _tails(path: str) -> list[str]:
    """Return the path without its first segment, without its first two segments, and so on."""
    segments = path.split("/")
    return ["/" + "/".join(segments[start:]) for start in range(2, len(segments))]


@cache
def _table() -> Mapping[str, list[str]]:
    table: Mapping[str, list[str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of a template. `{id}` matches one segment, `{proxy+}` at least one."""
    parts = re.split(r"(\{\w+\+?\})", template)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if part.startswith("{"):
        return ".+" if part.endswith("+}") else "[^/]+"
    return re.escape(part)
