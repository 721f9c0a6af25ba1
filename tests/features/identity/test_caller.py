"""The accounts for which a caller may act, and the caller's rights."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.identity import caller
from latchhook.identity.caller import Caller, is_account_id
from latchhook.identity.errors import ForbiddenError
from latchhook.identity.identity import Identity
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.roles import ROLES
from latchhook.permissions.scopes import MEMBER_SCOPES, OPERATOR_SCOPES
from tests.samples import CATALOGUE

OPERATOR = "acct_operator"


def _user(*, wanted_account_id: str | None = None, operator_account_id: str = OPERATOR, **changes: Any) -> Caller:
    settings: dict[str, Any] = {"user_id": "user_1", "account_id": "acct_1", "role": "admin"}
    identity = Identity(**settings | changes)
    return caller.user(identity, wanted_account_id=wanted_account_id, operator_account_id=operator_account_id)


def _refusal(**changes: Any) -> str:
    with pytest.raises(ForbiddenError) as refused:
        _user(**changes)
    return refused.value.code


@pytest.mark.parametrize("role", ["admin", "advisor"])
@pytest.mark.parametrize("wanted", [None, "", "acct_1"])
def test_admin_and_advisor_act_for_their_own_account(role: str, wanted: str | None) -> None:
    person = _user(role=role, wanted_account_id=wanted)

    assert (person.kind, person.account_id, person.actor_id) == ("user", "acct_1", "user_1")
    assert person.grants == ROLES[role].grants
    assert not person.is_operator


@pytest.mark.parametrize("role", ["member", "none", "", "viewer", "business_admin", "ADMIN", "service_role"])
def test_any_other_role_is_refused(role: str) -> None:
    assert _refusal(role=role) == "role_not_allowed"


def test_advisor_acts_for_a_requested_client_account() -> None:
    assert _user(role="advisor", client_account_ids=["c1", "c2"], wanted_account_id="c2").account_id == "c2"


def test_advisor_cannot_act_for_a_foreign_account() -> None:
    assert _refusal(role="advisor", client_account_ids=["c1"], wanted_account_id="c9") == "account_not_allowed"


def test_admin_cannot_act_for_a_client_account() -> None:
    assert _refusal(client_account_ids=["c1"], wanted_account_id="c1") == "account_not_allowed"


@pytest.mark.parametrize("account_id", ["", "a#b", "a b", "a\n", "é", "x" * 65])
def test_malformed_account_id_is_refused(account_id: str) -> None:
    assert _refusal(account_id=account_id) == "role_not_allowed"


@pytest.mark.parametrize("client", ["a#b", "a b", "x" * 65])
def test_malformed_client_account_id_is_refused(client: str) -> None:
    assert _refusal(role="advisor", client_account_ids=[client], wanted_account_id=client) == "account_not_allowed"


def test_admin_of_the_operator_account_is_the_operator() -> None:
    person = _user(account_id=OPERATOR)

    assert person.is_operator
    assert all(person.may(scope) for scope in (*CATALOGUE.everything, "*", "orders:*"))


def test_advisor_acting_for_a_client_is_not_the_operator() -> None:
    person = _user(account_id=OPERATOR, role="advisor", client_account_ids=["c1"], wanted_account_id="c1")

    assert not person.is_operator
    assert not any(person.may(scope) for scope in OPERATOR_SCOPES)


def test_advisor_with_the_operator_account_as_client_is_not_the_operator() -> None:
    person = _user(role="advisor", client_account_ids=[OPERATOR], wanted_account_id=OPERATOR)

    assert not person.is_operator
    assert not any(person.may(scope) for scope in OPERATOR_SCOPES)


def test_roles_are_admin_advisor_member_and_none() -> None:
    assert list(ROLES) == ["admin", "advisor", "member", "none"]
    assert [name for name, role in ROLES.items() if role.grants == NO_GRANTS] == ["member", "none"]
    assert [name for name, role in ROLES.items() if role.manages_clients] == ["advisor"]


@pytest.mark.parametrize("role", ["admin", "advisor"])
def test_admin_and_advisor_have_all_customer_scopes_and_no_operator_scope(role: str) -> None:
    person = _user(role=role)

    assert {scope for scope in CATALOGUE.everything if person.may(scope)} == CATALOGUE.for_customers
    assert {person.may(scope) for scope in MEMBER_SCOPES} == {role == "admin"}


def test_without_operator_account_no_user_is_the_operator() -> None:
    assert not _user(operator_account_id="").is_operator


def test_service_token_has_operator_scopes_and_no_account() -> None:
    service = caller.service()

    assert (service.kind, service.account_id) == ("service", "")
    assert service.grants == Grants(OPERATOR_SCOPES | {"event-types:read"})
    assert service.is_operator


def test_system_caller_has_no_rights() -> None:
    sweep = caller.system("acct_1", "expiry")

    assert (sweep.kind, sweep.account_id, sweep.actor_id) == ("system", "acct_1", "expiry")
    assert not sweep.is_operator
    assert not any(sweep.may(scope) for scope in CATALOGUE.everything)


def _holder(**changes: Any) -> Caller:
    settings: dict[str, Any] = {
        "key_id": "key-1",
        "user_id": "user_1",
        "account_id": "acct_1",
        "grants": Grants.of(["orders:read"]),
        "wanted_account_id": None,
        "operator_account_id": OPERATOR,
    }
    return caller.key_holder(**settings | changes)


@pytest.mark.parametrize("wanted", [None, "", "acct_1"])
def test_api_key_acts_for_its_account_with_its_scopes(wanted: str | None) -> None:
    holder = _holder(wanted_account_id=wanted)

    assert holder == Caller("api_key", "acct_1", "key-1", Grants.of(["orders:read"]), key_user_id="user_1")
    assert (holder.actor_id, holder.user_id) == ("key-1", "user_1")


def test_api_key_cannot_act_for_another_account() -> None:
    with pytest.raises(ForbiddenError):
        _holder(wanted_account_id="acct_2")


def test_key_of_the_operator_account_has_only_its_own_scopes() -> None:
    holder = _holder(account_id=OPERATOR, grants=Grants.of(["events:write"]))

    assert holder.may("events:write")
    assert not holder.may("api-keys:verify")


@given(st.frozensets(st.sampled_from(["*", "events:*", "api-keys:*", "event-types:*", *sorted(OPERATOR_SCOPES)])))
def test_no_scope_gives_operator_rights_to_a_customer_key(scopes: frozenset[str]) -> None:
    holder = _holder(grants=Grants(scopes))

    assert [scope for scope in OPERATOR_SCOPES if holder.may(scope)] == []


@pytest.mark.parametrize("wildcard", ["*", "events:*"])
def test_wildcard_does_not_grant_operator_scopes(wildcard: str) -> None:
    assert not _holder(account_id=OPERATOR, grants=Grants.of([wildcard])).may("events:write")


def test_denied_scope_of_a_key_is_not_granted() -> None:
    holder = _holder(account_id=OPERATOR, grants=Grants.of(["orders:*", "events:write"], ["orders:write", "events:*"]))

    assert holder.may("orders:read")
    assert not any(holder.may(scope) for scope in ("orders:write", "orders:*", "events:write"))


# ---- The operator acts for an account ----


def _acting(operator: Caller, account_id: str = "acct_1", user_id: str | None = "user_7") -> Caller:
    return caller.acting(operator, account_id=account_id, user_id=user_id, operator_account_id=OPERATOR)


def _operators_key(*scopes: str, denied: Iterable[str] = ()) -> Caller:
    return _holder(account_id=OPERATOR, grants=Grants.of(scopes, denied))


@pytest.mark.parametrize("operator", [caller.service(), _operators_key("accounts:manage")], ids=lambda each: each.kind)
def test_operator_acts_for_an_account_with_the_rights_of_an_admin(operator: Caller) -> None:
    acting = _acting(operator)

    assert (acting.kind, acting.actor_id, acting.account_id) == (operator.kind, operator.actor_id, "acct_1")
    assert acting.grants == _user().grants
    assert acting.is_operator
    assert acting.is_acting


@pytest.mark.parametrize("operator", [caller.service(), _operators_key("accounts:manage", *OPERATOR_SCOPES)])
def test_acting_operator_cannot_grant_operator_scopes_in_an_account(operator: Caller) -> None:
    assert [scope for scope in OPERATOR_SCOPES if _acting(operator).may(scope)] == []


def test_acting_user_owns_new_objects() -> None:
    assert _acting(caller.service()).user_id == "user_7"
    assert _acting(caller.service(), user_id=None).user_id == "service_role"
    assert _acting(_operators_key("accounts:manage"), user_id=None).user_id == "user_1"


@pytest.mark.parametrize("scope", ["*", "accounts:*", "api-keys:verify", "webhooks:write"])
def test_operators_key_without_accounts_manage_cannot_act(scope: str) -> None:
    with pytest.raises(ForbiddenError, match="accounts:manage") as refused:
        _acting(_operators_key(scope))

    assert refused.value.code == "insufficient_scope"
    assert refused.value.by == _operators_key(scope)


def test_customers_key_cannot_act() -> None:
    with pytest.raises(ForbiddenError):
        _acting(_holder(grants=Grants.of(["accounts:manage"])), "acct_2")


def test_denials_of_the_operators_key_remain_when_it_acts() -> None:
    acting = _acting(_operators_key("accounts:manage", denied=["webhooks:*"]))

    assert acting.may("api-keys:write")
    assert not any(acting.may(scope) for scope in ("webhooks:read", "webhooks:write", "*"))


def test_service_token_acts_for_the_operator_account_as_its_admin() -> None:
    assert _acting(caller.service(), OPERATOR).grants == _user(account_id=OPERATOR).grants


def test_users_of_the_operator_account_act_for_no_other_account() -> None:
    assert _refusal(account_id=OPERATOR, wanted_account_id="acct_1") == "account_not_allowed"


def test_missing_scope_is_forbidden_and_named() -> None:
    with pytest.raises(ForbiddenError, match="orders:write") as refused:
        _holder().require("orders:write")

    assert refused.value.code == "insufficient_scope"


def test_granted_scope_is_not_forbidden() -> None:
    _holder().require("orders:read")


@pytest.mark.parametrize("text", ["a", "A1_b.c:d-e", "x" * 64, "6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001"])
def test_account_id_has_letters_digits_and_four_punctuation_marks(text: str) -> None:
    assert is_account_id(text)


@given(st.text().filter(lambda text: not text.isascii() or "#" in text or len(text) > 64))
def test_any_other_text_is_no_account_id(text: str) -> None:
    assert not is_account_id(text)
