"""The tables in docs/integrate/permissions.md match the code."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from latchhook.identity import caller as callers
from latchhook.identity.caller import Caller
from latchhook.identity.errors import ForbiddenError
from latchhook.identity.identity import Identity
from latchhook.permissions.grants import NO_GRANTS
from latchhook.permissions.profiles import MAX_ACTIONS, MAX_PROFILES_PER_ACCOUNT, MAX_RULES
from latchhook.permissions.roles import ROLES
from latchhook.permissions.scopes import CUSTOMER_SCOPES, MAX_SCOPES_PER_KEY, OPERATOR_SCOPES

PAGE = Path(__file__).parents[3] / "docs" / "integrate" / "permissions.md"
OPERATOR = "operator"


@cache
def tables() -> tuple[Mapping[str, tuple[str, ...]], ...]:
    """Return the page's tables. Each maps the first cell of a row to its other cells."""
    blocks = re.findall(r"(?:^\|.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return tuple(_table(block) for block in blocks)


def _table(block: str) -> Mapping[str, tuple[str, ...]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    return {first.strip("`"): tuple(rest) for first, *rest in rows[2:]}


def codes(text: str) -> set[str]:
    """Return the texts in backticks."""
    return set(re.findall(r"`([^`]+)`", text))


def person(role: str, account_id: str = "acme", wanted: str | None = None) -> Caller:
    """Return a user with the role whose only client account is `client`."""
    return callers.user(
        Identity("u", account_id, role, ("client",)), wanted_account_id=wanted, operator_account_id=OPERATOR
    )


def test_page_has_a_table_of_callers_and_a_table_of_limits() -> None:
    who, limits = tables()

    assert list(who) == [
        *ROLES, "API key", "operator's API key", "operator's users", "service token", "operator for an account",
    ]  # fmt: skip
    assert len(limits) == 4


WITH_RIGHTS = [name for name, role in ROLES.items() if role.grants != NO_GRANTS]


@pytest.mark.parametrize("role", WITH_RIGHTS)
def test_role_grants_match_the_page(role: str) -> None:
    holds, accounts = tables()[0][role]

    assert person(role).grants == ROLES[role].grants
    assert ROLES[role].grants.allowed == codes(holds)
    assert ROLES[role].grants.denied == set()
    assert ("X-Account-Id" in codes(accounts)) == ROLES[role].manages_clients
    if ROLES[role].manages_clients:
        assert person(role, wanted="client").account_id == "client"
    else:
        with pytest.raises(ForbiddenError):
            person(role, wanted="client")


@pytest.mark.parametrize("role", sorted(ROLES.keys() - set(WITH_RIGHTS)))
def test_role_without_rights_is_refused(role: str) -> None:
    holds, accounts = tables()[0][role]
    assert (holds.startswith("nothing: 403"), accounts) == (True, "none")
    with pytest.raises(ForbiddenError):
        person(role)


@pytest.mark.parametrize("role", WITH_RIGHTS)
def test_operator_users_grants_match_the_page(role: str) -> None:
    holds, _ = tables()[0]["operator's users"]

    assert person(role, OPERATOR).grants.allowed == codes(holds) | ROLES[role].grants.allowed
    assert person(role, OPERATOR).is_operator


def test_service_token_grants_match_the_page() -> None:
    holds, _ = tables()[0]["service token"]

    assert callers.service().grants.allowed == codes(holds) == OPERATOR_SCOPES | {"event-types:read"}


def test_grants_of_the_acting_operator_match_the_page() -> None:
    holds, _ = tables()[0]["operator for an account"]
    acting = callers.acting(callers.service(), account_id="acme", user_id=None, operator_account_id=OPERATOR)

    assert acting.grants.allowed == codes(holds)


def test_limits_match_the_page() -> None:
    assert {limit: int(number) for limit, (number,) in tables()[1].items()} == {
        "profiles in an account": MAX_PROFILES_PER_ACCOUNT,
        "rules in a profile": MAX_RULES,
        "actions in all rules of a profile": MAX_ACTIONS,
        "scopes of a key itself": MAX_SCOPES_PER_KEY,
    }


def test_page_lists_latchhooks_own_scopes() -> None:
    (own,) = re.findall(r"Latchhook's own scopes \(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    (operators,) = re.findall(r"Operator scopes \(([^)]+)\)", PAGE.read_text(encoding="utf-8"))

    assert codes(own) == CUSTOMER_SCOPES
    assert codes(operators) == OPERATOR_SCOPES
