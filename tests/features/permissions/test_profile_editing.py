"""Creating, changing and deleting permission profiles, with an in-memory store."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.idempotency_records import IdempotencyKey
from latchhook.permissions.errors import (
    ActionsBeyondCallerError,
    DenialBeyondCallerError,
    ProfileChangedError,
    ProfileNotFoundError,
    UnknownActionsError,
)
from latchhook.permissions.profile_editing import ProfileEditor, ProfileSettings
from latchhook.permissions.profiles import Profile, Rule
from tests.samples import ACCOUNT, CATALOGUE, NOW, SECOND, caller, origin, profile

READ = Rule("allow", ("orders:read",))
WRITE = Rule("allow", ("orders:write",))


class Profiles:
    """An in-memory profile store. `meanwhile` makes a concurrent change between a read and a write."""

    def __init__(self, *kept: Profile, meanwhile: Callable[["Profiles"], None] = lambda _: None) -> None:
        self.kept = {(each.account_id, each.id): each for each in kept}
        self.entries: list[AuditEntry] = []
        self._meanwhile = meanwhile

    def add(self, profile: Profile, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> None:
        assert idempotency_key is None
        self.kept[profile.account_id, profile.id] = profile
        self.entries.append(entry)

    def get(self, account_id: str, profile_id: UUID) -> Profile:
        if (account_id, profile_id) not in self.kept:
            raise ProfileNotFoundError
        return self.kept[account_id, profile_id]

    def replace(self, before: Profile, after: Profile, entry: AuditEntry) -> None:
        self._meanwhile(self)
        if self.kept.get((before.account_id, before.id)) != before:
            raise ProfileChangedError
        self.add(after, entry)

    def delete(self, account_id: str, profile_id: UUID, entry: AuditEntry) -> None:
        self.kept.pop((account_id, profile_id))
        self.entries.append(entry)


def _editor(store: Profiles) -> ProfileEditor:
    return ProfileEditor(store, CATALOGUE, Random(1))


def _with_rules(*rules: Rule) -> Callable[[Profile], ProfileSettings]:
    return lambda found: ProfileSettings(found.name, found.description, rules)


def test_new_profile_belongs_to_the_callers_account_and_has_no_keys() -> None:
    store = Profiles()
    made = _editor(store).create(ProfileSettings("Readers", "Read only", (READ,)), origin())

    assert made == profile(
        id=made.id, name="Readers", description="Read only", rules=(READ,), key_count=0, created_at=NOW, updated_at=NOW
    )
    assert made.id.version == 4
    assert store.kept == {(ACCOUNT, made.id): made}
    (entry,) = store.entries
    assert (entry.action, entry.target_id, entry.account_id) == ("permission_profile.created", str(made.id), ACCOUNT)


def test_refused_profile_is_not_stored() -> None:
    store = Profiles()
    by = caller(scopes=frozenset({"api-keys:write", "orders:read"}))

    for rules, error in (((WRITE,), ActionsBeyondCallerError), ((Rule("deny", ("no:such",)),), UnknownActionsError)):
        with pytest.raises(error):
            _editor(store).create(ProfileSettings("x", rules=rules), origin(by=by))
    assert (store.kept, store.entries) == ({}, [])


def test_change_keeps_other_settings_and_audits_the_changed_names() -> None:
    before = profile(key_count=3, version=7)
    store = Profiles(before)
    later = origin(at=NOW + SECOND)

    after = _editor(store).change(before.id, lambda found: ProfileSettings("New", None, found.rules), later)

    assert after == replace(before, name="New", updated_at=NOW + SECOND, version=8)
    assert store.get(ACCOUNT, before.id) == after
    (entry,) = store.entries
    assert (entry.action, entry.details) == ("permission_profile.updated", {"changed": ["name"]})


def test_change_without_new_rules_requires_no_rights() -> None:
    store = Profiles(profile(rules=(WRITE,)))
    by = caller(scopes=frozenset({"api-keys:write"}))

    renamed = _editor(store).change(profile().id, lambda found: ProfileSettings("New", "x", found.rules), origin(by=by))

    assert (renamed.name, renamed.rules) == ("New", (WRITE,))


def test_change_of_rules_requires_allowed_and_no_longer_denied_scopes() -> None:
    old = (Rule("deny", ("orders:write",)),)
    store = Profiles(profile(rules=old))
    by = caller(scopes=frozenset({"api-keys:write", "orders:read"}))

    with pytest.raises(DenialBeyondCallerError):
        _editor(store).change(profile().id, _with_rules(READ), origin(by=by))
    with pytest.raises(ActionsBeyondCallerError):
        _editor(store).change(profile().id, _with_rules(*old, WRITE), origin(by=by))
    assert (store.get(ACCOUNT, profile().id).rules, store.entries) == (old, [])

    assert _editor(store).change(profile().id, _with_rules(*old, READ), origin(by=by)).rules == (*old, READ)


def test_change_after_a_conflict_starts_from_the_new_profile() -> None:
    others = iter([replace(profile(), rules=(Rule("deny", ("laps:read",)),), version=1)])

    def once(store: Profiles) -> None:
        for changed in others:
            store.kept[ACCOUNT, changed.id] = changed

    store = Profiles(profile(rules=()), meanwhile=once)
    after = _editor(store).change(
        profile().id, lambda found: ProfileSettings(found.name, None, (*found.rules, READ)), origin()
    )

    assert after.rules == (Rule("deny", ("laps:read",)), READ)
    assert after.version == 2
    assert len(store.entries) == 1


def test_rights_are_checked_again_after_a_concurrent_change() -> None:
    denied = (Rule("deny", ("orders:write",)),)
    store = Profiles(
        profile(rules=()), meanwhile=lambda store: store.kept.update({(ACCOUNT, profile().id): profile(rules=denied)})
    )
    by = caller(scopes=frozenset({"api-keys:write", "orders:read"}))

    with pytest.raises(DenialBeyondCallerError):
        _editor(store).change(profile().id, _with_rules(READ), origin(by=by))


def test_concurrently_deleted_profile_is_not_found() -> None:
    store = Profiles(profile(), meanwhile=lambda store: store.kept.clear())

    with pytest.raises(ProfileNotFoundError):
        _editor(store).change(profile().id, _with_rules(), origin())


def test_constant_concurrent_changes_raise_a_dependency_error() -> None:
    def again(store: Profiles) -> None:
        found = store.get(ACCOUNT, profile().id)
        store.kept[ACCOUNT, found.id] = replace(found, version=found.version + 1)

    store = Profiles(profile(), meanwhile=again)
    with pytest.raises(DependencyUnavailableError):
        _editor(store).change(profile().id, _with_rules(), origin())
    assert store.entries == []


def test_profile_of_another_account_is_not_found() -> None:
    store = Profiles(profile(account_id="acct_2"))

    with pytest.raises(ProfileNotFoundError):
        _editor(store).change(profile().id, _with_rules(), origin())


def test_deletion_is_audited() -> None:
    store = Profiles(profile())
    _editor(store).delete(profile().id, origin())

    (entry,) = store.entries
    assert (store.kept, entry.action, entry.target_id) == ({}, "permission_profile.deleted", str(profile().id))
