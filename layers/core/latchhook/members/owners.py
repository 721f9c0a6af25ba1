"""The current rights of members, for the API keys that follow them."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.verification import OwnerRights, RightsSources
from latchhook.members.access import StoredMembership, profile_grants
from latchhook.oauth.client import OAuthClient
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Profile
from latchhook.permissions.roles import rights_of


class OwnerMemberships(Protocol):
    """Stored memberships of owners."""

    def of_owner(
        self, account_id: str, user_id: str, *, profile_id: UUID | None, client_id: UUID | None
    ) -> tuple[StoredMembership, Profile | None, OAuthClient | None]:
        """Read a user's membership, another profile of the account, and a client, strongly consistent."""


@dataclass(frozen=True, slots=True)
class MemberOwners:
    """Reads the rights of the members that own keys."""

    memberships: OwnerMemberships
    operator_account_id: str

    def rights(self, account_id: str, sources: RightsSources) -> OwnerRights:
        """Return the rights of the followed user, and the profile of the key, from one read.

        The rights of an OAuth token are also within the scopes of its client. There are no rights if the user is not a
        stored member, has the role `none` or a profile that is missing, or if the client is disabled or deleted.
        """
        stored, profile, client = self.memberships.of_owner(
            account_id,
            sources.followed_user_id or "",
            profile_id=sources.profile_id,
            client_id=sources.client_id,
        )
        if sources.client_id is not None and (client is None or not client.is_active):
            return OwnerRights(None, profile, "REVOKED" if client is None else "DISABLED")
        member = stored.in_account
        own_profile = None if member is None or member.role == "none" else profile_grants(member, stored.profile)
        if member is None or own_profile is None:
            return OwnerRights(None, profile)
        is_operators = account_id == self.operator_account_id
        grants = rights_of(member.role, own_profile, in_operator_account=is_operators)
        return OwnerRights(grants if client is None else grants.within(Grants.of(client.settings.scopes)), profile)
