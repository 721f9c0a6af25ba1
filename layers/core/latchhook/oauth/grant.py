"""OAuth grants: the consent of one user to one client, with its code, its refresh token and its access tokens.

A grant is stored like an API key, and its access tokens are its secrets. Verification is therefore the write that
verifies keys, and the revocation of the grant applies to the next request. A client with `client_credentials` has one
grant without a user, whose id is the client's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

CODE_PREFIX, REFRESH_PREFIX = "lhac_", "lhrt_"
"""The first characters of authorization codes and of refresh tokens."""

CODE_LASTS = timedelta(seconds=60)
REFRESH_REPEATS = timedelta(seconds=30)
"""A repeated use of a refresh token within this time returns the same tokens. A later one revokes the grant."""

MAX_GRANTS_PER_USER = 100
MAX_USER_TOKENS, MAX_CLIENT_TOKENS = 10, 100
"""Valid access tokens of one grant: with a user, and of a client itself."""

GrantStatus = Literal["active", "revoked"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """A client's signed JWT that was validated. It may be used once."""

    name: str
    """Computed from the client and the claim `jti`."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refresh:
    """The state of a grant's refresh token."""

    current: bytes = field(repr=False)
    """The hash of the valid refresh token."""
    previous: bytes | None = field(default=None, repr=False)
    """The hash of the refresh token before it."""
    used: tuple[bytes, ...] = field(default=(), repr=False)
    """The hashes of older refresh tokens, newest first."""
    nonce: bytes = field(default=b"", repr=False)
    """Random bytes, from which together with the previous refresh token the current tokens were made."""
    rotated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant, without secrets."""

    id: UUID
    account_id: str
    client_id: UUID
    client_name: str
    """The name of the client at the consent."""
    user_id: str | None
    """The user who consented. None for the grant of a client itself."""
    scopes: tuple[str, ...]
    redirect_uri: str
    resource: str | None
    """The API for which the tokens are (RFC 8707). None for every API."""
    status: GrantStatus
    created_at: datetime
    expires_at: datetime | None
    """The end of the code before it is exchanged, then the end of the grant. None for the grant of a client itself."""
    lasts_until: datetime | None = None
    """The end of the grant after the exchange of the code."""
    last_used_at: datetime | None = None
    code_hash: bytes | None = field(default=None, repr=False)
    used_code_hash: bytes | None = field(default=None, repr=False)
    code_challenge: str = ""
    """The S256 challenge of PKCE (RFC 7636, 4.2)."""
    refresh: Refresh | None = None
    tokens: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    """The ends of the access tokens, by the first half of their hashes."""
    version: int = 0
    """Number of changes by requests to the token endpoint and by revocations."""

    @property
    def is_exchanged(self) -> bool:
        """Whether the code was exchanged for tokens."""
        return self.used_code_hash is not None

    def is_live(self, now: datetime) -> bool:
        """Return whether tokens of the grant can be valid."""
        return self.status == "active" and (self.expires_at is None or self.expires_at > now)
