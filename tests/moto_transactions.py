"""Makes writes atomic in moto, and its transactions fast: they no longer copy whole tables.

Before a transaction, moto copies each table with all items and stream records, to restore the copy if the transaction
fails. Here the copy shares the items, and an update replaces its item instead of changing it. One lock makes the writes
of parallel threads atomic, as DynamoDB's are.
"""

from collections import defaultdict
from collections.abc import Callable
from copy import copy, deepcopy
from functools import wraps
from threading import RLock
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

_update_item = DynamoDBBackend.update_item
_WRITES = ("put_item", "update_item", "delete_item", "transact_write_items", "batch_execute_statement")
_writing = RLock()


def _copy_of_table(table: Table, _memo: dict[int, Any]) -> Table:
    copied = copy(table)
    copied.items = defaultdict(dict)
    for hash_key, ranges in table.items.items():
        copied.items[hash_key] = dict(ranges) if isinstance(ranges, dict) else ranges
    if table.stream_shard is not None:
        copied.stream_shard = copy(table.stream_shard)
        copied.stream_shard.table = copied
        copied.stream_shard.items = list(table.stream_shard.items)
    return copied


def _update_copy_of_item(
    backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any
) -> Item:
    table = backend.get_table(table_name)
    hash_key, range_key = backend.get_keys_value(table, key)
    item = table.get_item(hash_key, range_key)
    if item is not None:
        if range_key is None:
            table.items[hash_key] = deepcopy(item)  # type: ignore[arg-type]
        else:
            table.items[hash_key][range_key] = deepcopy(item)
    return _update_item(backend, table_name, key, *args, **kwargs)


def install() -> None:
    """Replace moto's copies in this process."""
    Table.__deepcopy__ = _copy_of_table  # type: ignore[attr-defined]
    DynamoDBBackend.update_item = _update_copy_of_item  # type: ignore[method-assign, assignment]
    for name in _WRITES:
        setattr(DynamoDBBackend, name, _atomic(getattr(DynamoDBBackend, name)))


def _atomic(write: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(write)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with _writing:
            return write(*args, **kwargs)

    return locked
