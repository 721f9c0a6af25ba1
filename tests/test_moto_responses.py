"""The fast JSON responses of moto are the same as its own."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from moto.core.serialize import BaseJSONSerializer, JSONSerializer, XFormedAttributePicker
from moto.core.utils import get_service_model

from tests import moto_responses

ITEM = {
    "text": {"S": ""},
    "number": {"N": "0"},
    "bytes": {"B": b"\x00\xff"},
    "flag": {"BOOL": False},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "a"}, {"L": []}, {"M": {}}]},
    "map": {"M": {"S": {"S": "named like a kind"}, "inner": {"M": {"deep": {"N": "1"}}}}},
    "set": {"SS": ["a", "b"]},
}


def body(operation: str, result: Any) -> Any:
    model = get_service_model("dynamodb").operation_model(operation)
    serializer = JSONSerializer(operation_model=model, value_picker=XFormedAttributePicker())
    return json.loads(serializer.serialize(result)["body"])


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ("GetItem", {"Item": ITEM}),
        ("GetItem", {"Item": None}),
        ("GetItem", {}),
        ("Query", {"Count": 1, "ScannedCount": 0, "Items": [ITEM, {}], "LastEvaluatedKey": None}),
        ("BatchGetItem", {"Responses": {"Table": [ITEM]}, "UnprocessedKeys": {}}),
        ("GetItem", {"item": ITEM, "not a member": 1}),
        ("GetItem", SimpleNamespace(item=ITEM)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_body_is_the_same_as_with_motos_search(operation: str, result: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = body(operation, result)
    monkeypatch.setattr(BaseJSONSerializer, "_serialize_type_structure", moto_responses._search_members)
    assert fast == body(operation, result)


def test_exact_names_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(XFormedAttributePicker, "get_possible_keys")
    monkeypatch.delattr(XFormedAttributePicker.__base__, "get_possible_keys")
    assert body("GetItem", {"Item": ITEM})["Item"]["map"] == ITEM["map"]
