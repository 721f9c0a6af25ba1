"""The mapping from errors about request fields to the field errors of a 422, with JSON pointers."""

from collections.abc import Callable, Sequence
from typing import Any

from latchhook.api_keys.errors import (
    DuplicateHashesError,
    ExpiryNotInFutureError,
    OwnerNotMemberError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.edge.errors import NO_SUCH_CURSOR, FieldError, InvalidFieldsError
from latchhook.members.errors import NotAMemberError, UnknownMemberProfileError
from latchhook.oauth.errors import UnknownClientScopesError
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

_NO_SUCH_PROFILE = FieldError("/profileId", "This profile does not exist in the account.")

_FIELDS: dict[type[Exception], Callable[[Any], Sequence[FieldError]]] = {
    InvalidFieldsError: lambda error: error.errors,
    InvalidPositionError: lambda _: [NO_SUCH_CURSOR],
    UnknownScopesError: lambda error: scope_errors(error.positions, "This scope does not exist."),
    UnknownClientScopesError: lambda error: scope_errors(
        error.positions, "This scope does not exist, or clients can't have it."
    ),
    UnknownActionsError: lambda error: action_errors(
        error.positions, "This scope does not exist, or the wildcard covers no scope."
    ),
    UnknownProfileError: lambda _: [_NO_SUCH_PROFILE],
    NotAMemberError: lambda _: [
        FieldError("/userId", "The user is no member with rights. Send a role or a profile, or add the member first.")
    ],
    UnknownMemberProfileError: lambda _: [_NO_SUCH_PROFILE],
    OwnerNotMemberError: lambda _: [
        FieldError("/followsOwner", "The owner must be a member of the account with a role other than none.")
    ],
    DuplicateHashesError: lambda error: [
        FieldError(f"/keys/{position}/hash", "This hash appears more than once.") for position in error.positions
    ],
    ExpiryNotInFutureError: lambda _: [FieldError("/expiresAt", "Must be in the future.")],
    SinceInFutureError: lambda _: [FieldError("/since", "Must not be in the future.")],
    TooMuchToAddUpError: lambda _: [
        FieldError("?days", "The account had too many webhooks in this period. Request fewer days.")
    ],
    InvalidSchemaError: lambda error: _found("/schema", [error.finding]),
    UnfitExampleError: lambda error: _found("/example", error.findings),
    UnfitEntityError: lambda error: _found("/entity", error.findings),
    UnstorableNumberError: lambda _: [FieldError("/entity", "Contains a number that is too large for a 64-bit float.")],
}


def field_errors(error: Exception) -> Sequence[FieldError]:
    """Return the field errors of an error; empty for an error that is not about fields."""
    return next((fields(error) for kind, fields in _FIELDS.items() if isinstance(error, kind)), ())


def action_errors(positions: Sequence[Position], detail: str) -> tuple[FieldError, ...]:
    """Return one field error with `detail` for each of these actions of a profile's rules."""
    return tuple(FieldError(f"/rules/{rule}/actions/{action}", detail) for rule, action in positions)


def scope_errors(positions: Sequence[int], detail: str) -> tuple[FieldError, ...]:
    """Return one field error with `detail` for each of these scopes of a key."""
    return tuple(FieldError(f"/scopes/{position}", detail) for position in positions)


def _found(pointer: str, findings: Sequence[Finding]) -> tuple[FieldError, ...]:
    """Return the findings in the document at `pointer` as field errors."""
    return tuple(FieldError(pointer + finding.pointer, finding.detail) for finding in findings)
