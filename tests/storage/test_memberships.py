"""Stored memberships of callers: one consistent read, a second one after a change of the profile, and concurrency."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from latchhook.api_keys.verification import RightsSources
from latchhook.identity import caller
from latchhook.identity.errors import ForbiddenError
from latchhook.identity.identity import Identity
from latchhook.members.access import MemberAccess, StoredMembership
from latchhook.members.member import Member
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Profile, Rule
from latchhook.storage.members_table import MembersTable
from latchhook.storage.memberships import NOTHING_STORED, MembershipsTable
from tests.samples import ACCOUNT, NOW, entry, profile
from tests.storage.conftest import Store
from tests.storage.races import assert_refused_from_the_next_request
from tests.template_tables import SETTINGS

OTHER = "globex"
USER = "auth0|zoe"


@pytest.fixture
def memberships(store: Store) -> MembershipsTable:
    """The reader, with an empty memory."""
    return MembershipsTable(store.database, table=SETTINGS)


def _read(memberships: MembershipsTable, account_id: str = ACCOUNT, own: str = ACCOUNT) -> StoredMembership:
    return memberships.read(USER, account_id=account_id, own_account_id=own)


def _member(account_id: str = ACCOUNT, profile_id: UUID | None = None, clients: int = 0) -> Member:
    role = "advisor" if clients else "member"
    return Member(account_id, USER, role, profile_id, None, None, clients, NOW, NOW)  # type: ignore[arg-type]


def _add(store: Store, member: Member, *clients: str) -> Member:
    added = replace(entry(member.account_id, action="member.created"), target_id=USER)
    MembersTable(store.database, audit=store.audit_items).add(member, frozenset(clients), added)
    return member


def _profile(store: Store, number: int = 1) -> Profile:
    made = profile(number)
    store.profiles.add(made, entry(seed=number))
    return made


def test_user_without_a_membership_costs_one_call(store: Store, memberships: MembershipsTable) -> None:
    store.calls.clear()
    assert _read(memberships) == NOTHING_STORED
    assert _read(memberships, OTHER) == NOTHING_STORED
    assert store.calls == {"BatchGetItem": 2}


@pytest.mark.parametrize("user_id", ["", "a b", "x" * 256])
def test_impossible_user_id_costs_no_call(store: Store, memberships: MembershipsTable, user_id: str) -> None:
    store.calls.clear()
    assert memberships.read(user_id, account_id=ACCOUNT, own_account_id=ACCOUNT) == NOTHING_STORED
    assert not store.calls


def test_profile_is_read_in_the_same_call_from_the_second_request_on(
    store: Store, memberships: MembershipsTable
) -> None:
    made = _profile(store)
    member = _add(store, _member(profile_id=made.id))
    found = []
    for calls in ({"BatchGetItem": 1, "GetItem": 1}, {"BatchGetItem": 1}):
        store.calls.clear()
        found.append(_read(memberships))
        assert store.calls == calls
    for each in found:
        assert (each.in_account, each.profile and each.profile.id) == (member, made.id)


def test_changed_profile_of_a_member_counts_on_the_next_read(store: Store, memberships: MembershipsTable) -> None:
    first, second = _profile(store), _profile(store, 2)
    member = _add(store, _member(profile_id=first.id))
    _read(memberships)
    after = replace(member, profile_id=second.id, version=1)
    changed = replace(entry(action="member.updated", seed=9), target_id=USER)
    MembersTable(store.database, audit=store.audit_items).replace(member, after, None, changed, keeps_an_admin=True)
    found = _read(memberships).profile
    assert found is not None
    assert found.id == second.id


def test_client_account_is_found_by_its_whole_id(store: Store, memberships: MembershipsTable) -> None:
    advisor = _add(store, _member(clients=3), "globex", "globex-2", "initech")
    for account_id, is_client in (("globex", True), ("initech", True), ("glob", False), ("globex-", False)):
        found = _read(memberships, account_id)
        assert (found.in_account, found.in_own_account, found.is_client) == (None, advisor, is_client)
    store.calls.clear()
    assert _read(memberships, "globex").deciding == advisor
    assert store.calls == {"BatchGetItem": 1}


def test_membership_in_the_account_of_the_request_decides(store: Store, memberships: MembershipsTable) -> None:
    _add(store, _member(clients=1), OTHER)
    there = _add(store, _member(OTHER))
    found = _read(memberships, OTHER)
    assert (found.deciding, found.is_client) == (there, False)
    assert _read(memberships, OTHER, own="").deciding == there


def test_user_id_of_another_account_has_no_membership(store: Store, memberships: MembershipsTable) -> None:
    _add(store, _member(OTHER))
    assert _read(memberships) == NOTHING_STORED


# ---- The rights of owners, for the keys that follow them ----


def _rights(store: Store, profile_id: UUID | None = None) -> tuple[Grants | None, Profile | None]:
    found = store.owners.rights(ACCOUNT, RightsSources(profile_id, USER))
    return found.grants, found.profile


def test_rights_of_an_owner_and_the_keys_profile_cost_one_call(store: Store) -> None:
    owners, keys = _profile(store), _profile(store, 2)
    _add(store, _member(profile_id=owners.id))
    assert _rights(store)[0] == owners.grants_for(())
    for profile_id in (None, keys.id, owners.id):
        store.calls.clear()
        grants, found = _rights(store, profile_id)
        assert (grants, found and found.id) == (owners.grants_for(()), profile_id)
        assert store.calls == {"BatchGetItem": 1}


def test_owner_has_rights_only_as_an_active_member_of_the_account(store: Store) -> None:
    made = _profile(store)
    assert _rights(store, made.id)[0] is None
    _add(store, _member(OTHER))
    assert _rights(store) == (None, None)
    _add(store, replace(_member(), role="none"))
    assert _rights(store) == (None, None)


@pytest.mark.parametrize("user_id", ["", "a b", "x" * 256])
def test_owner_with_an_impossible_user_id_has_no_rights(store: Store, user_id: str) -> None:
    made = _profile(store)
    for profile_id in (None, made.id):
        found = store.owners.rights(ACCOUNT, RightsSources(profile_id, user_id))
        assert (found.grants, found.profile and found.profile.id) == (None, profile_id)


# ---- Concurrency ----


def _profile_denies(store: Store, made: Profile) -> None:
    after = replace(made, rules=(Rule("deny", ("*",)),), member_count=1, version=1)
    store.profiles.replace(replace(made, member_count=1), after, entry(seed=9))


def _removed(store: Store, made: Profile) -> None:
    member = _member(profile_id=made.id)
    removed = replace(entry(action="member.removed", seed=9), target_id=USER)
    MembersTable(store.database, audit=store.audit_items).remove(member, removed, keeps_an_admin=False)


def _refused(store: Store, made: Profile) -> None:
    member = _member(profile_id=made.id)
    changed = replace(entry(action="member.updated", seed=9), target_id=USER)
    table = MembersTable(store.database, audit=store.audit_items)
    table.replace(member, replace(member, role="none", profile_id=None, version=1), None, changed, keeps_an_admin=True)


@pytest.mark.parametrize("change", [_removed, _refused, _profile_denies])
def test_request_started_after_a_change_is_never_accepted(
    store: Store, memberships: MembershipsTable, change: Callable[[Store, Profile], None]
) -> None:
    made = _profile(store)
    _add(store, _member(profile_id=made.id))
    access = MemberAccess(memberships, is_membership_required=True)

    def is_accepted() -> bool:
        try:
            person = access.applied(Identity(USER, ACCOUNT, "admin"), None)
            return caller.user(person, wanted_account_id=None, operator_account_id="").may("orders:read")
        except ForbiddenError:
            return False

    assert_refused_from_the_next_request(is_accepted, lambda: change(store, made))
