"""Who is calling: the account one acts for, and what one may do there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from latchhook.identity.errors import ForbiddenError
from latchhook.permissions import scopes

_ACCOUNT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def is_account_id(text: str) -> bool:
    """Whether `text` can name an account: 1 to 64 letters, digits, `_`, `.`, `:` or `-`. `#` separates keys' parts."""
    return _ACCOUNT_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose credential has been checked."""

    kind: str
    """`user` (a session token), `service` (the operator's service token) or `api_key`."""
    account_id: str
    """The account one acts for; empty for the operator's service token, which belongs to none."""
    actor_id: str
    """The user's id, the key's id, or `service_role`."""
    scopes: frozenset[str]
    """What one holds, wildcards included."""
    is_operator: bool = False
    """The platform's own backend: its rights reach across accounts."""

    def may(self, scope: str) -> bool:
        """Whether what is held covers `scope`; no wildcard makes an operator of a customer."""
        if scope in scopes.OPERATOR_SCOPES and not self.is_operator:
            return False
        return scopes.covers(self.scopes, scope)

    def require(self, scope: str) -> None:
        """Raises `ForbiddenError` unless `scope` is held."""
        if not self.may(scope):
            raise ForbiddenError("insufficient_scope", f"This needs the scope {scope}.")


def user(
    *,
    user_id: str,
    account_id: str,
    role: str,
    client_account_ids: Iterable[str],
    wanted_account_id: str | None,
    catalogue: scopes.Catalogue,
    operator_account_id: str,
) -> Caller:
    """A signed-in person by role (document 002): a business admin in the own account, an advisor also in clients'.

    `wanted_account_id` is the `X-Account-Id` header. Raises `ForbiddenError` for other roles, for a session
    without an account and for an account that is not one's to manage, whether or not it exists.
    """
    if role not in ("business_admin", "advisor") or not is_account_id(account_id):
        raise ForbiddenError("role_not_allowed", "Only business admins and advisors manage integrations.")
    chosen = wanted_account_id or account_id
    if chosen != account_id and (
        role != "advisor" or chosen not in set(client_account_ids) or not is_account_id(chosen)
    ):
        raise ForbiddenError("account_not_allowed", "X-Account-Id names an account that you may not manage.")
    # Of the operator account's own people only: an advisor's list of clients makes nobody the platform.
    is_operator = bool(operator_account_id) and account_id == chosen == operator_account_id
    held = catalogue.everything if is_operator else catalogue.for_customers
    return Caller("user", chosen, user_id, held, is_operator)


def service() -> Caller:
    """The platform's own backend with its service token: what concerns all accounts, and no account's things."""
    return Caller("service", "", "service_role", scopes.OPERATOR_SCOPES, is_operator=True)


def key_holder(
    *,
    key_id: str,
    account_id: str,
    key_scopes: Iterable[str],
    wanted_account_id: str | None,
    operator_account_id: str,
) -> Caller:
    """The holder of an API key: that key's account and scopes, and no other account."""
    if wanted_account_id and wanted_account_id != account_id:
        raise ForbiddenError("account_not_allowed", "X-Account-Id names another account than the key's.")
    is_operator = bool(operator_account_id) and account_id == operator_account_id
    return Caller("api_key", account_id, key_id, frozenset(key_scopes), is_operator)
