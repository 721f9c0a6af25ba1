"""Errors about permission profiles."""

from latchhook.optimistic_locking import ConflictError

Position = tuple[int, int]
"""The position of an action: the index of its rule, and its index in the rule."""


class ProfileNotFoundError(Exception):
    """The caller's account has no profile with this id. Another account's profile gives the same error."""


class ProfileInUseError(Exception):
    """The profile cannot be deleted, because `keys` API keys and `members` members use it."""

    def __init__(self, keys: int, members: int = 0) -> None:
        super().__init__("profile in use")
        self.keys = keys
        self.members = members


class ProfileChangedError(ConflictError):
    """The profile was changed between the read and the write."""


class TooManyProfilesError(Exception):
    """The account has reached its maximum number of profiles."""


class UnknownActionsError(Exception):
    """The scope catalogue does not contain these actions. `positions` are their positions in the request."""

    def __init__(self, positions: tuple[Position, ...]) -> None:
        super().__init__("unknown actions")
        self.positions = positions


class ActionsBeyondCallerError(Exception):
    """The caller does not have these actions and cannot grant them. `positions` are their positions in the request."""

    def __init__(self, positions: tuple[Position, ...]) -> None:
        super().__init__("actions beyond the caller's")
        self.positions = positions


class DenialBeyondCallerError(Exception):
    """The change removes a denial of an action that the caller does not have. Keys would gain this action."""


class ScopeNotFoundError(Exception):
    """The scope catalogue has no stored entry with this name."""


class ScopeChangedError(ConflictError):
    """Another request created, changed or deleted the entry after it was read."""


class TooManyScopesError(Exception):
    """The scope catalogue has its maximum number of stored entries."""


class BuiltInScopeError(Exception):
    """Latchhook or the parameter `Scopes` defines this scope, so the request cannot change or delete it."""
