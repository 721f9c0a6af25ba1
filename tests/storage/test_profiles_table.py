"""Permission profiles in the table."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from latchhook.pages import InvalidPositionError, Position
from latchhook.permissions.errors import (
    ProfileChangedError,
    ProfileInUseError,
    ProfileNotFoundError,
    TooManyProfilesError,
)
from latchhook.permissions.profile_editing import ProfileEditor, ProfileSettings
from latchhook.permissions.profiles import MAX_ACTIONS, MAX_PROFILES_PER_ACCOUNT, MAX_RULES, Profile, Rule
from latchhook.storage.database import ConditionFailedError
from latchhook.storage.profile_items import counted
from tests.samples import ACCOUNT, CATALOGUE, MILLISECOND, NOW, SECOND, entry, origin, profile, webhook
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS

OTHER = "acct_other"


def _add(store: Store, added: Profile) -> Profile:
    action = "permission_profile.created"
    store.profiles.add(added, entry(added.account_id, action=action, seed=added.id.int))
    return added


def _give(store: Store, to: Profile, change: int = 1) -> None:
    """Change the profile's count as the transaction of a key does."""
    store.database.transact(counted(SETTINGS, to.account_id, to.id, change))


def _actions(store: Store) -> list[str]:
    return [logged["action"] for logged in store.audit_log(ACCOUNT)]


def _counted(store: Store, account_id: str = ACCOUNT) -> int:
    (count,) = [
        item["profiles"]
        for item in store.items(SETTINGS)
        if (item["pk"], item["sk"]) == (f"ACCOUNT#{account_id}", "COUNTERS")
    ]
    assert isinstance(count, int)
    return count


def _walk(store: Store, limit: int) -> list[list[Profile]]:
    pages: list[list[Profile]] = []
    after: Position | None = None
    while not pages or after is not None:
        page = store.profiles.page(ACCOUNT, limit=limit, after=after)
        pages.append(list(page.items))
        after = page.after
    return pages


@pytest.mark.parametrize(
    "made",
    [
        profile(),
        profile(description="Zoë's", rules=()),
        profile(rules=(Rule("deny", ("*",)), Rule("allow", ("orders:read", "products:*"))), updated_at=NOW + SECOND),
    ],
    ids=["plain", "without rules", "with several actions"],
)
def test_profile_is_read_back_as_it_was_stored(store: Store, made: Profile) -> None:
    _add(store, made)

    assert store.profiles.get(ACCOUNT, made.id) == store.profiles.find(ACCOUNT, made.id) == made
    assert store.profiles.page(ACCOUNT, limit=1, after=None).items == (made,)


def test_profile_count_and_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    _add(store, profile())

    assert store.calls == {"TransactWriteItems": 1}
    assert _counted(store) == 1
    assert _actions(store) == ["permission_profile.created"]


def test_existing_profile_is_not_overwritten(store: Store) -> None:
    _add(store, profile())

    with pytest.raises(ConditionFailedError):
        _add(store, profile(name="Another"))

    assert store.profiles.get(ACCOUNT, profile().id) == profile()
    assert _counted(store) == 1


def test_profile_is_found_with_one_read(store: Store) -> None:
    _add(store, profile())
    store.calls.clear()

    store.profiles.find(ACCOUNT, profile().id)

    assert store.calls == {"GetItem": 1}


def test_missing_profile_and_profile_of_another_account_are_not_found(store: Store) -> None:
    theirs = _add(store, profile(account_id=OTHER))
    _give(store, theirs)

    for profile_id in (theirs.id, profile(2).id):
        assert store.profiles.find(ACCOUNT, profile_id) is None
        with pytest.raises(ProfileNotFoundError):
            store.profiles.get(ACCOUNT, profile_id)
        with pytest.raises(ProfileNotFoundError):
            store.profiles.delete(ACCOUNT, profile_id, entry())
        with pytest.raises(ConditionFailedError):
            store.database.transact(counted(SETTINGS, ACCOUNT, profile_id, 1))
        mine = profile(id=profile_id)
        with pytest.raises(ProfileChangedError):
            store.profiles.replace(mine, replace(mine, name="Mine"), entry())
    assert store.profiles.get(OTHER, theirs.id) == replace(theirs, key_count=1)
    assert store.audit_log(ACCOUNT) == []


# ---- Pages ----


def test_profiles_are_listed_newest_first_and_then_by_id(store: Store) -> None:
    made = [_add(store, profile(number, created_at=NOW + (number // 2) * MILLISECOND)) for number in range(6)]
    _add(store, profile(7, account_id=OTHER))
    _add(store, profile(8, account_id=ACCOUNT + "x"))

    newest_first = sorted(made, key=lambda each: (each.created_at, str(each.id)), reverse=True)
    assert _walk(store, 100) == [newest_first]
    assert _walk(store, 6) == [newest_first]
    assert _walk(store, 4) == [newest_first[:4], newest_first[4:]]
    assert _walk(store, 1) == [[each] for each in newest_first]


def test_page_costs_one_query(store: Store) -> None:
    _add(store, profile())
    store.calls.clear()

    store.profiles.page(ACCOUNT, limit=1, after=None)

    assert store.calls == {"Query": 1}


def test_account_without_profiles_has_one_empty_page(store: Store) -> None:
    assert _walk(store, 10) == [[]]


def test_page_continues_after_a_deleted_profile(store: Store) -> None:
    for number in range(4):
        _add(store, profile(number, created_at=NOW + number * SECOND))
    first = store.profiles.page(ACCOUNT, limit=2, after=None)

    store.profiles.delete(ACCOUNT, first.items[-1].id, entry(seed=50))
    _add(store, profile(9, created_at=NOW + 9 * SECOND))

    rest = store.profiles.page(ACCOUNT, limit=2, after=first.after)
    assert [each.id for each in rest.items] == [profile(1).id, profile(0).id]
    assert rest.after is None


@pytest.mark.parametrize(
    "position", [(), ("1",), ("x", str(profile().id)), ("1", "x"), ("1", str(profile().id), "more")]
)
def test_malformed_position_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        store.profiles.page(ACCOUNT, limit=1, after=position)


# ---- Changes ----


def test_change_and_its_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    before = _add(store, profile(description="Old"))
    after = replace(
        before,
        name="New",
        description="Newer",
        rules=(Rule("deny", ("*",)),),
        updated_at=NOW + SECOND,
        version=1,
    )
    store.calls.clear()

    store.profiles.replace(before, after, entry(action="permission_profile.updated", at=NOW + SECOND))

    assert store.calls == {"TransactWriteItems": 1}
    assert store.profiles.get(ACCOUNT, before.id) == after
    assert _actions(store) == ["permission_profile.created", "permission_profile.updated"]


def test_description_can_be_removed_and_added_again(store: Store) -> None:
    first = _add(store, profile(description="Old"))
    bare = replace(first, description=None, version=1)
    store.profiles.replace(first, bare, entry(seed=2))
    assert store.profiles.get(ACCOUNT, first.id) == bare

    again = replace(bare, description="New", version=2)
    store.profiles.replace(bare, again, entry(seed=3))
    assert store.profiles.get(ACCOUNT, first.id) == again


def test_concurrently_changed_or_deleted_profile_is_not_overwritten(store: Store) -> None:
    before = _add(store, profile())
    first = replace(before, name="First", version=1)
    store.profiles.replace(before, first, entry(seed=2))

    with pytest.raises(ProfileChangedError):
        store.profiles.replace(before, replace(before, name="Second", version=1), entry(seed=3))
    assert store.profiles.get(ACCOUNT, before.id) == first

    store.profiles.delete(ACCOUNT, before.id, entry(seed=4))
    with pytest.raises(ProfileChangedError):
        store.profiles.replace(first, replace(first, name="Third", version=2), entry(seed=5))
    assert store.profiles.find(ACCOUNT, before.id) is None
    assert len(_actions(store)) == 3


def test_count_of_keys_changes_nothing_else(store: Store) -> None:
    made = _add(store, profile())
    _give(store, made, 3)
    _give(store, made, -1)

    assert store.profiles.get(ACCOUNT, made.id) == replace(made, key_count=2)


def test_change_keeps_a_concurrently_changed_count_of_keys(store: Store) -> None:
    before = _add(store, profile())
    _give(store, before)

    store.profiles.replace(before, replace(before, name="New", version=1), entry(seed=2))

    assert store.profiles.get(ACCOUNT, before.id) == replace(before, name="New", version=1, key_count=1)


# ---- Deletion ----


def test_deletion_removes_and_audits_the_profile_in_one_transaction(store: Store) -> None:
    made = _add(store, profile())
    store.calls.clear()

    store.profiles.delete(ACCOUNT, made.id, entry(action="permission_profile.deleted", at=NOW + SECOND))

    assert store.calls == {"TransactWriteItems": 1}
    assert store.profiles.find(ACCOUNT, made.id) is None
    assert _counted(store) == 0
    assert _actions(store) == ["permission_profile.created", "permission_profile.deleted"]
    with pytest.raises(ProfileNotFoundError):
        store.profiles.delete(ACCOUNT, made.id, entry(seed=7))
    assert _counted(store) == 0


def test_profile_in_use_is_not_deleted_and_its_keys_are_reported(store: Store) -> None:
    made = _add(store, profile())
    _give(store, made, 2)

    with pytest.raises(ProfileInUseError) as refused:
        store.profiles.delete(ACCOUNT, made.id, entry(seed=2))
    assert refused.value.keys == 2
    assert _counted(store) == 1
    assert len(_actions(store)) == 1

    _give(store, made, -2)
    store.profiles.delete(ACCOUNT, made.id, entry(seed=3))
    assert store.profiles.find(ACCOUNT, made.id) is None


def test_key_cannot_get_a_deleted_profile(store: Store) -> None:
    made = _add(store, profile())
    store.profiles.delete(ACCOUNT, made.id, entry(seed=2))

    with pytest.raises(ConditionFailedError):
        _give(store, made)
    assert store.profiles.find(ACCOUNT, made.id) is None


def test_account_has_at_most_100_profiles(store: Store) -> None:
    for number in range(MAX_PROFILES_PER_ACCOUNT):
        _add(store, profile(number))

    with pytest.raises(TooManyProfilesError):
        _add(store, profile(200))
    assert len(store.profiles.page(ACCOUNT, limit=100, after=None).items) == MAX_PROFILES_PER_ACCOUNT == 100
    assert len(_actions(store)) == MAX_PROFILES_PER_ACCOUNT

    store.profiles.delete(ACCOUNT, profile(1).id, entry(seed=1000))
    _add(store, profile(200))
    _add(store, profile(201, account_id=OTHER))
    assert store.profiles.page(ACCOUNT, limit=100, after=None).after is None


def test_webhooks_and_profiles_are_counted_separately(store: Store) -> None:
    _add(store, profile())
    store.settings.add_webhook(webhook(), entry(seed=9))
    store.settings.delete_webhook(ACCOUNT, webhook().id, entry(seed=10))

    assert _counted(store) == 1


# ---- Largest profiles and concurrent changes ----


def test_hundred_of_the_largest_profiles_are_all_listed(store: Store) -> None:
    """They exceed the 1 MB limit of one page of a query."""
    actions = [f"{number:02d}{'a' * 195}:*" for number in range(MAX_ACTIONS)]
    rules = tuple(Rule("allow", tuple(actions[at::MAX_RULES])) for at in range(MAX_RULES))
    for number in range(MAX_PROFILES_PER_ACCOUNT):
        made = profile(number, name="\U0001f3c1" * 255, description="\U0001f3c1" * 1000, rules=rules)
        _add(store, made)
    store.calls.clear()

    assert [len(page) for page in _walk(store, 60)] == [60, 40]
    assert store.calls == {"Query": 4}


def test_no_concurrent_change_is_lost(store: Store) -> None:
    made = _add(store, profile(rules=()))

    def allow(number: int) -> None:
        editor = ProfileEditor(store.profiles, CATALOGUE, Random(number))
        added = Rule("allow", ("orders:read",) * (number + 1))

        def edit(found: Profile) -> ProfileSettings:
            return ProfileSettings(found.name, found.description, (*found.rules, added))

        editor.change(made.id, edit, origin())

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(allow, range(6)))

    changed = store.profiles.get(ACCOUNT, made.id)
    assert sorted(len(rule.actions) for rule in changed.rules) == [1, 2, 3, 4, 5, 6]
    assert changed.version == 6
    assert _actions(store).count("permission_profile.updated") == 6


def test_profile_deleted_while_keys_get_it_is_given_to_all_or_none(store: Store) -> None:
    made = _add(store, profile())

    def give(_: int) -> bool:
        try:
            _give(store, made)
        except ConditionFailedError:
            return False
        return True

    def delete() -> bool:
        try:
            store.profiles.delete(ACCOUNT, made.id, entry(seed=3))
        except ProfileInUseError:
            return False
        return True

    with ThreadPoolExecutor(5) as threads:
        deletion = threads.submit(delete)
        given = sum(threads.map(give, range(4)))

    kept = store.profiles.find(ACCOUNT, made.id)
    assert deletion.result() == (kept is None)
    assert given == (0 if kept is None else kept.key_count)
    assert given in (0, 4)


def test_exactly_100_profiles_are_created_by_concurrent_requests(store: Store) -> None:
    for number in range(MAX_PROFILES_PER_ACCOUNT - 4):
        _add(store, profile(number))

    def add(number: int) -> bool:
        try:
            _add(store, profile(200 + number))
        except TooManyProfilesError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(add, range(12))) == 4
    assert _counted(store) == MAX_PROFILES_PER_ACCOUNT


def test_ids_of_other_objects_are_not_profiles(store: Store) -> None:
    store.settings.add_webhook(webhook(), entry())

    assert store.profiles.find(ACCOUNT, webhook().id) is None
    assert store.profiles.find(ACCOUNT, UUID(int=0)) is None
    assert store.profiles.page(ACCOUNT, limit=1, after=None).items == ()
