"""Paths to claims in tokens, and the values at these paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LIST = "[]"


class InvalidClaimError(Exception):
    """The value of a claim has another type than the path says."""


@dataclass(frozen=True, slots=True)
class ClaimPath:
    """The path of a claim: the names of nested objects, and the type of the value."""

    text: str
    """The path as it is configured."""
    names: tuple[str, ...]
    is_list: bool
    """Whether the value is a list of texts, instead of one text."""

    @classmethod
    def of(cls, text: str) -> "ClaimPath":
        """Read a path: `org_id`, `app_metadata.role`, `https://example.com/role`, `cognito:groups[]`.

        Dots separate the names of nested objects. A path with `://` is the name of a single claim. `[]` at the end
        marks a list of texts. Raises `ValueError` for a path with an empty name.
        """
        name = text.removesuffix(_LIST)
        names = (name,) if "://" in name else tuple(name.split("."))
        if not all(names):
            raise ValueError("has an empty name")
        return cls(text, names, is_list=text.endswith(_LIST))

    def read(self, claims: Mapping[str, Any]) -> str | tuple[str, ...] | None:
        """Return the value: a text, or the texts of a list. None if the claim is absent or null.

        Raises `InvalidClaimError` for a value of another type, such as a number or an object.
        """
        value: Any = claims
        for name in self.names:
            if value is None:
                return None
            if not isinstance(value, Mapping):
                raise InvalidClaimError(f"The claim {self.text} of the session token is not in an object.")
            value = value.get(name)
        if value is None:
            return None
        if not self.is_list and isinstance(value, str):
            return value
        if self.is_list and isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise InvalidClaimError(f"The claim {self.text} of the session token must be a {self._type()}.")

    def _type(self) -> str:
        return "list of texts" if self.is_list else "text"


def first(paths: tuple[ClaimPath, ...], claims: Mapping[str, Any]) -> str | tuple[str, ...] | None:
    """Return the value at the first path that exists in the claims. Raises `InvalidClaimError`."""
    for path in paths:
        value = path.read(claims)
        if value is not None:
            return value
    return None
