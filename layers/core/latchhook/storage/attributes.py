"""Convert Python values to DynamoDB's typed attributes and back: strings, integers, bytes, booleans, lists and maps.

boto3's converter turns every number into a Decimal, and is part of its resource layer, which no function loads.
"""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item in the format of the low-level client: `{"name": {"S": "value"}}`."""


def to_attribute(value: Any) -> dict[str, Any]:
    """Convert a value to a typed attribute. Raises `TypeError` for a type that is not stored."""
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
    """Convert a mapping to an item without its None values."""
    return {name: to_attribute(value) for name, value in values.items() if value is not None}


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """Convert a typed attribute to a Python value."""
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
    """Convert an item to a mapping of Python values."""
    return {name: from_attribute(attribute) for name, attribute in item.items()}
