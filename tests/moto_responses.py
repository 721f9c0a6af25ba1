"""Makes moto's JSON responses fast.

moto searches each member of a response under many spellings of its name. A plain dictionary that has only names of
members needs no search. Also, moto lists the methods of a service and converts the operation's name again in each call.
"""

from collections.abc import MutableMapping
from functools import cache
from typing import Any

from moto.core import responses
from moto.core.model import StructureShape
from moto.core.serialize import AttributePicker, BaseJSONSerializer

_search_members = BaseJSONSerializer._serialize_type_structure


def _serialize_structure(
    serializer: BaseJSONSerializer, serialized: MutableMapping[str, Any], value: Any, shape: StructureShape, key: str
) -> None:
    if not _has_exact_names(serializer, value, shape):
        _search_members(serializer, serialized, value, shape, key)
        return
    members: MutableMapping[str, Any] = {} if key else serialized
    for name, member in value.items():
        if member is not None:
            member_shape = shape.members[name]
            member_shape.parent = shape  # type: ignore[attr-defined]  # the search in the member reads it
            serializer._serialize(members, member, member_shape, name)
    if key:
        serializer._default_serialize(serialized, members, shape, key)


def _has_exact_names(serializer: BaseJSONSerializer, value: Any, shape: StructureShape) -> bool:
    picker = serializer._value_picker
    if shape.is_document_type or not isinstance(picker, AttributePicker) or picker.response_transformers:
        return False
    return type(value) is dict and value.keys() <= shape.members.keys()


def install() -> None:
    """Replace moto's implementation in this process."""
    BaseJSONSerializer._serialize_type_structure = _serialize_structure  # type: ignore[method-assign, assignment]
    for name in ("camelcase_to_underscores", "method_names_from_class"):
        setattr(responses, name, cache(getattr(responses, name)))
