"""Why a request is refused before any feature sees it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON pointer (RFC 6901) into the body, `?name` for a query parameter, `{name}`
    for a part of the path, or the name of a header."""

    pointer: str
    detail: str


NO_SUCH_CURSOR = FieldError("?cursor", "This is no cursor of this list.")


class InvalidFieldsError(Exception):
    """Fields that are not as they must be."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(" ".join(f"{error.pointer or '/'}: {error.detail}" for error in errors))
        self.errors = errors


class MalformedRequestError(Exception):
    """The body is not JSON in UTF-8, or it is nested too deeply."""


class DuplicateMemberError(MalformedRequestError):
    """An object in the body has two members with the same name."""


class RequestTooLargeError(Exception):
    """The body is over 256 KiB."""


class UnsupportedMediaTypeError(Exception):
    """The body is not declared as JSON."""


class DeliveryAsRequestError(Exception):
    """The request is a delivery of a webhook that calls this API."""


class MethodNotAllowedError(Exception):
    """The path exists, and it has no such method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"The path has {', '.join(allowed)}.")
        self.allowed = allowed


class AmbiguousCredentialsError(Exception):
    """Both kinds of credential at once: which caller is meant can't be told."""
