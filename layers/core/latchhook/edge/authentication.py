"""Who sends a request: a session token or an API key, checked on every request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from latchhook.api_keys.verification import KeyChecks, verify
from latchhook.edge.errors import AmbiguousCredentialsError
from latchhook.edge.request import RawRequest
from latchhook.identity import caller
from latchhook.identity.caller import Caller
from latchhook.identity.errors import UnauthenticatedError
from latchhook.permissions.scopes import Catalogue

if TYPE_CHECKING:
    from latchhook.identity.remembered_tokens import Tokens


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks credentials. `tokens` and `keys` are built when the first credential of their kind arrives."""

    tokens: "Callable[[], Tokens]"
    keys: Callable[[], KeyChecks]
    key_prefix: str
    catalogue: Catalogue
    operator_account_id: str

    def authenticate(self, request: RawRequest, *, accept_keys: bool, now: datetime) -> Caller:
        """The caller of `request`.

        Raises `UnauthenticatedError`, `ForbiddenError` (a role or an account that may not manage),
        `AmbiguousCredentialsError`, and `StoreUnavailableError` when it can't be known who it is.
        """
        authorization = request.header("authorization")
        key_text = request.header("x-api-key")
        if authorization is not None and key_text is not None:
            raise AmbiguousCredentialsError
        wanted = request.header("x-account-id")
        if authorization is not None:
            return self._by_token(authorization, wanted)
        if key_text is not None and accept_keys:
            return self._by_key(key_text, wanted, now)
        if key_text is not None:
            raise UnauthenticatedError("session_required", "This endpoint takes a session token, not an API key.")
        raise UnauthenticatedError("missing_credentials", "Send a session token or an API key.")

    def _by_token(self, authorization: str, wanted: str | None) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthenticatedError("invalid_token", "The Authorization header must be Bearer and a session token.")
        claims = self.tokens().read(token.strip())
        if claims.is_service:
            return caller.service()
        return caller.user(
            user_id=claims.user_id,
            account_id=claims.account_id,
            role=claims.role,
            client_account_ids=claims.client_account_ids,
            wanted_account_id=wanted,
            catalogue=self.catalogue,
            operator_account_id=self.operator_account_id,
        )

    def _by_key(self, key_text: str, wanted: str | None, now: datetime) -> Caller:
        verdict = verify(key_text, prefix=self.key_prefix, required_scopes=(), now=now, checks=self.keys())
        if not verdict.valid or verdict.key is None:
            raise UnauthenticatedError("invalid_api_key", "The API key does not hold.")
        return caller.key_holder(
            key_id=str(verdict.key.id),
            account_id=verdict.key.account_id,
            key_scopes=verdict.key.scopes,
            wanted_account_id=wanted,
            operator_account_id=self.operator_account_id,
        )
