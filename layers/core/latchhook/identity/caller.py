"""Callers: the account and the rights of each kind of credential."""

import re
from dataclasses import dataclass, replace

from latchhook.identity.errors import ForbiddenError
from latchhook.identity.identity import Identity
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.roles import ROLES, rights_of
from latchhook.permissions.scopes import MANAGE_ACCOUNTS, OPERATOR_SCOPES

SERVICE_ROLE = "service_role"
"""The actor id of the operator's service token."""

PORTAL_TOKEN_PREFIX = "lhps_"  # noqa: S105 - a prefix
"""The first characters of a portal session's token."""

_ACCOUNT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

ACCOUNT_ID_PATTERN = f"^{_ACCOUNT_ID.pattern}$"
"""What `is_account_id` accepts."""


ACCOUNT_ID_RULE = "Must be 1 to 64 letters, digits, `_`, `.`, `:` or `-`."
"""The error text for another account id."""

MAX_USER_ID_LENGTH = 255
"""Characters of `sub` in OpenID Connect (Core 1.0, 2)."""

_USER_ID = re.compile(rf"[\x21-\x7e]{{1,{MAX_USER_ID_LENGTH}}}")

USER_ID_PATTERN = f"^{_USER_ID.pattern}$"
"""What `is_user_id` accepts."""

USER_ID_RULE = f"Must be 1 to {MAX_USER_ID_LENGTH} printable ASCII characters without spaces."
"""The error text for another user id."""


def is_user_id(text: str) -> bool:
    """Return whether `text` can be a user's id: 1 to 255 printable ASCII characters without spaces."""
    return _USER_ID.fullmatch(text) is not None


def is_account_id(text: str) -> bool:
    """Return whether `text` can be an account id: 1 to 64 letters, digits, `_`, `.`, `:` or `-`.

    `#` is not allowed, because it separates the parts of keys in the tables.
    """
    return _ACCOUNT_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller."""

    kind: str
    """`user` (a session token), `service` (the operator's service token), `api_key`, `oauth_token` or `system`."""
    account_id: str
    """The account that the caller acts for. Empty for the operator's service token until it chooses an account."""
    actor_id: str
    """The user's id, the id of the key or the OAuth grant, or `service_role`."""
    grants: Grants
    """The caller's rights."""
    is_operator: bool = False
    """Whether the caller is the operator, whose scopes work across accounts."""
    key_user_id: str | None = None
    """The user of the API key or the OAuth grant, if that is the credential."""
    is_acting: bool = False
    """Whether the operator acts for an account, with an admin's rights there."""
    identity: Identity | None = None
    """The user's identity with its stored membership, if the credential is a session."""
    portal_session_id: str | None = None
    """The portal session that is the credential."""
    acting_user_id: str | None = None
    """The user for whom the operator acts, as the operator states it. It gives no right."""

    @property
    def user_id(self) -> str:
        """The user who owns new objects: the user for whom the operator acts, or of the session, or of the API key."""
        return self.acting_user_id or self.key_user_id or self.actor_id

    def may(self, scope: str) -> bool:
        """Return whether the caller has `scope`, which may be a wildcard. Only the operator has operator scopes."""
        return (self.is_operator or scope not in OPERATOR_SCOPES) and self.grants.may(scope)

    def require(self, scope: str) -> None:
        """Raise `ForbiddenError` if the caller lacks `scope`."""
        if not self.may(scope):
            raise missing_scope(scope, by=self)


def missing_scope(scope: str, *, by: Caller) -> ForbiddenError:
    """The error for a caller without `scope`."""
    detail = f"The caller needs the scope {scope}."
    if by.may(MANAGE_ACCOUNTS) and scope not in OPERATOR_SCOPES:
        detail += " To act for an account, send X-Account-Id."
    return ForbiddenError("insufficient_scope", detail, by=by)


def user(identity: Identity, *, wanted_account_id: str | None, operator_account_id: str) -> Caller:
    """Build the caller of a user session with a role (permissions/roles.py).

    A user acts for the own account, and an advisor also for client accounts. A stored membership has been applied to
    the identity (members/access.py). `wanted_account_id` is the `X-Account-Id` header.

    Raises `ForbiddenError` for a role without rights, for a session without an account, and for an account that the
    user may not manage, whether or not it exists.
    """
    own, rights = identity.account_id, ROLES.get(identity.role, ROLES["none"])
    known = Caller("user", own, identity.user_id, NO_GRANTS) if is_account_id(own) else None
    if known is None or not (rights.grants.allowed or identity.profile.allowed):
        raise ForbiddenError(
            "role_not_allowed", "Only admins, advisors and members with a permission profile have rights.", by=known
        )
    chosen = wanted_account_id or own
    may_choose = rights.manages_clients and chosen in set(identity.client_account_ids) and is_account_id(chosen)
    if chosen != own and not may_choose:
        raise ForbiddenError("account_not_allowed", "X-Account-Id names an account that you may not manage.", by=known)
    # Only users of the operator account are operators. An advisor with the operator account as a client is not.
    is_operator = bool(operator_account_id) and own == chosen == operator_account_id
    grants = rights_of(identity.role, identity.profile, in_operator_account=is_operator)
    return Caller("user", chosen, identity.user_id, grants, is_operator, identity=identity)


def portal_user(identity: Identity, grants: Grants, *, session_id: str, wanted_account_id: str | None) -> Caller:
    """Build the caller of a portal session: a user of one account, without operator scopes.

    Raises `ForbiddenError` for a session without rights and for another account.
    """
    person = Caller(
        "user", identity.account_id, identity.user_id, grants, identity=identity, portal_session_id=session_id
    )
    if not grants.allowed:
        raise ForbiddenError("role_not_allowed", "The portal session has no rights.", by=person)
    if wanted_account_id and wanted_account_id != identity.account_id:
        raise ForbiddenError("account_not_allowed", "X-Account-Id names an account that you may not manage.", by=person)
    return person


def service() -> Caller:
    """Build the caller of the service token: the operator's backend, with rights across accounts and no account."""
    grants = Grants(OPERATOR_SCOPES | {"event-types:read"})
    return Caller("service", "", SERVICE_ROLE, grants, is_operator=True)


def acting(operator: Caller, *, account_id: str, user_id: str | None, operator_account_id: str) -> Caller:
    """Build the caller of an operator that acts for an account: the rights of an admin there.

    `user_id` is the user that the operator names (`X-Acting-User`). The denials of the operator's key remain. An
    operator scope is of use only in the operator's account, so that the operator cannot grant it in another account.
    Raises `ForbiddenError` without the scope `accounts:manage`.
    """
    operator.require(MANAGE_ACCOUNTS)
    of_operator = OPERATOR_SCOPES if account_id == operator_account_id else frozenset[str]()
    grants = Grants(ROLES["admin"].grants.allowed | of_operator, operator.grants.denied)
    return replace(operator, account_id=account_id, grants=grants, is_acting=True, acting_user_id=user_id)


def system(account_id: str, actor_id: str) -> Caller:
    """Build the caller for Latchhook's own work on an account. `actor_id` names the scheduled job or scanner."""
    return Caller("system", account_id, actor_id, Grants.of([]))


def key_holder(
    *,
    kind: str = "api_key",
    key_id: str,
    user_id: str,
    account_id: str,
    grants: Grants,
    wanted_account_id: str | None,
    operator_account_id: str,
) -> Caller:
    """Build the caller of an API key or an OAuth token: the account and the rights of the key or the grant.

    Raises `ForbiddenError` if `wanted_account_id`, the `X-Account-Id` header, is another account.
    """
    is_operator = kind == "api_key" and bool(operator_account_id) and account_id == operator_account_id
    holder = Caller(kind, account_id, key_id, grants, is_operator, key_user_id=user_id)
    if wanted_account_id and wanted_account_id != account_id:
        raise ForbiddenError("account_not_allowed", "X-Account-Id must be the key's own account.", by=holder)
    return holder
