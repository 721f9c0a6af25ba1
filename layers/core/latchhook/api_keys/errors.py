"""Errors about API keys."""

from latchhook.optimistic_locking import ConflictError


class MalformedKeyError(Exception):
    """The text is not a key of this deployment: its format, prefix or checksum is wrong. No read was needed."""


class ApiKeyNotFoundError(Exception):
    """The caller's account has no key with this id. Another account's key gives the same error."""


class ApiKeyRevokedError(Exception):
    """The key is revoked. A revoked key cannot be changed."""


class KeyChangedError(ConflictError):
    """The key was changed between the read and the write."""


class UnknownProfileError(Exception):
    """The account has no such permission profile."""


class UnknownScopesError(Exception):
    """The scope catalogue does not contain these scopes. `positions` are their indexes in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("unknown scopes")
        self.positions = positions


class ScopesBeyondCreatorError(Exception):
    """The creator does not have these scopes. `positions` are their indexes in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("scopes beyond the creator's")
        self.positions = positions


class ProfileBeyondCreatorError(Exception):
    """The profile allows scopes that the creator does not have."""


class OwnerNotMemberError(Exception):
    """The owner of a key is not an active member of the account, so that the key cannot follow the owner."""


class ExpiryNotInFutureError(Exception):
    """The new `expiresAt` of a key is in the past."""


class DuplicateHashesError(Exception):
    """An import contains a hash more than once. `positions` are the indexes of the repetitions."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("duplicate hashes")
        self.positions = positions


class BadItemError(Exception):
    """One item of a request with several items is refused. `cause` is the reason."""

    def __init__(self, position: int, cause: Exception) -> None:
        super().__init__(f"item {position}: {cause}")
        self.position = position
        self.cause = cause


class TooManyKeysError(Exception):
    """The account has reached its maximum number of keys that are not revoked."""


class BillingPeriodFixedError(Exception):
    """The deployment's billing periods are calendar months. No account has another billing day."""
