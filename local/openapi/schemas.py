"""The named JSON Schemas of openapi.json: request bodies from pydantic models, responses from TypedDicts."""

import ast
import functools
import inspect
import json
import operator
import sys
from types import ModuleType, UnionType
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import BaseModel, Field, TypeAdapter, create_model

REFERENCE = "#/components/schemas/{model}"

_BOUNDS = {"ge": "minimum", "le": "maximum"}
"""pydantic writes its own names of the bounds of a number whose type has a validator, such as `Integer`."""


class NamedSchemas:
    """Collects types and makes one schema of each type and of each nested type. A schema has the name of its class."""

    def __init__(self) -> None:
        self._adapters: dict[str, TypeAdapter[Any]] = {}
        self._models: dict[type, type[BaseModel]] = {}

    def reference(self, of: type) -> dict[str, str]:
        """Return a reference to the schema of a pydantic model or a TypedDict."""
        model = of if issubclass(of, BaseModel) else self._model(of)
        self._adapters[model.__name__] = TypeAdapter(model)
        return {"$ref": REFERENCE.format(model=model.__name__)}

    def components(self) -> dict[str, Any]:
        """Return every referenced schema by name."""
        inputs: Any = [(name, "validation", adapter) for name, adapter in self._adapters.items()]
        _, document = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)
        return {name: _component(schema) for name, schema in sorted(document["$defs"].items())}

    def _model(self, response: type) -> type[BaseModel]:
        """Return a TypedDict as a model, since pydantic does not support `typing.TypedDict` before Python 3.12."""
        if response not in self._models:
            docs = _field_docs(response)
            # `schema` is a method of pydantic models. The field gets the name `schema_` and the alias `schema`.
            fields: Any = {
                name + "_" * hasattr(BaseModel, name): (
                    Annotated[self._converted(_required(hint)), Field(description=docs.get(name), alias=name)],
                    None if get_origin(hint) is NotRequired else ...,
                )
                for name, hint in get_type_hints(response, include_extras=True).items()
            }
            name = response.__name__.removesuffix("Response")
            self._models[response] = create_model(name, __doc__=response.__doc__, **fields)
        return self._models[response]

    def _converted(self, hint: Any) -> Any:
        """Return a type with models instead of TypedDicts, and with the formats of texts as JSON Schema extras."""
        if is_typeddict(hint):
            return self._model(hint)
        arguments = get_args(hint)
        if get_origin(hint) is Annotated:
            return Annotated[arguments[0], Field(json_schema_extra={"format": arguments[1]})]
        if get_origin(hint) in (Union, UnionType):
            return functools.reduce(operator.or_, map(self._converted, arguments))
        if get_origin(hint) in (list, dict):
            return get_origin(hint)[tuple(map(self._converted, arguments))]
        return hint


def _required(hint: Any) -> Any:
    """Return the type of a field without the mark that the field can be missing."""
    return get_args(hint)[0] if get_origin(hint) is NotRequired else hint


def _field_docs(response: type) -> dict[str, str]:
    """Return the docstrings of the fields of a TypedDict, inherited fields included."""
    return _docs_of_class(sys.modules[response.__module__], response.__name__)


def _docs_of_class(module: ModuleType, name: str) -> dict[str, str]:
    classes = _classes(module)
    if name not in classes:
        return {}
    docs: dict[str, str] = {}
    for base in classes[name].bases:
        if isinstance(base, ast.Name):
            docs |= _docs_of_class(module, base.id)
    for field, text in zip(classes[name].body, classes[name].body[1:], strict=False):
        match field, text:
            case (ast.AnnAssign(target=ast.Name(id=field_name)), ast.Expr(value=ast.Constant(value=str(doc)))):
                docs[field_name] = _one_line(doc)
    return docs


@functools.cache
def _classes(module: ModuleType) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)}


def _component(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a named schema without pydantic's titles, which only repeat the names. The description comes first."""
    tidied: dict[str, Any] = _tidy(schema)
    description = _one_line(tidied.pop("description", ""))
    return {"description": description, **tidied} if description else tidied


def _one_line(docstring: str) -> str:
    return " ".join(docstring.split())


def _describe_default(schema: dict[str, Any]) -> None:
    """Move the default into the description, because some generators make a field with a default required."""
    if "default" not in schema or isinstance(schema["default"], dict):
        return
    default = schema.pop("default")
    if default is not None:
        text = f"Default: `{json.dumps(default)}`."
        schema["description"] = f"{schema['description']} {text}" if "description" in schema else text


def _keyword(name: str, value: Any) -> str:
    """Return JSON Schema's name of a bound. A field can have the same name, but its value is a schema."""
    return _BOUNDS.get(name, name) if isinstance(value, int) else name


def _tidy(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidied: dict[str, Any] = {
        _keyword(name, value): _tidy(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }
    if isinstance(component := tidied.pop("x-component", None), str):
        tidied["$ref"] = REFERENCE.format(model=component)
    _describe_default(tidied)
    match tidied.get("anyOf"):
        case [{"type": str(kind)} as one, {"type": "null"}] if not {"enum", "const"} & set(one):
            # The short form of "or null" in JSON Schema.
            del tidied["anyOf"]
            return {**one, "type": [kind, "null"], **tidied}
    return tidied
