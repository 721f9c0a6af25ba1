"""Reads the filters of a query. All invalid filters are reported together."""

from collections.abc import Callable
from typing import Any, TypeVar

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request

MAX_ID_LENGTH = 255

T = TypeVar("T")


class QueryReader:
    """Reads optional query parameters, and collects their errors."""

    def __init__(self, request: Request[Any]) -> None:
        self._request = request
        self.errors: list[FieldError] = []

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Return the parsed parameter; None if it is absent, or invalid: `parse` raises `ValueError` with the text."""
        text = self._request.query(name)
        try:
            return None if text is None else parse(text)
        except ValueError as error:
            self.errors.append(FieldError(f"?{name}", str(error)))
            return None

    def refuse_errors(self) -> None:
        """Raise `InvalidFieldsError` if a parameter is invalid."""
        if self.errors:
            raise InvalidFieldsError(self.errors)


def parse_id(text: str) -> str:
    """Return the id of a user or of another object outside Latchhook."""
    return text_up_to(MAX_ID_LENGTH)(text)


def text_up_to(most: int) -> Callable[[str], str]:
    """Return a parser of text with 1 to `most` characters."""

    def parse(text: str) -> str:
        if not 1 <= len(text) <= most:
            raise ValueError(f"Must be 1 to {most} characters.")
        return text

    return parse
