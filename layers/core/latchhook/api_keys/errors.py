"""Why something about an API key is refused."""

from latchhook.optimistic_locking import ConflictError


class MalformedKeyError(Exception):
    """The text is no key of this deployment: shape, prefix or checksum is wrong. Nothing was read to find out."""


class ApiKeyNotFoundError(Exception):
    """No such key in the caller's account; another account's key and a missing one are the same."""


class ApiKeyRevokedError(Exception):
    """The key is revoked, and a revoked key never changes again."""


class KeyChangedError(ConflictError):
    """Somebody else changed the key between its being read and being written."""


class UnknownProfileError(Exception):
    """The account has no such permission profile."""


class UnknownScopesError(Exception):
    """Scopes that the deployment's catalogue does not hold; `positions` are their indexes in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("unknown scopes")
        self.positions = positions


class ScopesBeyondCreatorError(Exception):
    """Scopes that the creator does not hold; `positions` are their indexes in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("scopes beyond the creator's")
        self.positions = positions


class ProfileBeyondCreatorError(Exception):
    """The profile allows what the creator does not hold."""


class ExpiryNotInFutureError(Exception):
    """A key's new `expiresAt` has already passed."""


class DuplicateHashesError(Exception):
    """One hash stands in an import more than once; `positions` are the indexes of all but the first."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("duplicate hashes")
        self.positions = positions


class BadItemError(Exception):
    """One of several things in a request is not as it must be; the cause says why."""

    def __init__(self, position: int, cause: Exception) -> None:
        super().__init__(f"item {position}: {cause}")
        self.position = position
        self.cause = cause


class TooManyKeysError(Exception):
    """The account has as many keys that are not revoked as it may have."""
