"""Session tokens of Supabase: validation, and the identity in their claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jwt

from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity, service_identity

_SYMMETRIC_ALGORITHM = "HS256"
_ASYMMETRIC_ALGORITHMS = ("ES256", "RS256")
_SERVICE_ROLE = "service_role"
_SUPABASE_ISSUER = "supabase"
"""The issuer in Supabase's own service tokens, which have no audience."""
LEEWAY_SECONDS = 5

_ROLES = {"business_admin": "admin", "advisor": "advisor", "member": "member"}
"""Latchhook's role by the role of the provider. Every other role is `none`."""


class PublicKeys(Protocol):
    """The public keys of the identity provider."""

    def find(self, key_id: str) -> Mapping[str, Any] | None:
        """Return the JSON Web Key with this id, or None."""


class SharedSecrets(Protocol):
    """The HS256 secret shared by the identity provider and this deployment. During a rotation there are two secrets."""

    def known(self) -> Sequence[str]:
        """Return the secrets of the last read, the current secret first.

        Raises `DependencyUnavailableError` if no read has succeeded.
        """

    def newer(self) -> Sequence[str]:
        """Read the secrets again and return the new ones. Return none if the last read is less than a minute old.

        Raises `DependencyUnavailableError` if the last read failed.
        """


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """Validates tokens of one provider. Without `secrets` or `public_keys`, tokens of that kind are refused."""

    secrets: SharedSecrets | None
    public_keys: PublicKeys | None
    issuer: str
    audience: str
    allowed_clients: frozenset[str] = frozenset()
    """The OAuth clients whose tokens count as user sessions."""
    accepts_service: bool = True
    """Whether the operator's service tokens are accepted."""

    def read(self, token: str) -> Identity:
        """Validate a token and return the identity that it proves.

        Raises `UnauthenticatedError` for an invalid token. Raises `DependencyUnavailableError` if the signing keys
        cannot be read, because the validity is then unknown.
        """
        try:
            claims = self._decode(token)
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError(
                "token_expired", "The session token has expired. Get a new token from the identity provider."
            ) from None
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _INVALID from None
        self._refuse_third_party(claims)
        if claims.get("role") == _SERVICE_ROLE:
            self._check_service(claims)
            return service_identity(_expiry(claims))
        if claims.get("iss") != self.issuer or not self._names_audience(claims) or not claims.get("sub"):
            raise _INVALID
        return _user(claims)

    def _decode(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm == _SYMMETRIC_ALGORITHM and self.secrets is not None:
            return self._decode_by_secret(token, self.secrets)
        if algorithm in _ASYMMETRIC_ALGORITHMS and self.public_keys is not None:
            return _decode(token, self._public_key(str(header.get("kid", "")), algorithm), algorithm)
        raise _INVALID

    def _decode_by_secret(self, token: str, secrets: SharedSecrets) -> dict[str, Any]:
        """Decode an HS256 token with the known secrets, or with new secrets after a rotation."""
        for read in (secrets.known, secrets.newer):
            for secret in read():
                try:
                    return _decode(token, secret, _SYMMETRIC_ALGORITHM)
                except jwt.InvalidSignatureError:
                    continue
        raise _INVALID

    def _public_key(self, key_id: str, algorithm: str) -> Any:
        found = self.public_keys.find(key_id) if self.public_keys else None
        if found is None:
            raise _INVALID
        return jwt.PyJWK.from_dict(dict(found), algorithm=algorithm).key

    def _refuse_third_party(self, claims: Mapping[str, Any]) -> None:
        """Refuse a token that was issued to an OAuth client, because it proves consent, not the user's presence.

        Such a token has the issuer, the audience and the `app_metadata` of a session. Only the claim `client_id` marks
        it (RFC 9068, 2.2). Every value of the claim counts, so that an unusual value does not hide the client.
        """
        if "client_id" not in claims:
            return
        client = claims["client_id"]
        if not isinstance(client, str) or client not in self.allowed_clients:
            raise THIRD_PARTY

    def _check_service(self, claims: Mapping[str, Any]) -> None:
        if not self.accepts_service:
            raise _NO_SERVICE
        if claims.get("iss") not in (self.issuer, _SUPABASE_ISSUER):
            raise _INVALID
        if "aud" in claims and not self._names_audience(claims):
            raise _INVALID

    def _names_audience(self, claims: Mapping[str, Any]) -> bool:
        audience = claims.get("aud")
        return self.audience in (audience if isinstance(audience, list) else [audience])


def _decode(token: str, key: Any, algorithm: str) -> dict[str, Any]:
    # `read` checks issuer and audience, because they differ between service tokens and sessions.
    return jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp"], "verify_aud": False, "verify_iss": False},
    )


_INVALID = UnauthenticatedError(
    "invalid_token", "The session token is invalid. Get a new token from the identity provider."
)
THIRD_PARTY = UnauthenticatedError(
    "third_party_token",
    "The token was issued to an OAuth client that may not call this API. Use a session token of the user.",
)


_NO_SERVICE = UnauthenticatedError(
    "service_token_refused", "This deployment accepts no service tokens. Use an API key of the operator's account."
)


def _user(claims: Mapping[str, Any]) -> Identity:
    """The user of a session. Only `app_metadata` is read, because users can edit their other metadata."""
    metadata = claims.get("app_metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    clients = metadata.get("client_account_ids")
    return Identity(
        user_id=str(claims.get("sub", "")),
        account_id=_text(metadata.get("account_id")),
        role=_ROLES.get(_text(metadata.get("role")), "none"),
        client_account_ids=tuple(_text(client) for client in clients) if isinstance(clients, list) else (),
        expires_at=_expiry(claims),
    )


def _expiry(claims: Mapping[str, Any]) -> float:
    return float(claims["exp"]) + LEEWAY_SECONDS


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
