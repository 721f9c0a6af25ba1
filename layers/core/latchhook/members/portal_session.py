"""Portal sessions: the console for one user of an account, opened by the operator's backend.

The operator creates a session and passes its URL on. The URL contains a code, which works once and for a minute. The
console exchanges the code for a token. Codes and tokens have the format of API keys, and only hashes are stored.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Literal
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.identity.caller import PORTAL_TOKEN_PREFIX, is_account_id, is_user_id

CODE_PREFIX = "lhpc_"
CODE_LASTS = timedelta(seconds=60)
MIN_SECONDS, MAX_SECONDS = 60, 43_200
"""The shortest and the longest duration of a session."""

PortalRole = Literal["admin", "advisor", "member"]
Tab = Literal["api-keys", "webhooks", "usage", "audit", "members"]


@dataclass(frozen=True, slots=True)
class PortalSession:
    """One session, without its secrets."""

    id: UUID
    account_id: str
    user_id: str
    role: PortalRole | None
    """The rights of the session. None, together with `profile_id` None, gives the rights of the stored membership."""
    profile_id: UUID | None
    needs_member: bool
    """Whether the user was a member when the session was created. Then it ends with the membership."""
    tabs: tuple[Tab, ...] | None
    """The tabs that the console shows; None for all that the rights allow."""
    return_url: str | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PortalToken:
    """A token's content. Only the secret proves something. The other fields say which items to read."""

    session_id: UUID
    account_id: str
    user_id: str
    profile_id: UUID | None
    hash: bytes = field(repr=False)
    """The hash of the secret."""


def issue_code(session_id: UUID, rng: Random) -> str:
    """Create the code of a session."""
    return key_format.issue_key_text(CODE_PREFIX, session_id, rng)


def issue_secret(session_id: UUID, rng: Random) -> str:
    """Create the secret of a token."""
    return key_format.issue_key_text("", session_id, rng)


def token_of(session: PortalSession, secret: str) -> str:
    """Return the token: the prefix, the readable part in base64url, and the secret."""
    about = [session.account_id, session.user_id, "" if session.profile_id is None else str(session.profile_id)]
    readable = base64.urlsafe_b64encode(json.dumps(about).encode()).decode().rstrip("=")
    return f"{PORTAL_TOKEN_PREFIX}{readable}.{secret}"


def session_id_of(code: str) -> UUID | None:
    """Return the id in a code; None for a text that cannot be a code."""
    return _checked_id(CODE_PREFIX, code)


def read_token(text: str) -> PortalToken | None:
    """Return the content of a token; None for a text that cannot be a token."""
    readable, _, secret = text.removeprefix(PORTAL_TOKEN_PREFIX).partition(".")
    session_id = _checked_id("", secret)
    try:
        about = json.loads(base64.urlsafe_b64decode(readable + "=" * (-len(readable) % 4)))
        account_id, user_id, profile_id = about
        if session_id is None or not is_account_id(account_id) or not is_user_id(user_id):
            return None
        profile = UUID(profile_id) if profile_id else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return PortalToken(session_id, account_id, user_id, profile, key_format.hash_key_text(secret))


def _checked_id(prefix: str, text: str) -> UUID | None:
    if not key_format.looks_like_ours(prefix, text):
        return None
    try:
        return key_format.key_id_of(prefix, text)
    except MalformedKeyError:
        return None
