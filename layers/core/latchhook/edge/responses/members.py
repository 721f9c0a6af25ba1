"""Response bodies with members."""

from collections.abc import Iterable
from typing import Literal, TypedDict, cast

from latchhook.api_keys.api_key import ApiKey
from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.identity.caller import Caller
from latchhook.members.member import Member, MemberRole

CallerKind = Literal["user", "api_key", "oauth_token", "service"]


class ListedMemberResponse(TypedDict):
    """A member of an account in a list, without the ids of its client accounts."""

    userId: str
    accountId: str
    role: MemberRole
    """The stored role. It has priority over the role in the session's claims."""
    profileId: Uuid | None
    name: str | None
    email: str | None
    clientAccountCount: int
    """The number of client accounts of an advisor."""
    createdAt: Moment
    updatedAt: Moment


class MemberResponse(ListedMemberResponse):
    """A member of an account. A change applies to the member's next request."""

    clientAccountIds: list[str]
    """The accounts that an advisor manages in addition to the own account, sorted."""


class MemberListResponse(TypedDict):
    """A page of members in the order of their user ids."""

    data: list[ListedMemberResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


class MeResponse(TypedDict):
    """The caller of the request."""

    kind: CallerKind
    """`user` has a session, `oauth_token` is an OAuth app, and `service` is the operator's service token."""
    id: str
    """The id of the user, the API key or the OAuth grant, or `service_role`."""
    userId: str
    """The user who owns objects that the caller creates."""
    name: str | None
    """The name of the user or the API key."""
    email: str | None
    """The stored email address of the member."""
    accountId: str
    """The account of the request."""
    clientAccountIds: list[str]
    """The other accounts that `X-Account-Id` may name, sorted."""
    role: MemberRole | None
    """The role of a user; null for other callers."""
    profileId: Uuid | None
    """The permission profile of the member or the API key."""
    scopes: list[str]
    """The scopes that the caller has, with wildcards, sorted."""
    isOperator: bool


def listed_member_response(member: Member) -> ListedMemberResponse:
    """Return a member as an item of a list."""
    return {
        "userId": member.user_id,
        "accountId": member.account_id,
        "role": member.role,
        "profileId": None if member.profile_id is None else str(member.profile_id),
        "name": member.name,
        "email": member.email,
        "clientAccountCount": member.client_account_count,
        "createdAt": rfc3339(member.created_at),
        "updatedAt": rfc3339(member.updated_at),
    }


def member_response(member: Member, client_account_ids: Iterable[str]) -> MemberResponse:
    """Return the response body of a member."""
    return {**listed_member_response(member), "clientAccountIds": sorted(client_account_ids)}


def me_response(
    caller: Caller, key: ApiKey | None, member: Member | None, client_account_ids: Iterable[str], scopes: Iterable[str]
) -> MeResponse:
    """Return the response body about a caller. `member` is its stored membership, and `key` its credential."""
    identity = caller.identity
    holder = member or key
    return {
        "kind": cast("CallerKind", caller.kind),
        "id": caller.actor_id,
        "userId": caller.user_id,
        "name": (holder.name if holder else None) or (identity.name if identity else None),
        "email": None if member is None else member.email,
        "accountId": caller.account_id,
        "clientAccountIds": sorted(client_account_ids),
        "role": cast("MemberRole", identity.role) if identity else None,
        "profileId": str(holder.profile_id) if holder and holder.profile_id else None,
        "scopes": list(scopes),
        "isOperator": caller.is_operator,
    }
