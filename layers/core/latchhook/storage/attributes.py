"""Python values as DynamoDB's typed attributes and back: strings, whole numbers, bytes, booleans, lists and maps.

boto3's own converter makes every number a Decimal and is part of its resource layer, which no function loads.
"""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item as the low-level client takes it: `{"name": {"S": "value"}}`."""


def to_attribute(value: Any) -> dict[str, Any]:
    """One value as a typed attribute; raises `TypeError` for a type that we do not store."""
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [to_attribute(member) for member in value]}
        case dict():
            return {"M": to_item(value)}
    raise TypeError(f"no attribute type for {type(value).__name__}")


def to_item(values: Mapping[str, Any]) -> Item:
    """A mapping as an item; what is None is left out."""
    return {name: to_attribute(value) for name, value in values.items() if value is not None}


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """One typed attribute as a Python value."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return int(value)
        case "L":
            return [from_attribute(member) for member in value]
        case "M":
            return from_item(value)
        case "NULL":
            return None
    return value


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as a mapping of Python values."""
    return {name: from_attribute(attribute) for name, attribute in item.items()}
