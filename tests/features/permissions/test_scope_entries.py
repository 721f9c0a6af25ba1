"""The entries of the scope catalogue: defaults, pages and audit entries."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.audit import AuditEntry
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.permissions.errors import BuiltInScopeError, ScopeNotFoundError
from latchhook.permissions.scope_entries import DEFAULTS, EntryList, ScopeEditor, StoredEntry
from latchhook.permissions.scopes import CUSTOMER_SCOPES, Catalogue
from latchhook.settings import MARKETPLACE_SCOPES
from tests.samples import NOW, SECOND, origin


class Kept:
    """An in-memory store."""

    def __init__(self, *names: str) -> None:
        self.entries = {name: StoredEntry(name, NOW, NOW, "Described", "Group") for name in names}
        self.log: list[AuditEntry] = []

    def find(self, name: str) -> StoredEntry | None:
        return self.entries.get(name)

    def add(self, added: StoredEntry, entry: AuditEntry) -> None:
        self.entries[added.name] = added
        self.log.append(entry)

    def replace(self, before: StoredEntry, after: StoredEntry, entry: AuditEntry) -> None:
        assert self.entries[after.name] == before
        self.add(after, entry)

    def delete(self, name: str, entry: AuditEntry) -> None:
        if self.entries.pop(name, None) is None:
            raise ScopeNotFoundError
        self.log.append(entry)

    def page(self, *, limit: int, after: Position | None) -> Page[StoredEntry]:
        names = sorted(name for name in self.entries if after is None or name > self.name_in(after))
        shown = names[:limit]
        return Page(tuple(self.entries[name] for name in shown), (shown[-1],) if len(names) > limit else None)

    def name_in(self, position: Position) -> str:
        if len(position) != 1:
            raise InvalidPositionError
        return position[0]


def _editor(kept: Kept, *configured: str) -> ScopeEditor:
    return ScopeEditor(kept, Catalogue.of(configured), "platform", Random(1))


def test_every_built_in_scope_has_a_description_and_a_group() -> None:
    assert set(DEFAULTS) >= {*MARKETPLACE_SCOPES, *CUSTOMER_SCOPES}
    assert all(description and group for description, group in DEFAULTS.values())


def test_scope_of_the_parameter_gets_its_resource_as_group() -> None:
    page = EntryList(Kept(), Catalogue.of(["laps:read", "laps:*"])).page(limit=100, after=None)
    shown = {each.name: (each.description, each.group, each.source) for each in page.items}
    assert shown["laps:read"] == (None, "laps", "parameter")
    assert shown["laps:*"] == ("Every scope below laps:", "laps", "parameter")


def test_entry_for_a_name_that_latchhook_uses_now_is_not_shown() -> None:
    """An older version can have stored it."""
    kept = Kept("api-keys:read", "scopes:write", "laps:read")
    page = EntryList(kept, Catalogue.of([])).page(limit=100, after=None)
    shown = {each.name: each.description for each in page.items}
    assert shown["api-keys:read"] == DEFAULTS["api-keys:read"][0]
    assert "scopes:write" not in shown
    assert shown["laps:read"] == "Described"


NAMES = st.sets(st.from_regex(r"[a-c]{1,2}:[a-c]", fullmatch=True))


@given(NAMES, NAMES, st.integers(min_value=1, max_value=8))
def test_pages_contain_each_scope_once_and_are_full(stored: set[str], configured: set[str], limit: int) -> None:
    entries = EntryList(Kept(*stored), Catalogue.of(configured))
    pages: list[list[str]] = []
    after: Position | None = None
    while not pages or after is not None:
        page = entries.page(limit=limit, after=after)
        pages.append([each.name for each in page.items])
        after = page.after
    assert [name for page in pages for name in page] == sorted(stored | configured | CUSTOMER_SCOPES)
    assert all(len(page) == limit for page in pages[:-1])


def test_changes_are_audited_in_the_operators_account() -> None:
    kept = Kept()
    editor = _editor(kept)
    first, is_new = editor.put("laps:read", description="Read laps", group="Laps", origin=origin())
    second, is_newer = editor.put("laps:read", description="See laps", group="Laps", origin=origin(at=NOW + SECOND))
    editor.put("laps:read", description="See laps", group="Laps", origin=origin(at=NOW + SECOND))
    editor.delete("laps:read", origin())

    assert (is_new, is_newer) == (True, False)
    assert (first.created_at, first.version, second.created_at, second.updated_at, second.version) == (
        NOW, 0, NOW, NOW + SECOND, 1
    )  # fmt: skip
    assert [(each.account_id, each.action, each.target_id) for each in kept.log] == [
        ("platform", f"scope.{verb}", "laps:read") for verb in ("created", "updated", "deleted")
    ]


def test_built_in_scopes_are_neither_changed_nor_deleted() -> None:
    kept = Kept()
    for name in ("api-keys:read", "scopes:write"):
        with pytest.raises(BuiltInScopeError):
            _editor(kept).put(name, description="Harmless", group="Other", origin=origin())
    for name in ("api-keys:read", "scopes:write", "laps:read"):
        with pytest.raises(BuiltInScopeError):
            _editor(kept, "laps:read").delete(name, origin())
    with pytest.raises(ScopeNotFoundError):
        _editor(kept).delete("laps:read", origin())
    assert (kept.entries, kept.log) == ({}, [])
