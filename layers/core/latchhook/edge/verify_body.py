"""The body of a verification, read without pydantic when it is plainly right.

`VerifyKeyBody` is the judge. Importing it would add a third to the cold start of the one function that stands in front
of the product's own requests, so a body that it certainly accepts is taken as it is; every other one is its to refuse.
"""

from dataclasses import dataclass, field
from typing import Any

from latchhook.permissions.scopes import is_scope

_PLAIN_KEY_LENGTH = 512
_PLAIN_SCOPES = 20
_FIELDS = {"key", "requiredScopes"}


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """A key's text as it was presented, and the scopes that it must hold."""

    key: str = field(repr=False)
    required_scopes: tuple[str, ...]


def read_verify_body(document: Any) -> VerifyRequest:
    """The body as a request; raises `InvalidFieldsError` as `VerifyKeyBody` finds."""
    if _is_plain(document):
        return VerifyRequest(document["key"], tuple(document.get("requiredScopes", ())))
    from latchhook.edge.schemas.api_keys import VerifyKeyBody
    from latchhook.edge.schemas.validation import validate

    body = validate(VerifyKeyBody, document)
    return VerifyRequest(body.key, tuple(body.required_scopes))


def _is_plain(document: Any) -> bool:
    if not isinstance(document, dict) or not document.keys() <= _FIELDS:
        return False
    key = document.get("key")
    scopes = document.get("requiredScopes", [])
    return (
        isinstance(key, str)
        and key.isascii()
        and len(key) <= _PLAIN_KEY_LENGTH
        and isinstance(scopes, list)
        and len(scopes) <= _PLAIN_SCOPES
        and all(isinstance(scope, str) and is_scope(scope) and len(scope) <= 200 for scope in scopes)
    )
