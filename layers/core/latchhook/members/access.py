"""The rights of a user by stored memberships. A stored membership has priority over the claims of the session."""

from dataclasses import dataclass, replace
from typing import Protocol

from latchhook.identity.caller import is_account_id
from latchhook.identity.identity import Identity
from latchhook.members.member import Member
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.profiles import Profile


@dataclass(frozen=True, slots=True)
class StoredMembership:
    """The stored data about a user for a request in one account."""

    in_account: Member | None
    """The membership in the account of the request."""
    in_own_account: Member | None
    """The membership in the user's own account. None if it is the account of the request."""
    is_client: bool
    """Whether the account of the request is a stored client account of the user."""
    profile: Profile | None
    """The profile of `deciding`."""

    @property
    def deciding(self) -> Member | None:
        """The membership that decides: in the account of the request, otherwise in the own account."""
        return self.in_account or self.in_own_account


class Memberships(Protocol):
    """Stored memberships."""

    def read(self, user_id: str, *, account_id: str, own_account_id: str) -> StoredMembership:
        """Read what is stored about a user for a request in the account, strongly consistent."""


@dataclass(frozen=True, slots=True)
class MemberAccess:
    """Applies stored memberships to the identities of sessions."""

    memberships: Memberships
    is_membership_required: bool
    """Whether a user without a stored membership has no rights."""

    def applied(self, identity: Identity, wanted_account_id: str | None) -> Identity:
        """Return the identity with the role, client accounts and profile of the stored membership.

        `wanted_account_id` is the account of the request; None for the user's own account. `caller.user` refuses an
        invalid account id.
        """
        account_id = wanted_account_id or identity.account_id
        if not is_account_id(account_id):
            return identity
        own = identity.account_id if is_account_id(identity.account_id) else ""
        stored = self.memberships.read(identity.user_id, account_id=account_id, own_account_id=own)
        member = stored.deciding
        if member is None:
            none = replace(identity, role="none", client_account_ids=())
            return none if self.is_membership_required else identity
        profile = profile_grants(member, stored.profile)
        if profile is None:
            return replace(identity, role="none", client_account_ids=())
        return replace(
            identity,
            account_id=member.account_id,
            role=member.role,
            client_account_ids=(account_id,) if stored.is_client else (),
            profile=profile,
        )


def profile_grants(member: Member, profile: Profile | None) -> Grants | None:
    """Return the actions that the member's profile allows and denies. None if the profile is missing."""
    if member.profile_id is None:
        return NO_GRANTS
    return None if profile is None else profile.grants_for(())
