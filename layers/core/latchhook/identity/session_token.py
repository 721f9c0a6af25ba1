"""Session tokens: the choice of the provider, the signature, and the purpose."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jwt

from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity, service_identity
from latchhook.identity.provider import INVALID, SUPABASE, Provider

_SYMMETRIC_ALGORITHM = "HS256"
_ASYMMETRIC_ALGORITHMS = ("ES256", "RS256")
_TYPES = (None, "jwt", "at+jwt", "application/at+jwt")
"""The `typ` of session and access tokens (RFC 7519, RFC 9068). Logout tokens and others have their own type."""
_SERVICE_ROLE = "service_role"
_SUPABASE_ISSUER = "supabase"
"""The issuer in Supabase's own service tokens, which have no audience."""
LEEWAY_SECONDS = 5


class PublicKeys(Protocol):
    """The public keys of an identity provider."""

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
    """Validates the tokens of all providers. Only the keys of a token's issuer verify it."""

    providers: "Sequence[ProviderTokens]"

    def read(self, token: str) -> Identity:
        """Validate a token and return the identity that it proves.

        Raises `UnauthenticatedError` for an invalid token. Raises `DependencyUnavailableError` if the signing keys
        cannot be read, because the validity is then unknown.
        """
        if len(self.providers) == 1:
            return self.providers[0].read(token)
        issuer = _stated_issuer(token)
        issued = [each for each in self.providers if each.issues(issuer)]
        for each in issued[:-1]:
            try:
                return each.read(token)
            except UnauthenticatedError:
                continue
        if not issued:
            raise INVALID
        return issued[-1].read(token)


@dataclass(frozen=True, slots=True)
class ProviderTokens:
    """Validates tokens of one provider. Without `secrets` or `public_keys`, tokens of that kind are refused."""

    provider: Provider
    secrets: SharedSecrets | None
    public_keys: PublicKeys | None
    accepts_service: bool = True
    """Whether the operator's service tokens are accepted. Only Supabase issues them."""

    def issues(self, issuer: Any) -> bool:
        """Return whether tokens that state this issuer can be the provider's.

        Service tokens of all Supabase projects state the same issuer.
        """
        is_service = issuer == _SUPABASE_ISSUER and self.provider.preset == SUPABASE
        return issuer == self.provider.issuer or is_service

    def read(self, token: str) -> Identity:
        """Validate a token and return the identity that it proves. Raises the errors of `SessionTokens.read`."""
        try:
            claims = self._decode(token)
            expires_at = float(claims["exp"]) + LEEWAY_SECONDS
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError(
                "token_expired", "The session token has expired. Get a new token from the identity provider."
            ) from None
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError):
            raise INVALID from None
        if self.provider.preset == SUPABASE and claims.get("role") == _SERVICE_ROLE:
            self._check_service(claims)
            return service_identity(expires_at)
        self.provider.check_purpose(claims)
        if claims.get("iss") != self.provider.issuer:
            raise INVALID
        return self.provider.identity_of(claims, expires_at=expires_at)

    def _decode(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        kind, algorithm = header.get("typ"), header.get("alg")
        if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
            raise INVALID
        if algorithm == _SYMMETRIC_ALGORITHM and self.secrets is not None:
            return self._decode_by_secret(token, self.secrets)
        if algorithm in _ASYMMETRIC_ALGORITHMS and self.public_keys is not None:
            return _decode(token, self._public_key(str(header.get("kid", "")), algorithm), algorithm)
        raise INVALID

    def _decode_by_secret(self, token: str, secrets: SharedSecrets) -> dict[str, Any]:
        """Decode an HS256 token with the known secrets, or with new secrets after a rotation."""
        for read in (secrets.known, secrets.newer):
            for secret in read():
                try:
                    return _decode(token, secret, _SYMMETRIC_ALGORITHM)
                except jwt.InvalidSignatureError:
                    continue
        raise INVALID

    def _public_key(self, key_id: str, algorithm: str) -> Any:
        found = self.public_keys.find(key_id) if self.public_keys else None
        if found is None:
            raise INVALID
        return jwt.PyJWK.from_dict(dict(found), algorithm=algorithm).key

    def _check_service(self, claims: Mapping[str, Any]) -> None:
        self.provider.refuse_third_party(claims)
        if not self.accepts_service:
            raise _NO_SERVICE
        if claims.get("iss") not in (self.provider.issuer, _SUPABASE_ISSUER):
            raise INVALID
        if "aud" in claims and not self.provider.names_audience(claims):
            raise INVALID


def _stated_issuer(token: str) -> Any:
    """Return the `iss` of a token whose signature is not checked yet; None for a malformed token."""
    payload = token.partition(".")[2].partition(".")[0]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims.get("iss") if isinstance(claims, dict) else None


def _decode(token: str, key: Any, algorithm: str) -> dict[str, Any]:
    # `read` checks issuer and audience, because they differ between service tokens and sessions.
    return jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp"], "verify_aud": False, "verify_iss": False},
    )


_NO_SERVICE = UnauthenticatedError(
    "service_token_refused", "This deployment accepts no service tokens. Use an API key of the operator's account."
)
