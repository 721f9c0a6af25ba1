"""The paths of the API and the methods of each, for 405 answers."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from latchhook.edge.errors import MethodNotAllowedError

TABLE = Path(__file__).with_name("routes.json")
"""Path template to methods. `python -m local.openapi` writes it from template.yaml."""

_DEFAULT_DOMAIN = ".execute-api."


def allowed_methods(path: str, *, domain: str) -> tuple[str, ...]:
    """The methods of a concrete path, sorted. Empty for an unknown path.

    A custom domain can put a mapping key in front of the path, and API Gateway reports the path with it. So the end of
    the path counts there.
    """
    methods = _methods(path)
    if methods or _DEFAULT_DOMAIN in domain:
        return methods
    return next((found for tail in _tails(path) if (found := _methods(tail))), ())


def refuse_wrong_method(method: str, path: str, *, domain: str) -> None:
    """Raises `MethodNotAllowedError` if the path is known and lacks the method.

    Route variables need this: API Gateway hands `GET /api-keys/verify` to `GET /api-keys/{id}`.
    """
    methods = allowed_methods(path, domain=domain)
    if methods and method not in methods:
        raise MethodNotAllowedError(methods)


def _methods(path: str) -> tuple[str, ...]:
    """A path without variables wins over templates; otherwise every template that matches counts."""
    table = _table()
    if path in table:
        return tuple(table[path])
    found = {method for template, methods in table.items() if _pattern(template).fullmatch(path) for method in methods}
    return tuple(sorted(found))


def _tails(path: str) -> list[str]:
    """The path without its first segment, without its first two, and so on."""
    segments = path.split("/")
    return ["/" + "/".join(segments[start:]) for start in range(2, len(segments))]


@cache
def _table() -> Mapping[str, list[str]]:
    table: Mapping[str, list[str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """`{id}` is a segment, `{proxy+}` is at least one segment."""
    parts = re.split(r"(\{\w+\+?\})", template)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if part.startswith("{"):
        return ".+" if part.endswith("+}") else "[^/]+"
    return re.escape(part)
