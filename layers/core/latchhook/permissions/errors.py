"""Why something about a permission profile is refused."""

from latchhook.contention import ChangedError

Position = tuple[int, int]
"""Where an action stands: the index of its rule, and its own in it."""


class ProfileNotFoundError(Exception):
    """No such profile in the caller's account; another account's profile and a missing one are the same."""


class ProfileInUseError(Exception):
    """The profile has keys, `keys` of them, and so can't be deleted."""

    def __init__(self, keys: int) -> None:
        super().__init__("profile in use")
        self.keys = keys


class ProfileChangedError(ChangedError):
    """Somebody else changed the profile between its being read and being written."""


class TooManyProfilesError(Exception):
    """The account has as many profiles as it may have."""


class UnknownActionsError(Exception):
    """Actions for which the deployment's catalogue has no scope; `positions` say where they stand in the request."""

    def __init__(self, positions: tuple[Position, ...]) -> None:
        super().__init__("unknown actions")
        self.positions = positions


class ActionsBeyondCallerError(Exception):
    """Actions that are not the caller's to give; `positions` say where they stand in the request."""

    def __init__(self, positions: tuple[Position, ...]) -> None:
        super().__init__("actions beyond the caller's")
        self.positions = positions


class DenialBeyondCallerError(Exception):
    """A denial of what the caller does not hold would go away, and keys would get what the caller can't give."""
