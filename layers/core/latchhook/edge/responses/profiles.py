"""What the permission profile endpoints answer."""

from typing import Literal, TypedDict

from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.permissions.profiles import Profile


class PermissionRuleResponse(TypedDict):
    """Actions that are allowed or denied."""

    effect: Literal["allow", "deny"]
    actions: list[str]
    """Scopes, or wildcards such as `orders:*` and `*`."""


class PermissionProfileResponse(TypedDict):
    """A permission profile (document 003). Its keys have changes of it at their next request."""

    id: Uuid
    accountId: str
    name: str
    description: str | None
    rules: list[PermissionRuleResponse]
    """What its keys may do beside their own scopes, and what they may not: deny wins."""
    keyCount: int
    """How many keys have it; it can be deleted when none has."""
    createdAt: Moment
    updatedAt: Moment


class PermissionProfileListResponse(TypedDict):
    """A page of permission profiles, newest first."""

    data: list[PermissionProfileResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


def profile_response(profile: Profile) -> PermissionProfileResponse:
    """The profile as its account sees it."""
    return {
        "id": str(profile.id),
        "accountId": profile.account_id,
        "name": profile.name,
        "description": profile.description,
        "rules": [{"effect": rule.effect, "actions": list(rule.actions)} for rule in profile.rules],
        "keyCount": profile.key_count,
        "createdAt": rfc3339(profile.created_at),
        "updatedAt": rfc3339(profile.updated_at),
    }
