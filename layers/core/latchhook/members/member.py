"""Members: the users of an account, with their role, permission profile and client accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

MemberRole = Literal["admin", "advisor", "member", "none"]
"""`none` refuses the user, even if the claims of the session give rights."""

MAX_MEMBERS = 10_000
"""Members of one account."""

MAX_CLIENT_ACCOUNTS = 5_000
"""Client accounts of one advisor. They fit into one item: 5,000 ids of 64 characters have 320 KB of its 400 KB."""


@dataclass(frozen=True, slots=True)
class MemberSettings:
    """The editable fields of a member. The request schema checks lengths and counts."""

    role: MemberRole
    profile_id: UUID | None = None
    name: str | None = None
    email: str | None = None
    client_account_ids: tuple[str, ...] = ()
    """The accounts that an advisor may manage, in the order of the request."""


@dataclass(frozen=True, slots=True)
class Member:
    """One user of an account."""

    account_id: str
    user_id: str
    role: MemberRole
    profile_id: UUID | None
    name: str | None
    email: str | None
    client_account_count: int
    """The number of client accounts. `MemberStore.client_accounts` reads their ids."""
    created_at: datetime
    updated_at: datetime
    version: int = 0
    """Number of changes."""
