"""The identity that a valid session token proves. Every source of identities produces it, and `caller` builds on it."""

from dataclasses import dataclass, field

from latchhook.permissions.grants import NO_GRANTS, Grants


@dataclass(frozen=True, slots=True)
class Identity:
    """A user as the identity provider describes it, or the operator's service token."""

    user_id: str
    account_id: str
    """The user's own account. Empty if the token names none."""
    role: str
    """One of `permissions.roles.ROLES`."""
    client_account_ids: tuple[str, ...] = ()
    name: str | None = None
    """The user's name, to show it."""
    profile: Grants = NO_GRANTS
    """The actions that the permission profile of a stored membership allows and denies."""
    is_service: bool = False
    """Whether this is the operator's service token. It has no user, no account and no role."""
    expires_at: float = field(default=0, compare=False)
    """The end of the token's validity in epoch seconds, including the leeway for clocks."""


def service_identity(expires_at: float) -> Identity:
    """The identity of the operator's service token."""
    return Identity("", "", "none", is_service=True, expires_at=expires_at)
