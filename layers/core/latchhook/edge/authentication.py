"""Authentication of requests by session token or API key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import KeyVerifier, UseRequest
from latchhook.edge.errors import AmbiguousCredentialsError
from latchhook.edge.rate_limits import rate_limited, usage_exceeded
from latchhook.edge.request import RawRequest
from latchhook.identity import caller
from latchhook.identity.caller import Caller, missing_scope
from latchhook.identity.errors import ForbiddenError, UnauthenticatedError
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.requirements import NOTHING, Scope

if TYPE_CHECKING:
    from latchhook.identity.token_cache import Tokens

Credentials = Literal["any", "session", "key", "secret"]
"""The credentials that an endpoint accepts. `secret` checks only a key's secret: a disabled key or one without credits
is accepted."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """An authenticated caller, and the API key if that was the credential."""

    caller: Caller
    key: ApiKey | None = None


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks credentials. `tokens` and `keys` are called on the first credential of their kind."""

    tokens: "Callable[[], Tokens]"
    keys: Callable[[], KeyVerifier]
    operator_account_id: str

    def authenticate(
        self, request: RawRequest, *, accept: Credentials, now: datetime, scope: str | None = None
    ) -> Authenticated:
        """Return the caller of `request`. A key without `scope` is refused before its use is counted.

        Raises `UnauthenticatedError`, `ForbiddenError` (role, account or address), `LimitReachedError`,
        `AmbiguousCredentialsError`, and `DependencyUnavailableError` if the caller cannot be determined.
        """
        authorization = request.header("authorization")
        key_text = request.header("x-api-key")
        if authorization is not None and key_text is not None:
            raise AmbiguousCredentialsError
        wanted = request.header("x-account-id")
        if authorization is not None and accept in ("any", "session"):
            return Authenticated(self._by_token(authorization, wanted))
        if key_text is not None and accept == "secret":
            return self._by_secret(key_text, wanted, now)
        if key_text is not None and accept != "session":
            return self._by_key(key_text, wanted, request.source_ip, now, scope)
        if authorization is not None:
            raise UnauthenticatedError(
                "api_key_required", "This endpoint requires an API key. Session tokens are not accepted."
            )
        if key_text is not None:
            raise UnauthenticatedError(
                "session_required", "This endpoint requires a session token. API keys are not accepted."
            )
        raise UnauthenticatedError("missing_credentials", "Missing credentials. Send a session token or an API key.")

    def _by_token(self, authorization: str, wanted: str | None) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthenticatedError(
                "invalid_token", "Invalid Authorization header. Send Bearer and a session token."
            )
        claims = self.tokens().read(token.strip())
        if claims.is_service:
            return caller.service()
        return caller.user(
            user_id=claims.user_id,
            account_id=claims.account_id,
            role=claims.role,
            client_account_ids=claims.client_account_ids,
            wanted_account_id=wanted,
            operator_account_id=self.operator_account_id,
        )

    def _by_secret(self, key_text: str, wanted: str | None, now: datetime) -> Authenticated:
        key = self.keys().holds_secret(key_text, now=now)
        if key is None:
            raise UnauthenticatedError("invalid_api_key", "Invalid API key.")
        return Authenticated(self._holder(key, NO_GRANTS, wanted), key)

    def _by_key(
        self, key_text: str, wanted: str | None, address: str, now: datetime, scope: str | None
    ) -> Authenticated:
        required = NOTHING if scope is None else Scope(scope)
        verdict = self.keys().verify(key_text, UseRequest(required, ip_address=address), now=now)
        key = verdict.key
        if key is None:
            raise UnauthenticatedError("invalid_api_key", "Invalid API key.")
        if verdict.code == "RATE_LIMITED":
            raise rate_limited(key, now)
        if verdict.code == "USAGE_EXCEEDED":
            raise usage_exceeded(key, now)
        if verdict.code == "IP_NOT_ALLOWED":
            by = Caller("api_key", key.account_id, str(key.id), verdict.grants)
            raise ForbiddenError("ip_not_allowed", "The API key can't be used from this IP address.", by=by)
        if verdict.code == "INSUFFICIENT_SCOPE" and scope is not None:
            raise missing_scope(scope, by=self._holder(key, verdict.grants, wanted))
        if not verdict.valid:
            raise UnauthenticatedError("invalid_api_key", "Invalid API key.")
        return Authenticated(self._holder(key, verdict.grants, wanted), key)

    def _holder(self, key: ApiKey, grants: Grants, wanted: str | None) -> Caller:
        return caller.key_holder(
            key_id=str(key.id),
            user_id=key.user_id,
            account_id=key.account_id,
            grants=grants,
            wanted_account_id=wanted,
            operator_account_id=self.operator_account_id,
        )
