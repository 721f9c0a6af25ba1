"""Event types in the table."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from zlib import crc32

import pytest

from latchhook.pages import InvalidPositionError, Position
from latchhook.storage.event_types_table import EventTypesTable
from latchhook.webhooks.errors import EventTypeChangedError, EventTypeNotFoundError, TooManyEventTypesError
from latchhook.webhooks.event_type_editing import EventTypeEditor, EventTypeSettings
from latchhook.webhooks.event_types import MAX_TYPES, EventType
from tests.samples import ACCOUNT, NOW, SECOND, entry, event_type, origin
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS


def _types(store: Store) -> EventTypesTable:
    return EventTypesTable(store.database, audit=store.audit_items)


def _add(store: Store, added: EventType) -> EventType:
    _types(store).add(added, entry(action="event_type.created", seed=crc32(added.name.encode())))
    return added


def _count_to(store: Store, number: int) -> None:
    store.client.update_item(
        TableName=SETTINGS,
        Key={"pk": {"S": "ACCOUNT#"}, "sk": {"S": "COUNTERS"}},
        UpdateExpression="SET eventTypes = :number",
        ExpressionAttributeValues={":number": {"N": str(number)}},
    )


def _counted(store: Store) -> int:
    (count,) = [item["eventTypes"] for item in store.items(SETTINGS) if item["pk"] == "ACCOUNT#"]
    assert isinstance(count, int)
    return count


def _walk(store: Store, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    after: Position | None = None
    while not pages or after is not None:
        page = _types(store).page(limit=limit, after=after)
        pages.append([each.name for each in page.items])
        after = page.after
    return pages


@pytest.mark.parametrize(
    "made",
    [
        event_type(),
        event_type(
            description="Zoë's", schema={"minimum": 1.5}, example={"a": [1.5, None, "é"]}, updated_at=NOW + SECOND
        ),
        event_type(orders={"entity.severity": ("minor", "major"), "x": ("a",)}),
    ],
    ids=["plain", "with schema and example", "with orders"],
)
def test_event_type_is_read_back_as_it_was_stored(store: Store, made: EventType) -> None:
    _add(store, made)

    assert _types(store).find(made.name) == made
    assert _types(store).page(limit=1, after=None).items == (made,)


def test_type_count_and_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    _add(store, event_type())

    assert store.calls == {"TransactWriteItems": 1}
    assert _counted(store) == 1
    assert [logged["action"] for logged in store.audit_log(ACCOUNT)] == ["event_type.created"]


def test_event_type_is_found_with_one_read(store: Store) -> None:
    _add(store, event_type())
    store.calls.clear()

    assert _types(store).find("order.refunded") is None
    assert store.calls == {"GetItem": 1}


def test_existing_event_type_is_not_added_again(store: Store) -> None:
    _add(store, event_type())

    with pytest.raises(EventTypeChangedError):
        _add(store, event_type(description="Another"))
    assert _types(store).find("order.paid") == event_type()
    assert _counted(store) == 1


def test_deployment_has_at_most_a_thousand_event_types(store: Store) -> None:
    _add(store, event_type("first"))
    _count_to(store, MAX_TYPES - 1)
    _add(store, event_type("last"))

    with pytest.raises(TooManyEventTypesError):
        _add(store, event_type("one-more"))
    assert _counted(store) == MAX_TYPES

    _types(store).delete("first", entry(seed=9))
    _add(store, event_type("one-more"))


def test_concurrently_added_event_types_are_counted_exactly(store: Store) -> None:
    _count_to(store, MAX_TYPES - 10)

    def add(number: int) -> bool:
        try:
            _add(store, event_type(f"type.n{number}"))
        except TooManyEventTypesError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(add, range(20))) == 10
    assert _counted(store) == MAX_TYPES


def test_event_types_are_listed_by_name_with_one_query_per_page(store: Store) -> None:
    for name in ("zoo", "a.b", "a", "order.paid"):
        _add(store, event_type(name))
    store.calls.clear()

    assert _walk(store, 3) == [["a", "a.b", "order.paid"], ["zoo"]]
    assert store.calls == {"Query": 2}
    assert _walk(store, 4) == [["a", "a.b", "order.paid", "zoo"]]


def test_page_of_large_event_types_is_short_but_not_the_last(store: Store) -> None:
    for number in range(12):
        _add(store, event_type(f"large.n{number:02d}", example={"x": "y" * 100_000}))

    pages = _walk(store, 100)
    assert len(pages) > 1
    assert [name for page in pages for name in page] == [f"large.n{number:02d}" for number in range(12)]


@pytest.mark.parametrize("position", [(), ("",), ("Order",), ("a", "b")])
def test_malformed_position_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        _types(store).page(limit=1, after=position)


def test_event_type_is_replaced_only_if_it_is_unchanged(store: Store) -> None:
    before = _add(store, event_type(description="Old"))
    after = replace(before, description=None, schema={"type": "object"}, version=1)
    _types(store).replace(before, after, entry(seed=2))
    assert _types(store).find("order.paid") == after

    with pytest.raises(EventTypeChangedError):
        _types(store).replace(before, replace(before, description="Late", version=1), entry(seed=3))
    assert _types(store).find("order.paid") == after
    assert _counted(store) == 1


def test_recreated_event_type_is_not_overwritten_by_an_old_change(store: Store) -> None:
    before = _add(store, event_type())
    _types(store).delete("order.paid", entry(seed=2))
    with pytest.raises(EventTypeChangedError):
        _types(store).replace(before, replace(before, version=1), entry(seed=3))

    again = event_type(created_at=NOW + SECOND)
    _types(store).add(again, entry(seed=4))
    with pytest.raises(EventTypeChangedError):
        _types(store).replace(before, replace(before, version=1), entry(seed=5))
    assert _types(store).find("order.paid") == again


def test_deleted_event_type_is_gone_and_not_counted(store: Store) -> None:
    _add(store, event_type())
    store.calls.clear()

    _types(store).delete("order.paid", entry(seed=2, action="event_type.deleted", at=NOW + SECOND))

    assert store.calls == {"TransactWriteItems": 1}
    assert _types(store).find("order.paid") is None
    assert _counted(store) == 0
    assert [logged["action"] for logged in store.audit_log(ACCOUNT)] == ["event_type.created", "event_type.deleted"]
    with pytest.raises(EventTypeNotFoundError):
        _types(store).delete("order.paid", entry(seed=3))
    assert _counted(store) == 0


def test_concurrent_puts_create_one_type_with_the_last_description(store: Store) -> None:
    editor = EventTypeEditor(_types(store), "operator-account", Random(1))

    def put(number: int) -> bool:
        _, is_new = editor.put("order.paid", EventTypeSettings(description=str(number)), origin())
        return is_new

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(put, range(8))) == 1
    kept = _types(store).find("order.paid")
    assert kept is not None
    assert kept.version == 7
    assert _counted(store) == 1
    assert len(store.audit_log("operator-account")) == 8
