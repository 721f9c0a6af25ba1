"""Errors of requests that are refused before they reach a feature."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error in one field. `pointer` is a JSON pointer (RFC 6901) into the body, `?name` for a query parameter,
    `{name}` for a path parameter, or the name of a header."""

    pointer: str
    detail: str


NO_SUCH_CURSOR = FieldError("?cursor", "Invalid cursor for this list.")


class InvalidFieldsError(Exception):
    """Fields of the request are invalid."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(" ".join(f"{error.pointer or '/'}: {error.detail}" for error in errors))
        self.errors = errors


class MalformedRequestError(Exception):
    """The body is not valid JSON in UTF-8, or it is nested more than 64 levels deep."""


class DuplicateMemberError(MalformedRequestError):
    """An object in the body has two members with the same name."""


class RequestTooLargeError(Exception):
    """The body is larger than 256 KiB."""


class UnsupportedMediaTypeError(Exception):
    """The body's Content-Type is not JSON."""


class DeliveryAsRequestError(Exception):
    """The request is a delivery of a webhook that calls this API."""


class MethodNotAllowedError(Exception):
    """The path exists, but does not support the method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"The path supports {', '.join(allowed)}.")
        self.allowed = allowed


class AmbiguousCredentialsError(Exception):
    """The request has both kinds of credentials, so the caller is ambiguous."""
