"""Who is calling: the account one acts for, and what one may do there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from latchhook.identity.errors import ForbiddenError
from latchhook.permissions.grants import Grants
from latchhook.permissions.roles import ROLES
from latchhook.permissions.scopes import EVERYTHING, OPERATOR_SCOPES

_ACCOUNT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def is_account_id(text: str) -> bool:
    """Whether `text` can name an account: 1 to 64 letters, digits, `_`, `.`, `:` or `-`. `#` separates keys' parts."""
    return _ACCOUNT_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose credential has been checked."""

    kind: str
    """`user` (a session token), `service` (the operator's service token), `api_key` or `system`."""
    account_id: str
    """The account one acts for; empty for the operator's service token, which belongs to none."""
    actor_id: str
    """The user's id, the key's id, or `service_role`."""
    grants: Grants
    """What one may do."""
    is_operator: bool = False
    """The platform's own backend: its rights reach across accounts."""
    key_user_id: str | None = None
    """The user of the API key, if that was the credential."""

    @property
    def user_id(self) -> str:
        """The user whom new objects belong to: the user of the session, or the user of the API key."""
        return self.actor_id if self.key_user_id is None else self.key_user_id

    def may(self, scope: str) -> bool:
        """Whether all of `scope`, which may be a wildcard, is held; an operator's scope is the operator's alone."""
        return (self.is_operator or scope not in OPERATOR_SCOPES) and self.grants.may(scope)

    def require(self, scope: str) -> None:
        """Raises `ForbiddenError` unless `scope` is held."""
        if not self.may(scope):
            raise missing_scope(scope, by=self)


def missing_scope(scope: str, *, by: Caller) -> ForbiddenError:
    """The refusal of a caller without `scope`."""
    return ForbiddenError("insufficient_scope", f"This needs the scope {scope}.", by=by)


def user(
    *,
    user_id: str,
    account_id: str,
    role: str,
    client_account_ids: Iterable[str],
    wanted_account_id: str | None,
    operator_account_id: str,
) -> Caller:
    """A signed-in person by role (permissions/roles.py): in the own account, an advisor also in clients'.

    `wanted_account_id` is the `X-Account-Id` header. Raises `ForbiddenError` for other roles, for a session
    without an account and for an account that is not one's to manage, whether or not it exists.
    """
    rights = ROLES.get(role)
    known = Caller("user", account_id, user_id, Grants.of([])) if is_account_id(account_id) else None
    if rights is None or known is None:
        raise ForbiddenError("role_not_allowed", "Only business admins and advisors manage integrations.", by=known)
    chosen = wanted_account_id or account_id
    if chosen != account_id and (
        not rights.manages_clients or chosen not in set(client_account_ids) or not is_account_id(chosen)
    ):
        raise ForbiddenError("account_not_allowed", "X-Account-Id names an account that you may not manage.", by=known)
    # Of the operator account's own people only: an advisor's list of clients makes nobody the platform.
    is_operator = bool(operator_account_id) and account_id == chosen == operator_account_id
    grants = Grants.of([EVERYTHING, *OPERATOR_SCOPES]) if is_operator else rights.grants
    return Caller("user", chosen, user_id, grants, is_operator)


def service() -> Caller:
    """The platform's own backend with its service token: what concerns all accounts, and no account's things."""
    return Caller("service", "", "service_role", Grants(OPERATOR_SCOPES | {"event-types:read"}), is_operator=True)


def system(account_id: str, actor_id: str) -> Caller:
    """Latchhook itself, working on an account by schedule or on a report: `actor_id` names the part of it."""
    return Caller("system", account_id, actor_id, Grants.of([]))


def key_holder(
    *,
    key_id: str,
    user_id: str,
    account_id: str,
    grants: Grants,
    wanted_account_id: str | None,
    operator_account_id: str,
) -> Caller:
    """The holder of an API key: that key's account and rights, and no other account."""
    is_operator = bool(operator_account_id) and account_id == operator_account_id
    holder = Caller("api_key", account_id, key_id, grants, is_operator, key_user_id=user_id)
    if wanted_account_id and wanted_account_id != account_id:
        raise ForbiddenError("account_not_allowed", "X-Account-Id names another account than the key's.", by=holder)
    return holder
