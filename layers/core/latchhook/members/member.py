"""Members: the users of an account, with their role, permission profile and client accounts."""

import re
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

MAX_USER_ID_LENGTH = 255
"""Characters of `sub` in OpenID Connect (Core 1.0, 2)."""

_USER_ID = re.compile(rf"[\x21-\x7e]{{1,{MAX_USER_ID_LENGTH}}}")

USER_ID_PATTERN = f"^{_USER_ID.pattern}$"
"""What `is_user_id` accepts."""


def is_user_id(text: str) -> bool:
    """Return whether `text` can be a user's id: 1 to 255 printable ASCII characters without spaces."""
    return _USER_ID.fullmatch(text) is not None


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
