"""moto checks update expressions with the same results as without the replaced traversal."""

from typing import Any

import pytest
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from tests import moto_expressions

ITEM = {"pk": {"S": "a"}, "count": {"N": "1"}, "labels": {"L": [{"S": "x"}]}, "settings": {"M": {"note": {"N": "2"}}}}
VALUES: dict[str, dict[str, Any]] = {":n": {"N": "3"}, ":l": {"L": [{"S": "y"}]}, ":s": {"S": "text"}}


def outcome(expression: str) -> Any:
    """Return the updated attributes, or the kind and text of the error."""
    names = {"#count": "count", "#labels": "labels", "#pk": "pk"}
    schema = [{"KeyType": "HASH", "AttributeName": "pk"}]
    attributes = [{"AttributeName": "pk", "AttributeType": "S"}]
    table = Table("Table", "123456789012", "us-east-1", schema=schema, attr=attributes)  # type: ignore[abstract]
    item = Item(DynamoType({"S": "a"}), None, ITEM)
    try:
        ast = UpdateExpressionParser.make(expression)
        checked = UpdateExpressionValidator(ast, names, VALUES, item, table).validate()
        UpdateExpressionExecutor(checked, item, names).execute()
    except MockValidationException as error:
        return type(error), str(error)
    return item.to_json()


@pytest.mark.parametrize(
    ("expression", "is_refused"),
    [
        ("SET #count = :n", False),
        ("SET #count = #count + :n, added = if_not_exists(added, :s)", False),
        ("SET #labels = list_append(labels, :l), settings.height = :s", False),
        ("ADD #count :n REMOVE settings.note, labels[0]", False),
        ("SET #pk = :s", True),
        ("SET settings = :n, settings.note = :n", True),
        ("SET #count = absent + :n", True),
        ("ADD settings :n", True),
        ("SET added = :unknown", True),
    ],
)
def test_update_has_the_same_result_as_with_motos_traversal(
    expression: str, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = outcome(expression)
    assert isinstance(fast, tuple) is is_refused
    monkeypatch.setattr(DepthFirstTraverser, "traverse_node_recursively", moto_expressions._motos_traversal)
    assert fast == outcome(expression)
