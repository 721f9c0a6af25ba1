"""Response bodies with permission profiles."""

from typing import Literal, TypedDict

from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.permissions.profiles import Profile


class PermissionRuleResponse(TypedDict):
    """A rule that allows or denies actions."""

    effect: Literal["allow", "deny"]
    actions: list[str]
    """Scopes and wildcards such as `orders:*` and `*`."""


class PermissionProfileResponse(TypedDict):
    """A permission profile. A change applies to the next request of each of its keys and members."""

    id: Uuid
    accountId: str
    name: str
    description: str | None
    rules: list[PermissionRuleResponse]
    """The actions that the profile adds to the rights of its keys and members, and those that it denies. A denial has
    priority."""
    keyCount: int
    """The number of keys with this profile."""
    memberCount: int
    """The number of members with this profile. The profile can only be deleted if both numbers are 0."""
    createdAt: Moment
    updatedAt: Moment


class PermissionProfileListResponse(TypedDict):
    """A page of permission profiles, newest first."""

    data: list[PermissionProfileResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


def profile_response(profile: Profile) -> PermissionProfileResponse:
    """Return the response body of a permission profile."""
    return {
        "id": str(profile.id),
        "accountId": profile.account_id,
        "name": profile.name,
        "description": profile.description,
        "rules": [{"effect": rule.effect, "actions": list(rule.actions)} for rule in profile.rules],
        "keyCount": profile.key_count,
        "memberCount": profile.member_count,
        "createdAt": rfc3339(profile.created_at),
        "updatedAt": rfc3339(profile.updated_at),
    }
