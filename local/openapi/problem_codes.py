"""The codes of problem documents: all of them, from the source, and those that one operation answers."""

import ast
from collections.abc import Iterator, Set
from functools import cache

from latchhook.edge.endpoint import Description
from local.stages import ROOT

SOURCES = (ROOT / "layers" / "core" / "latchhook", ROOT / "functions")

_STATUS_OF_ERROR = {"UnauthenticatedError": 401, "ForbiddenError": 403, "LimitReachedError": 429}
"""Errors that are raised with a code, and the status of each."""

_OF_TOKENS = {"missing_credentials", "invalid_token", "token_expired", "third_party_token", "service_token_refused"}
_OF_CREDENTIALS = {
    "any": {"invalid_api_key"},
    "session": {"session_required"},
    "key": {"api_key_required", "invalid_api_key"},
    "secret": {"api_key_required", "invalid_api_key"},
}
_OF_EVERY_OPERATION = {"webhook_delivery", "malformed_request", "internal_error", "temporarily_unavailable"}
_OF_BODIES = {"content_too_large", "unsupported_media_type", "invalid_fields"}

OF_PUBLIC = {"webhook_delivery", "invalid_fields", "internal_error"}
"""What an operation without a caller answers."""

OF_OAUTH = {"webhook_delivery", "content_too_large", "internal_error", "temporarily_unavailable"}
"""What an operation of the OAuth protocol answers in addition to the errors of the protocol."""

OF_SIGNED = _OF_EVERY_OPERATION | _OF_BODIES | {"missing_signature", "invalid_signature"}
"""What an operation answers whose caller signs the body."""


@cache
def all_codes() -> dict[str, int]:
    """Every code and its status, in order."""
    found: dict[str, int] = {}
    for directory in SOURCES:
        for path in sorted(directory.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    found |= dict(_code_of(node.func.id, node.args))
    return dict(sorted(found.items()))


def _code_of(called: str, arguments: list[ast.expr]) -> Iterator[tuple[str, int]]:
    match [each.value for each in arguments if isinstance(each, ast.Constant)]:
        case [int(status), str(code), *_] if called == "Problem":
            yield code, status
        case [str(code), *_] if called in _STATUS_OF_ERROR:
            yield code, _STATUS_OF_ERROR[called]


def codes_of(description: Description) -> dict[int, list[str]]:
    """The codes that an operation answers, by status."""
    if description.credentials == "none":
        return by_status(_OF_EVERY_OPERATION | _OF_BODIES | {str(problem) for problem in description.problems})
    codes = _OF_EVERY_OPERATION | _OF_TOKENS | _OF_CREDENTIALS[description.credentials] | {"invalid_fields"}
    codes |= {"ambiguous_credentials", "role_not_allowed"}
    if description.credentials != "session":
        codes.add("ip_not_allowed")
    if description.credentials in ("any", "key"):
        codes |= {"rate_limited", "usage_exceeded"}
    if description.rate is not None:
        codes.add("account_rate_limited")
    if description.scope is not None:
        codes.add("insufficient_scope")
    if description.account_wide:
        codes |= {"account_not_allowed", "no_account"}
    if description.body is not None:
        codes |= _OF_BODIES
    if description.takes_idempotency_key:
        codes.add("idempotency_key_reused")
    codes |= {"not_found" if problem == 404 else str(problem) for problem in description.problems}
    return by_status(codes)


def by_status(codes: Set[str]) -> dict[int, list[str]]:
    """Codes under their statuses, both in order."""
    known = all_codes()
    grouped: dict[int, list[str]] = {}
    for code in sorted(codes, key=lambda each: (known[each], each)):
        grouped.setdefault(known[code], []).append(code)
    return grouped
