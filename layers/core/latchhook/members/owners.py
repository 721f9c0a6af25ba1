"""The current rights of members, for the API keys that follow them."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from latchhook.members.access import StoredMembership, profile_grants
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Profile
from latchhook.permissions.roles import rights_of


class OwnerMemberships(Protocol):
    """Stored memberships of owners."""

    def of_owner(
        self, account_id: str, user_id: str, *, profile_id: UUID | None
    ) -> tuple[StoredMembership, Profile | None]:
        """Read a user's membership in the account, and another profile of the account, strongly consistent."""


@dataclass(frozen=True, slots=True)
class MemberOwners:
    """Reads the rights of the members that own keys."""

    memberships: OwnerMemberships
    operator_account_id: str

    def rights(self, account_id: str, user_id: str, *, profile_id: UUID | None) -> tuple[Grants | None, Profile | None]:
        """Return the user's rights in the account, and the profile with the id `profile_id`, from one read.

        The rights are None if the user is not a stored member, has the role `none`, or has a profile that is missing.
        """
        stored, profile = self.memberships.of_owner(account_id, user_id, profile_id=profile_id)
        member = stored.in_account
        if member is None or member.role == "none":
            return None, profile
        own_profile = profile_grants(member, stored.profile)
        if own_profile is None:
            return None, profile
        is_operators = account_id == self.operator_account_id
        return rights_of(member.role, own_profile, in_operator_account=is_operators), profile
