"""Identity providers: their settings, and the identity in the claims of their tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from latchhook.identity.claims import ClaimPath, InvalidClaimError, first
from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity
from latchhook.permissions.roles import ROLES

SUPABASE, AUTH0, COGNITO, CLERK, OIDC = "supabase", "auth0", "cognito", "clerk", "oidc"

Paths = tuple[ClaimPath, ...]
"""Paths of one value. The first path that exists in a token counts."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An issuer of session tokens: its keys, its audience, and the paths of its claims."""

    preset: str
    issuer: str
    audiences: frozenset[str]
    """A token must name one of these. Empty: a token must name no audience."""
    jwks_url: str = ""
    """The URL of the public keys for ES256 and RS256. Empty refuses such tokens."""
    secret_arn: str = ""
    """The Secrets Manager secret with the HS256 secret. Empty refuses such tokens."""
    allowed_clients: frozenset[str] = frozenset()
    """The OAuth clients (`client_id`, `azp`) whose tokens count as user sessions."""
    user: Paths = ()
    account: Paths = ()
    role: Paths = ()
    clients: Paths = ()
    """The client accounts of an advisor: a list, or a text with commas."""
    name: Paths = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    """Latchhook's role by the role of the provider. Every other role is `none`."""

    def check_purpose(self, claims: Mapping[str, Any]) -> None:
        """Check that a token of this issuer is a session token for this API. Raises `UnauthenticatedError`."""
        self.refuse_third_party(claims)
        if not self.names_audience(claims):
            raise INVALID
        kind = claims.get("token_use") if self.preset == COGNITO else claims.get("typ")
        if self.preset == COGNITO and kind not in ("id", "access"):
            raise INVALID
        # Keycloak marks refresh tokens, logout tokens and others in the payload.
        if self.preset == OIDC and kind not in (None, "Bearer", "ID", "JWT"):
            raise INVALID
        # A logout token (OpenID Connect Back-Channel Logout 1.0, 2.4).
        if "events" in claims:
            raise INVALID
        # A session of Clerk with open tasks is not signed in.
        if self.preset == CLERK and claims.get("sts") == "pending":
            raise INVALID

    def names_audience(self, claims: Mapping[str, Any]) -> bool:
        """Return whether the token is for this deployment. Access tokens of Cognito name only the app client."""
        is_access_token = self.preset == COGNITO and claims.get("token_use") == "access"
        audience = claims.get("client_id" if is_access_token else "aud")
        if audience is None and not self.audiences:
            return True
        named = audience if isinstance(audience, list) else [audience]
        return any(isinstance(each, str) and each in self.audiences for each in named)

    def refuse_third_party(self, claims: Mapping[str, Any]) -> None:
        """Refuse a token that was issued to an OAuth client, because it proves consent, not the user's presence.

        Such a token has the issuer, the audience and the account of a session. Only `client_id` (RFC 9068, 2.2) or
        `azp` (OpenID Connect Core, 2) marks it. Every value counts, so that an unusual value does not hide the client.
        An audience that is an app of the deployment may also be the client.
        """
        own = self.allowed_clients if self.preset == SUPABASE else self.allowed_clients | self.audiences
        for name in ("client_id", "azp"):
            if name in claims and not (isinstance(claims[name], str) and claims[name] in own):
                raise THIRD_PARTY

    def identity_of(self, claims: Mapping[str, Any], *, expires_at: float) -> Identity:
        """Return the user in the claims of a valid token.

        Raises `UnauthenticatedError` for a token without a user, and for a claim of another type than its path says.
        """
        try:
            user_id = first(self.user, claims)
            if not user_id or not isinstance(user_id, str):
                raise INVALID
            return Identity(
                user_id=user_id,
                account_id=str(first(self.account, claims) or ""),
                role=self._role(first(self.role, claims)),
                client_account_ids=_listed(first(self.clients, claims)),
                name=self._name(claims),
                expires_at=expires_at,
            )
        except InvalidClaimError as error:
            raise UnauthenticatedError("invalid_token", str(error)) from None

    def _role(self, value: str | tuple[str, ...] | None) -> str:
        """The role of a user. Of several roles, the first in the order of `ROLES` counts."""
        given = {value} if isinstance(value, str) else set(value or ())
        mapped = {self.roles.get(each, "none") for each in given}
        return next((role for role in ROLES if role in mapped), "none")

    def _name(self, claims: Mapping[str, Any]) -> str | None:
        """The user's name. It is only shown, so a value of another type does not make the token invalid."""
        try:
            name = first(self.name, claims)
        except InvalidClaimError:
            return None
        return name if isinstance(name, str) else None


def _listed(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value or ()


INVALID = UnauthenticatedError(
    "invalid_token", "The session token is invalid. Get a new token from the identity provider."
)
THIRD_PARTY = UnauthenticatedError(
    "third_party_token",
    "The token was issued to an OAuth client that may not call this API. Use a session token of the user.",
)
