"""Members in the table: counts, client accounts, conflicts and limits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest

from latchhook.members.editing import MemberEditor
from latchhook.members.errors import (
    LastAdminError,
    MemberChangedError,
    MemberNotFoundError,
    TooManyMembersError,
    UnknownMemberProfileError,
)
from latchhook.members.member import MAX_CLIENT_ACCOUNTS, MAX_MEMBERS, Member, MemberSettings
from latchhook.pages import InvalidPositionError
from latchhook.storage.members_table import MembersTable
from tests.samples import ACCOUNT, NOW, SECOND, caller, entry, origin, profile
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS

CLIENTS = frozenset(f"{number:064d}" for number in range(MAX_CLIENT_ACCOUNTS))


def _member(user_id: str = "zoe", **changes: object) -> Member:
    member = Member(ACCOUNT, user_id, "member", None, "Zoë", "zoe@example.com", 0, NOW, NOW)
    return replace(member, **changes)  # type: ignore[arg-type]


def _members(store: Store) -> MembersTable:
    return MembersTable(store.database, audit=store.audit_items)


def _add(store: Store, member: Member, clients: frozenset[str] = frozenset()) -> Member:
    added = replace(entry(action="member.created"), target_id=member.user_id)
    _members(store).add(member, clients, added)
    return member


def _replace(store: Store, before: Member, after: Member, clients: frozenset[str] | None = None) -> None:
    changed = replace(entry(action="member.updated"), target_id=before.user_id)
    _members(store).replace(before, after, clients, changed, keeps_an_admin=True)


def _remove(store: Store, member: Member, *, keeps_an_admin: bool = True) -> None:
    removed = replace(entry(action="member.removed"), target_id=member.user_id)
    _members(store).remove(member, removed, keeps_an_admin=keeps_an_admin)


def _counters(store: Store) -> dict[str, int]:
    (item,) = [item for item in store.items(SETTINGS) if item["sk"] == "COUNTERS"]
    return {name: value for name, value in item.items() if name not in {"pk", "sk"}}


def _editor(store: Store, seed: int = 1) -> MemberEditor:
    return MemberEditor(_members(store), lambda: store.profiles, "", Random(seed))


def test_member_is_read_back_as_it_was_stored(store: Store) -> None:
    profile_ = profile()
    store.profiles.add(profile_, entry())
    for member in (_member("a"), _member("b", profile_id=profile_.id, name=None, email=None, updated_at=NOW + SECOND)):
        assert _members(store).get(ACCOUNT, _add(store, member).user_id) == member
    assert _members(store).find("another", "a") is None
    with pytest.raises(MemberNotFoundError):
        _members(store).get(ACCOUNT, "c")


def test_client_accounts_at_the_limit_are_stored_and_cost_one_read(store: Store) -> None:
    advisor = _add(store, _member(role="advisor", client_account_count=len(CLIENTS)), CLIENTS)
    store.calls.clear()
    assert _members(store).client_accounts(advisor) == CLIENTS
    assert store.calls == {"GetItem": 1}
    assert _members(store).client_accounts(_member()) == frozenset()
    assert store.calls == {"GetItem": 1}

    after = replace(advisor, role="member", client_account_count=0, version=1)
    _replace(store, advisor, after, frozenset())
    assert [item["sk"] for item in store.items(SETTINGS) if item["sk"].startswith("CLIENTS#")] == []


def test_client_accounts_end_with_the_member(store: Store) -> None:
    advisor = _add(store, _member(role="advisor", client_account_count=1), frozenset({"globex"}))
    _remove(store, advisor)
    assert {item["sk"] for item in store.items(SETTINGS) if item["pk"] == f"ACCOUNT#{ACCOUNT}"} == {"COUNTERS"}


def test_member_that_was_changed_or_exists_is_a_conflict(store: Store) -> None:
    member = _add(store, _member())
    with pytest.raises(MemberChangedError):
        _add(store, member)
    after = replace(member, role="advisor", version=1)
    _replace(store, member, after)
    with pytest.raises(MemberChangedError):
        _replace(store, member, after)
    with pytest.raises(MemberChangedError):
        _remove(store, member)
    assert _members(store).get(ACCOUNT, member.user_id) == after
    assert _counters(store) == {"members": 1}


def test_missing_profile_is_refused_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(UnknownMemberProfileError):
        _add(store, _member(profile_id=profile().id))
    assert store.items(SETTINGS) == []


def test_account_is_limited_in_its_members(store: Store) -> None:
    _add(store, _member("a"))
    store.client.update_item(
        TableName=SETTINGS,
        Key={"pk": {"S": f"ACCOUNT#{ACCOUNT}"}, "sk": {"S": "COUNTERS"}},
        UpdateExpression="SET members = :number",
        ExpressionAttributeValues={":number": {"N": str(MAX_MEMBERS - 1)}},
    )
    _add(store, _member("b"))
    with pytest.raises(TooManyMembersError):
        _add(store, _member("c"))
    assert _counters(store) == {"members": MAX_MEMBERS}


def test_last_admin_stays_unless_the_operator_removes_it(store: Store) -> None:
    member = _add(store, _member(role="admin"))
    with pytest.raises(LastAdminError):
        _remove(store, member)
    with pytest.raises(LastAdminError):
        _replace(store, member, replace(member, role="none"))
    _remove(store, member, keeps_an_admin=False)
    assert _counters(store) == {"members": 0, "admins": 0}


def test_concurrent_removals_keep_one_admin(store: Store) -> None:
    for number in range(8):
        _add(store, _member(str(number), role="admin"))

    def remove(number: int) -> bool:
        try:
            _editor(store, number).remove(str(number), origin())
        except LastAdminError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        removed = list(threads.map(remove, range(8)))
    assert removed.count(True) == 7
    assert _counters(store) == {"members": 1, "admins": 1}


def test_concurrent_puts_of_one_member_are_all_counted_once(store: Store) -> None:
    def put(number: int) -> bool:
        return _editor(store, number).put("zoe", MemberSettings("admin", name=str(number)), origin()).is_new

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(put, range(4))).count(True) == 1
    assert _counters(store) == {"members": 1, "admins": 1}
    assert len(store.audit_log(ACCOUNT)) == 4


def test_operator_adds_client_accounts(store: Store) -> None:
    operator = origin(by=replace(caller(operator=True), is_acting=True))
    chosen = MemberSettings("advisor", client_account_ids=("globex", "initech"))
    done = _editor(store).put("zoe", chosen, operator)
    assert done.client_account_ids == {"globex", "initech"}
    # An admin can remove client accounts and keep the others.
    fewer = _editor(store).put("zoe", replace(chosen, client_account_ids=("globex",)), origin())
    assert _members(store).client_accounts(fewer.member) == {"globex"}


def test_invalid_position_is_refused(store: Store) -> None:
    for position in ((), ("a", "b"), ("a b",)):
        with pytest.raises(InvalidPositionError):
            _members(store).page(ACCOUNT, limit=1, after=position)
