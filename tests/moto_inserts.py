"""Makes PartiQL's INSERT in moto behave as in DynamoDB. moto overwrites existing items and copies all tables first."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

_INSERT = re.compile(r'INSERT INTO "([^"]+)" VALUE \{(.+)\}')
_NAME = re.compile(r"'([^']+)': \?")


def _batch_execute_statement(
    backend: DynamoDBBackend, statements: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Run a batch of inserts. A batch with other statements or with duplicate keys fails completely."""
    items = [_item(each) for each in statements]
    keys = [(table, *backend.get_keys_value(backend.tables[table], item)) for table, item in items]
    assert len({(table, str(hash_key), str(range_key)) for table, hash_key, range_key in keys}) == len(keys) <= 25
    return [_insert(backend, *key, item) for key, (_, item) in zip(keys, items, strict=True)]


def _item(statement: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    match = _INSERT.fullmatch(statement["Statement"])
    assert match is not None, statement["Statement"]
    return match[1], dict(zip(_NAME.findall(match[2]), statement["Parameters"], strict=True))


def _insert(
    backend: DynamoDBBackend, name: str, hash_key: Any, range_key: Any, item: dict[str, Any]
) -> Mapping[str, Any]:
    table = backend.tables[name]
    if table.get_item(hash_key, range_key) is not None:
        error = {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}
        return {"TableName": name, "Error": error}
    table.put_item(item)
    return {"TableName": name}


def install() -> None:
    """Replace moto's implementation in this process."""
    DynamoDBBackend.batch_execute_statement = _batch_execute_statement  # type: ignore[method-assign, assignment]
