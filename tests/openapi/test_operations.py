"""Every route is described, and no description lacks a part."""

import re

import pytest

from latchhook.edge.problems import TITLES
from local.declared_functions import DeclaredFunction, Route, declared_functions
from tests.openapi.conftest import OpenApi, Operation, checked_in

ROUTED = [function for function in declared_functions() if function.route is not None]
OPERATIONS = checked_in().operations

each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: operation.content["operationId"]
)


@pytest.mark.parametrize("function", ROUTED, ids=lambda function: function.logical_id)
def test_each_route_is_described_under_its_functions_name(function: DeclaredFunction) -> None:
    described = {Route(operation.method, operation.path): operation.content["operationId"] for operation in OPERATIONS}
    assert function.route is not None
    assert described.get(function.route) == function.logical_id


def test_nothing_but_routes_is_described() -> None:
    assert len(OPERATIONS) == len(ROUTED)


@each_operation
def test_operation_has_its_words(operation: Operation, openapi: OpenApi) -> None:
    summary, description = operation.content["summary"], operation.content["description"]
    assert 3 <= len(summary) <= 60
    assert not summary.endswith(".")
    assert len(description) > len(summary) / 2
    assert not re.search(r"document \d|contracts\.md", summary + description)
    assert set(operation.content["tags"]) <= {tag["name"] for tag in openapi.content["tags"]}


@each_operation
def test_operation_says_who_may_call_it(operation: Operation, openapi: OpenApi) -> None:
    if operation.content["operationId"] == "GetOpenapi":
        assert operation.is_public
        return
    schemes = [name for alternative in operation.content["security"] for name in alternative]
    assert "sessionToken" in schemes
    assert ("apiKey" in schemes) == (not operation.path.startswith("/integration/"))
    assert set(schemes) <= set(openapi.content["components"]["securitySchemes"])
    assert operation.content["x-required-scope"] in operation.content["description"]


@each_operation
def test_operation_has_every_parameter_of_its_path(operation: Operation, openapi: OpenApi) -> None:
    parameters = [openapi.resolved(parameter) for parameter in operation.content["parameters"]]
    in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", operation.path))
    assert all(parameter["description"] and parameter["schema"] for parameter in parameters)


@each_operation
def test_bodies_have_a_named_schema(operation: Operation, openapi: OpenApi) -> None:
    if operation.method in {"PUT", "PATCH"}:
        assert "requestBody" in operation.content
    if "requestBody" in operation.content:
        schema = operation.content["requestBody"]["content"]["application/json"]["schema"]
        assert openapi.resolved(schema)["additionalProperties"] is False


@each_operation
def test_operation_has_one_good_answer_with_a_schema(operation: Operation, openapi: OpenApi) -> None:
    ((status, answer),) = operation.answers.items()
    assert answer["description"]
    if status == "204":
        assert "content" not in answer
        return
    schema = openapi.resolved(answer["content"]["application/json"]["schema"])
    assert schema["type"] == "object"
    assert schema["required"]
    if status == "201":
        assert "Location" in answer["headers"]


@each_operation
def test_operation_has_its_refusals(operation: Operation, openapi: OpenApi) -> None:
    wanted = {"500"}
    if not operation.is_public:
        wanted |= {"400", "401", "403", "503"}
    if "requestBody" in operation.content:
        wanted |= {"413", "415", "422"}
    if any(openapi.resolved(parameter)["in"] == "query" for parameter in operation.content["parameters"]):
        wanted |= {"422"}
    if "{id}" in operation.path:
        wanted |= {"404"}
    assert wanted <= set(operation.refusals)
    for status, refusal in operation.refusals.items():
        assert int(status) in TITLES
        content = openapi.resolved(refusal)["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert {example["value"]["status"] for example in content["examples"].values()} == {int(status)}


def test_fields_of_requests_and_answers_are_typed(openapi: OpenApi) -> None:
    untyped = [
        f"{name}.{field}"
        for name, schema in openapi.content["components"]["schemas"].items()
        for field, content in schema["properties"].items()
        if not {"type", "$ref", "anyOf", "enum"} & set(content)
    ]
    assert untyped == []


def test_every_component_is_used(openapi: OpenApi) -> None:
    text = str(openapi.content)
    components = openapi.content["components"]
    names = [(kind, name) for kind in ("parameters", "responses", "schemas") for name in components[kind]]
    assert [name for kind, name in names if f"'#/components/{kind}/{name}'" not in text] == []
