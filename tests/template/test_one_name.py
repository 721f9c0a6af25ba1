"""Function, file, event, test and operation share one name, so that the route leads to all of them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.template.stack import consumed_queue, consumed_stream, functions, routes
from tests.template_tables import snake_case

ROOT = Path(__file__).parents[2]
PUBLIC_WITHOUT_OPERATION = {"HandleUnknownRoute", "ServeConsole"}


def own_event(logical_id: str) -> Mapping[str, Any]:
    event: Mapping[str, Any] = json.loads((ROOT / "events" / f"{snake_case(logical_id)}.json").read_text())
    return event


@pytest.mark.parametrize("logical_id", functions())
def test_function_has_a_file_an_event_and_a_test_of_its_name(logical_id: str) -> None:
    name = snake_case(logical_id)
    group, module, attribute = functions()[logical_id]["Handler"].split(".")
    assert (module, attribute) == (name, "handler")
    assert (ROOT / "functions" / group / f"{name}.py").is_file()
    assert (ROOT / "events" / f"{name}.json").is_file()
    assert (ROOT / "tests" / "functions" / group / f"test_{name}.py").is_file()


def test_every_file_event_and_test_has_its_function() -> None:
    names = {snake_case(logical_id) for logical_id in functions()}
    assert {path.stem for path in (ROOT / "functions").glob("*/*.py")} == names
    assert {path.stem for path in (ROOT / "events").iterdir()} == names
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "functions").glob("*/test_*.py")}
    assert tests == names


@pytest.mark.parametrize("logical_id", [each for each in functions() if routes(each)])
def test_description_module_and_event_name_the_route(logical_id: str) -> None:
    route, *below = [each for each in routes(logical_id) if not each.startswith("HEAD ")]
    assert set(below) <= {f"{route}/{{proxy+}}"}
    if route == "$default":
        assert own_event(logical_id)["routeKey"] == route
        return
    assert functions()[logical_id]["Description"] == route
    event = own_event(logical_id)
    method, path = route.split(" ")
    assert event["routeKey"] == event["requestContext"]["routeKey"] == route
    assert event["requestContext"]["http"]["method"] == method
    assert event["rawPath"] == event["requestContext"]["http"]["path"]
    assert event["rawPath"] == path.format(**event.get("pathParameters", {}))
    group = functions()[logical_id]["Handler"].partition(".")[0]
    source = (ROOT / "functions" / group / f"{snake_case(logical_id)}.py").read_text(encoding="utf-8")
    assert source.startswith(f'"""{route}')


@pytest.mark.parametrize("logical_id", [each for each in functions() if consumed_queue(each)])
def test_event_of_queue_worker_comes_from_its_queue(logical_id: str) -> None:
    consumed = consumed_queue(logical_id)
    assert consumed is not None
    for record in own_event(logical_id)["Records"]:
        assert record["eventSource"] == "aws:sqs"
        assert record["eventSourceARN"].endswith(f"-{consumed[0]}")


@pytest.mark.parametrize("logical_id", [each for each in functions() if consumed_stream(each)])
def test_event_of_stream_worker_comes_from_its_stream(logical_id: str) -> None:
    consumed = consumed_stream(logical_id)
    assert consumed is not None
    for record in own_event(logical_id)["Records"]:
        assert record["eventSource"] == "aws:dynamodb"
        assert re.search(rf"table/[\w-]+-{consumed[0]}/stream/", record["eventSourceARN"])


def test_every_route_is_an_operation_of_openapi_json() -> None:
    document = json.loads((ROOT / "functions" / "reference" / "openapi.json").read_text(encoding="utf-8"))
    described = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "put", "post", "delete", "patch"}
    }
    declared = {each: routes(each)[0] for each in functions() if routes(each)}
    assert described == {each: route for each, route in declared.items() if each not in PUBLIC_WITHOUT_OPERATION}


def test_get_routes_have_head_routes_to_the_same_function() -> None:
    for logical_id in functions():
        split = [route.partition(" ") for route in routes(logical_id)]
        paths = {wanted: sorted(path for method, _, path in split if method == wanted) for wanted in ("GET", "HEAD")}
        assert paths["HEAD"] == paths["GET"], logical_id


def test_each_route_has_one_function() -> None:
    answered = [route for each in functions() for route in routes(each)]
    assert len(answered) == len(set(answered))
    assert "$default" in answered
