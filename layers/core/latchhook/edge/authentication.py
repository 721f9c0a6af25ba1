"""Authentication of requests by session token or API key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.key_format import is_access_token
from latchhook.api_keys.verification import KeyVerifier, UseRequest
from latchhook.edge.base_urls import base_url
from latchhook.edge.errors import AmbiguousCredentialsError, FieldError, InvalidFieldsError
from latchhook.edge.rate_limits import rate_limited, usage_exceeded
from latchhook.edge.request import RawRequest
from latchhook.identity import caller
from latchhook.identity.caller import (
    ACCOUNT_ID_RULE,
    PORTAL_TOKEN_PREFIX,
    USER_ID_RULE,
    Caller,
    is_account_id,
    is_user_id,
    missing_scope,
)
from latchhook.identity.errors import ForbiddenError, UnauthenticatedError
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.requirements import NOTHING, InAccount, Joined, Requirement, Scope
from latchhook.permissions.scopes import MANAGE_ACCOUNTS

if TYPE_CHECKING:
    from latchhook.identity.identity import Identity
    from latchhook.identity.token_cache import Tokens

Credentials = Literal["any", "session", "key", "secret", "none"]
"""The credentials that an endpoint accepts. `secret` checks only a key's secret: a disabled key or one without credits
is accepted. `none` ignores all credentials: the body contains the credential."""

ANYONE = Caller("anyone", "", "", NO_GRANTS)
"""The caller of an endpoint that accepts no credentials."""

ACCOUNT_HEADER = "X-Account-Id"
ACTING_USER_HEADER = "X-Acting-User"


INVALID_KEY = UnauthenticatedError("invalid_api_key", "Invalid API key.")
INVALID_TOKEN = UnauthenticatedError("invalid_token", "The OAuth access token is invalid, expired or revoked.")


@dataclass(frozen=True, slots=True)
class Authenticated:
    """An authenticated caller, and the API key if that was the credential."""

    caller: Caller
    key: ApiKey | None = None


class Access(Protocol):
    """Applies stored memberships to the identities of sessions."""

    def applied(self, identity: "Identity", wanted_account_id: str | None) -> "Identity":
        """Return the identity with the role, client accounts and profile of its stored membership."""


class Portal(Protocol):
    """Authenticates portal sessions."""

    def caller(self, text: str, *, wanted_account_id: str | None, now: datetime) -> Caller:
        """Return the caller with this token. Raises `UnauthenticatedError` and `ForbiddenError`."""


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks credentials. `tokens`, `access`, `portal` and `keys` are called on the first credential of their kind."""

    tokens: "Callable[[], Tokens]"
    access: "Callable[[], Access]"
    keys: Callable[[], KeyVerifier]
    portal: Callable[[], Portal]
    operator_account_id: str

    def authenticate(
        self,
        request: RawRequest,
        *,
        accept: Credentials,
        now: datetime,
        scope: str | None = None,
        account_wide: bool = True,
    ) -> Authenticated:
        """Return the caller of `request`. A key without `scope` is refused before its use is counted.

        Only an `account_wide` endpoint reads `X-Account-Id`. The operator acts for the account that it names, except
        on endpoints that accept only keys, because these are about the key itself.

        Raises `UnauthenticatedError`, `ForbiddenError` (role, account or address), `LimitReachedError`,
        `AmbiguousCredentialsError`, `InvalidFieldsError` for invalid headers of the operator, and
        `DependencyUnavailableError` if the caller cannot be determined.
        """
        if accept == "none":
            return Authenticated(ANYONE)
        authorization = request.header("authorization")
        key_text = request.header("x-api-key")
        if authorization is not None and key_text is not None:
            raise AmbiguousCredentialsError
        wanted = request.header(ACCOUNT_HEADER.lower()) if account_wide else None
        if authorization is not None and accept in ("any", "session"):
            token = bearer_token(authorization)
            if not is_access_token(token):
                return Authenticated(self._by_token(token, request, wanted, now))
            if accept == "any":
                return self._by_key(token, request, wanted, None, now, scope)
        if key_text is not None and accept == "secret":
            return self._by_secret(key_text, wanted, now)
        if key_text is not None and accept != "session":
            if is_access_token(key_text):
                raise INVALID_KEY  # an OAuth token belongs into the header Authorization
            acts_for = wanted if accept == "any" and self.operator_account_id not in ("", wanted) else None
            return self._by_key(key_text, request, wanted, acts_for, now, scope)
        if authorization is not None and accept != "session":
            raise UnauthenticatedError(
                "api_key_required", "This endpoint requires an API key. Session tokens are not accepted."
            )
        if key_text is not None or authorization is not None:
            raise UnauthenticatedError(
                "session_required",
                "This endpoint requires a session token. API keys and OAuth tokens are not accepted.",
            )
        raise UnauthenticatedError("missing_credentials", "Missing credentials. Send a session token or an API key.")

    def _by_token(self, token: str, request: RawRequest, wanted: str | None, now: datetime) -> Caller:
        if token.startswith(PORTAL_TOKEN_PREFIX):
            return self.portal().caller(token, wanted_account_id=wanted, now=now)
        identity = self.tokens().read(token)
        if identity.is_service:
            return self._acting(caller.service(), request, wanted)
        identity = self.access().applied(identity, wanted)
        return caller.user(identity, wanted_account_id=wanted, operator_account_id=self.operator_account_id)

    def _acting(self, operator: Caller, request: RawRequest, account_id: str | None) -> Caller:
        """Return the operator as it acts for the account. Without an account, return the operator itself."""
        if not account_id:
            return operator
        user_id = request.header(ACTING_USER_HEADER.lower())
        acting = caller.acting(
            operator, account_id=account_id, user_id=user_id, operator_account_id=self.operator_account_id
        )
        invalid = []
        if not is_account_id(account_id):
            invalid.append(FieldError(ACCOUNT_HEADER, ACCOUNT_ID_RULE))
        if user_id is not None and not is_user_id(user_id):
            invalid.append(FieldError(ACTING_USER_HEADER, USER_ID_RULE))
        if invalid:
            raise InvalidFieldsError(invalid)
        return acting

    def _by_secret(self, key_text: str, wanted: str | None, now: datetime) -> Authenticated:
        key = self.keys().holds_secret(key_text, now=now)
        if key is None or key.kind != "api_key":
            raise INVALID_KEY
        return Authenticated(self._holder(key, NO_GRANTS, wanted), key)

    def _by_key(
        self,
        key_text: str,
        request: RawRequest,
        wanted: str | None,
        acts_for: str | None,
        now: datetime,
        scope: str | None,
    ) -> Authenticated:
        """Return the holder of a key or an OAuth token. The operator's key acts for the account `acts_for`, if set."""
        required = self._required(scope, wanted, may_act=bool(acts_for))
        is_token = is_access_token(key_text)
        invalid = INVALID_TOKEN if is_token else INVALID_KEY
        audience = base_url(request) if is_token else None
        use = UseRequest(required, ip_address=request.source_ip, audience=audience)
        verdict = self.keys().verify(key_text, use, now=now)
        key = verdict.key
        if key is None:
            raise invalid
        if verdict.code == "RATE_LIMITED":
            raise rate_limited(key, now)
        if verdict.code == "USAGE_EXCEEDED":
            raise usage_exceeded(key, now)
        if verdict.code == "IP_NOT_ALLOWED":
            by = Caller(key.kind, key.account_id, str(key.id), verdict.grants)
            raise ForbiddenError("ip_not_allowed", "The API key can't be used from this IP address.", by=by)
        is_acting = bool(acts_for) and key.account_id == self.operator_account_id
        if verdict.code == "INSUFFICIENT_SCOPE":
            holder = self._holder(key, verdict.grants, None if is_acting else wanted)
            missing = MANAGE_ACCOUNTS if is_acting else scope
            if missing is not None:
                raise missing_scope(missing, by=holder)
        if not verdict.valid:
            raise invalid
        if is_acting:
            operator = self._holder(key, verdict.grants, None)
            return Authenticated(self._acting(operator, request, acts_for), key)
        return Authenticated(self._holder(key, verdict.grants, wanted), key)

    def _holder(self, key: ApiKey, grants: Grants, wanted: str | None) -> Caller:
        return caller.key_holder(
            kind=key.kind,
            key_id=str(key.id),
            user_id=key.user_id or str(key.id),
            account_id=key.account_id,
            grants=grants,
            wanted_account_id=wanted,
            operator_account_id=self.operator_account_id,
        )

    def _required(self, scope: str | None, wanted: str | None, *, may_act: bool) -> Requirement:
        """The requirement on a key for a request in the account `wanted`. If the operator may act, its key needs
        `accounts:manage` instead of `scope`.

        The write checks the account, so that a request in an account that the key may not use spends nothing.
        """
        needed = NOTHING if scope is None else Scope(scope)
        if not wanted:
            return needed
        own = Joined("and", (InAccount(wanted), needed))
        if not may_act:
            return own
        operators = Joined("and", (InAccount(self.operator_account_id), Scope(MANAGE_ACCOUNTS)))
        return Joined("or", (own, operators))


def bearer_token(authorization: str) -> str:
    """Return the token of an `Authorization` header. Raises `UnauthenticatedError` for another scheme."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("invalid_token", "Invalid Authorization header. Send Bearer and a token.")
    return token.strip()
