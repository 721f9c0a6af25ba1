"""OAuth clients: the apps that can ask users for rights, and what each may ask for."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Literal
from uuid import UUID

ClientType = Literal["confidential", "public"]
"""A confidential client can keep a secret (RFC 6749, 2.1)."""

GrantType = Literal["authorization_code", "refresh_token", "client_credentials"]

ClientStatus = Literal["active", "disabled"]

SECRET_PREFIX = "lhcs_"  # noqa: S105 - a prefix
"""The first characters of a client's secret."""

ASSERTION_ALGORITHMS = ("ES256", "EdDSA", "PS256", "RS256")
"""The algorithms of signed assertions (`private_key_jwt`)."""

MAX_CLIENTS_PER_ACCOUNT = 100
MAX_SCOPES = 50
MIN_ACCESS_SECONDS, MAX_ACCESS_SECONDS, DEFAULT_ACCESS_SECONDS = 300, 86_400, 3_600
MIN_REFRESH_SECONDS, MAX_REFRESH_SECONDS, DEFAULT_REFRESH_SECONDS = 3_600, 31_536_000, 2_592_000


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """The editable fields of a client. The request schema checks lengths and formats."""

    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[GrantType, ...]
    scopes: tuple[str, ...]
    """The most that a user can grant. With `client_credentials`, the client's own rights."""
    logo_uri: str | None = None
    client_uri: str | None = None
    policy_uri: str | None = None
    access_token_seconds: int = DEFAULT_ACCESS_SECONDS
    refresh_token_seconds: int = DEFAULT_REFRESH_SECONDS
    """The duration of a grant with refresh tokens. It starts with the consent."""
    status: ClientStatus = "active"
    key_set: str | None = None
    """The public keys with which the client signs assertions, as a JSON Web Key Set (RFC 7517). The client can then
    authenticate with `private_key_jwt`."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """One client, without its secret."""

    id: UUID
    account_id: str
    type: ClientType
    settings: ClientSettings
    created_at: datetime
    updated_at: datetime
    secret_rotated_at: datetime | None = None
    version: int = 0
    """Number of changes."""

    @property
    def is_active(self) -> bool:
        """Whether the client may get and use tokens."""
        return self.settings.status == "active"

    def allows(self, grant_type: GrantType) -> bool:
        """Return whether the client may use this grant type."""
        return grant_type in self.settings.grant_types


def read_client_id(text: str) -> UUID | None:
    """Return a client id in its one form, as responses contain it. None for every other text."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """The hashes of a client's secrets."""

    current: bytes
    previous: bytes | None = None
    previous_until: datetime | None = None
    """The end of the grace period of the previous secret."""

    def accept(self, presented: bytes, now: datetime) -> bool:
        """Return whether a hash belongs to a valid secret."""
        if compare_digest(self.current, presented):
            return True
        is_graced = self.previous is not None and self.previous_until is not None and self.previous_until > now
        return is_graced and compare_digest(self.previous or b"", presented)
