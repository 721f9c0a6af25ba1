"""Which fields of a request an error is about: what becomes a 422, told by JSON pointers."""

from collections.abc import Callable, Sequence
from typing import Any

from latchhook.api_keys.errors import (
    DuplicateHashesError,
    ExpiryNotInFutureError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.edge.errors import NO_SUCH_CURSOR, FieldError, InvalidFieldsError
from latchhook.pages import InvalidPositionError
from latchhook.permissions.errors import Position, UnknownActionsError
from latchhook.webhooks.errors import (
    Finding,
    InvalidSchemaError,
    SinceInFutureError,
    TooMuchToAddUpError,
    UnfitEntityError,
    UnfitExampleError,
    UnstorableNumberError,
)

_FIELDS: dict[type[Exception], Callable[[Any], Sequence[FieldError]]] = {
    InvalidFieldsError: lambda error: error.errors,
    InvalidPositionError: lambda _: [NO_SUCH_CURSOR],
    UnknownScopesError: lambda error: scope_errors(error.positions, "This scope does not exist."),
    UnknownActionsError: lambda error: action_errors(
        error.positions, "There is no such scope, and none that this covers."
    ),
    UnknownProfileError: lambda _: [FieldError("/profileId", "There is no such profile in this account.")],
    DuplicateHashesError: lambda error: [
        FieldError(f"/keys/{position}/hash", "This hash is in the list already.") for position in error.positions
    ],
    ExpiryNotInFutureError: lambda _: [FieldError("/expiresAt", "This must be in the future.")],
    SinceInFutureError: lambda _: [FieldError("/since", "This must not be in the future.")],
    TooMuchToAddUpError: lambda _: [
        FieldError("?days", "The account has had too many webhooks on these days; ask for fewer days.")
    ],
    InvalidSchemaError: lambda error: _found("/schema", [error.finding]),
    UnfitExampleError: lambda error: _found("/example", error.findings),
    UnfitEntityError: lambda error: _found("/entity", error.findings),
    UnstorableNumberError: lambda _: [FieldError("/entity", "A number in it is too large for a 64-bit float.")],
}


def field_errors(error: Exception) -> Sequence[FieldError]:
    """What is wrong with which fields; nothing for an error that is about none."""
    return next((fields(error) for kind, fields in _FIELDS.items() if isinstance(error, kind)), ())


def action_errors(positions: Sequence[Position], detail: str) -> tuple[FieldError, ...]:
    """The same about some actions of a profile's rules."""
    return tuple(FieldError(f"/rules/{rule}/actions/{action}", detail) for rule, action in positions)


def scope_errors(positions: Sequence[int], detail: str) -> tuple[FieldError, ...]:
    """The same about some of a key's scopes."""
    return tuple(FieldError(f"/scopes/{position}", detail) for position in positions)


def _found(pointer: str, findings: Sequence[Finding]) -> tuple[FieldError, ...]:
    """What was found in the document that stands there."""
    return tuple(FieldError(pointer + finding.pointer, finding.detail) for finding in findings)
