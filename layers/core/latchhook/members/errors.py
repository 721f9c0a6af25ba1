"""Errors about members."""

from latchhook.optimistic_locking import ConflictError


class MemberNotFoundError(Exception):
    """The caller's account has no member with this user id. Another account's member gives the same error."""


class MemberChangedError(ConflictError):
    """The member was changed between the read and the write."""


class TooManyMembersError(Exception):
    """The account has reached its maximum number of members."""


class LastAdminError(Exception):
    """The change would leave the account without a stored admin. Only the operator may do that."""


class UnknownMemberProfileError(Exception):
    """The account has no permission profile with this id."""


class NotAMemberError(Exception):
    """The user of a portal session has no stored membership with rights, and the request chooses no rights."""


class PortalSessionNotFoundError(Exception):
    """No portal session has this id."""


class PortalCodeInvalidError(Exception):
    """The code of a portal session is unknown, was used, or is older than a minute."""


class RoleBeyondCallerError(Exception):
    """The role or the profile gives rights that the caller lacks."""


class ClientsBeyondCallerError(Exception):
    """The caller may not give these client accounts. `positions` are their positions in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("client accounts beyond the caller's")
        self.positions = positions
