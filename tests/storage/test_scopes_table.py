"""Entries of the scope catalogue in the table, on moto and on DynamoDB Local.

test_event_types_table.py tests the rules that all objects of the deployment share.
"""

from zlib import crc32

import pytest

from latchhook.pages import InvalidPositionError, Position
from latchhook.permissions.errors import ScopeChangedError, ScopeNotFoundError, TooManyScopesError
from latchhook.permissions.scope_entries import MAX_DESCRIPTION_LENGTH, MAX_ENTRIES, MAX_GROUP_LENGTH, StoredEntry
from latchhook.storage.attributes import to_item
from latchhook.storage.scopes_table import ScopesTable
from tests.samples import ACCOUNT, NOW, SECOND, entry
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS


def _scopes(store: Store) -> ScopesTable:
    return ScopesTable(store.database, audit=store.audit_items)


def _add(store: Store, name: str, description: str = "Read laps", group: str = "Laps") -> StoredEntry:
    added = StoredEntry(name, NOW, NOW + SECOND, description, group)
    _scopes(store).add(added, entry(action="scope.created", seed=crc32(name.encode())))
    return added


def test_entry_is_read_back_as_it_was_stored(store: Store) -> None:
    added = _add(store, "laps:read", "Zoë's laps")
    store.calls.clear()
    assert _scopes(store).find("laps:read") == added
    assert _scopes(store).find("laps:write") is None
    assert store.calls == {"GetItem": 2}


def test_entry_count_and_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    _add(store, "laps:read")
    assert store.calls == {"TransactWriteItems": 1}
    assert [item["scopes"] for item in store.items(SETTINGS) if item["pk"] == "ACCOUNT#"] == [1]
    assert [logged["action"] for logged in store.audit_log(ACCOUNT)] == ["scope.created"]
    with pytest.raises(ScopeChangedError):
        _add(store, "laps:read", "Another")


def test_deleted_entry_is_gone_and_not_counted(store: Store) -> None:
    _add(store, "laps:read")
    _scopes(store).delete("laps:read", entry(seed=2))
    assert _scopes(store).find("laps:read") is None
    assert [item["scopes"] for item in store.items(SETTINGS) if item["pk"] == "ACCOUNT#"] == [0]
    with pytest.raises(ScopeNotFoundError):
        _scopes(store).delete("laps:read", entry(seed=3))


def test_deployment_has_at_most_500_entries(store: Store) -> None:
    _add(store, "first:read")
    store.client.update_item(
        TableName=SETTINGS,
        Key={"pk": {"S": "ACCOUNT#"}, "sk": {"S": "COUNTERS"}},
        UpdateExpression="SET scopes = :number",
        ExpressionAttributeValues={":number": {"N": str(MAX_ENTRIES - 1)}},
    )
    _add(store, "last:read")
    with pytest.raises(TooManyScopesError):
        _add(store, "one-more:read")


def test_all_names_are_read_beyond_one_megabyte(store: Store) -> None:
    names = {f"{'a' * 60}{number:04d}:read" for number in range(MAX_ENTRIES)}
    for name in names:
        texts = {"description": "\U0001d11e" * MAX_DESCRIPTION_LENGTH, "group": "\U0001d11e" * MAX_GROUP_LENGTH}
        store.client.put_item(TableName=SETTINGS, Item=to_item({"pk": "SCOPES", "sk": name, **texts}))
    store.calls.clear()
    assert _scopes(store).names() == names
    assert store.calls["Query"] == 2


def test_names_of_no_entries_are_empty(store: Store) -> None:
    assert _scopes(store).names() == frozenset()


@pytest.mark.parametrize("position", [(), ("",), ("Laps:read",), ("a:b", "c:d")])
def test_malformed_position_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        _scopes(store).page(limit=1, after=position)
