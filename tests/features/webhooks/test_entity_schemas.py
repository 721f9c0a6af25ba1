"""Entity schemas: their findings, their limits, and the schemas that are refused."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from latchhook.webhooks.entity_schemas import DIALECT, MAX_DETAIL_LENGTH, MAX_FINDINGS, EntitySchema
from latchhook.webhooks.errors import Finding, InvalidSchemaError

CORE = Path(__file__).parents[3] / "layers" / "core"

ORDER = {
    "$schema": DIALECT,
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "state": {"enum": ["paid", "open"]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "required": ["number", "state"],
    "additionalProperties": False,
    "$defs": {"line": {"type": "object", "properties": {"a/b~c": {"type": "string"}}, "required": ["a/b~c"]}},
}
GOOD = {"number": 1, "state": "paid", "lines": [{"a/b~c": "x"}]}


def _refusal(schema: dict[str, Any]) -> Finding:
    with pytest.raises(InvalidSchemaError) as refused:
        EntitySchema(schema)
    return refused.value.finding


def test_valid_entity_has_no_findings() -> None:
    assert EntitySchema(ORDER).findings(GOOD) == ()


@pytest.mark.parametrize(
    ("entity", "findings"),
    [
        ({}, [("/number", "This field is required."), ("/state", "This field is required.")]),
        ({**GOOD, "number": "SECRET"}, [("/number", 'This is not of type "integer".')]),
        ({**GOOD, "number": 0}, [("/number", "This is less than the minimum of 1.")]),
        ({**GOOD, "state": "SECRET"}, [("/state", 'This is not one of "paid" or "open".')]),
        ({**GOOD, "x/y": 1, "z": 2}, [("/x~1y", "This field is not allowed."), ("/z", "This field is not allowed.")]),
        ({**GOOD, "lines": [{"a/b~c": "x"}, {}]}, [("/lines/1/a~1b~0c", "This field is required.")]),
        ({**GOOD, "lines": [{"a/b~c": 1}]}, [("/lines/0/a~1b~0c", 'This is not of type "string".')]),
    ],
    ids=["empty", "type", "minimum", "enum", "additional fields", "field of an item", "escaped name"],
)
def test_each_finding_points_to_its_place_in_the_entity(
    entity: dict[str, Any], findings: list[tuple[str, str]]
) -> None:
    assert sorted(EntitySchema(ORDER).findings(entity)) == sorted(findings)


@pytest.mark.parametrize(
    "schema",
    [
        {"additionalProperties": {"type": "null"}},
        {"additionalProperties": {"enum": [1]}},
        {"additionalProperties": {"pattern": "^x"}},
        {"additionalProperties": {"not": {}}},
        {"additionalProperties": {"oneOf": [{}, {}]}},
        {"additionalProperties": {"anyOf": [{"type": "null"}, {"maxLength": 1}]}},
        {"additionalProperties": {"maxLength": 2}},
        {"additionalProperties": False},
        {"propertyNames": {"maxLength": 1}},
        {"properties": {"of": False}},
        {"properties": {"many": {"contains": {"const": 1}}}},
        {"properties": {"many": {"uniqueItems": True}}},
        {"properties": {"many": {"maxItems": 1}}},
        {"properties": {"many": {"prefixItems": [True], "unevaluatedItems": False}}},
        {"dependentRequired": {"of": ["other"]}},
        {"minProperties": 3},
        {"const": {}},
    ],
    ids=json.dumps,
)
def test_findings_contain_no_value_of_the_entity(schema: dict[str, Any]) -> None:
    findings = EntitySchema(schema).findings({"of": "SECRET", "many": ["SECRET", "SECRET"]})

    assert findings != ()
    assert "SECRET" not in repr(findings)
    assert all(detail.endswith(".") for _, detail in findings)


def test_at_most_100_findings_are_returned() -> None:
    schema = EntitySchema({"properties": {"known": True}, "additionalProperties": False})

    assert len(schema.findings({str(number): 1 for number in range(MAX_FINDINGS)})) == MAX_FINDINGS
    assert len(schema.findings({str(number): 1 for number in range(MAX_FINDINGS + 1)})) == MAX_FINDINGS


def test_finding_says_that_no_field_is_allowed() -> None:
    nothing = {"properties": {"in": {"additionalProperties": False}}}

    assert EntitySchema(nothing).findings({"in": {"a": 1}}) == (("/in", "This object must not have fields."),)


def test_long_values_from_the_schema_are_cut() -> None:
    ((_, detail),) = EntitySchema({"const": {"x": "y" * 1000}}).findings({})

    assert len(detail) == MAX_DETAIL_LENGTH
    assert detail.endswith("…")


def test_format_is_not_enforced() -> None:
    schema = EntitySchema({"properties": {"mail": {"type": "string", "format": "email"}}})

    assert schema.findings({"mail": "no address"}) == ()


def test_lone_surrogate_counts_as_one_character() -> None:
    schema = EntitySchema({"properties": {"text": {"const": "?", "maxLength": 1}}})

    assert schema.findings({"text": "\ud800"}) == ()
    assert schema.findings({"text": "\ud800\ud800"}) != ()
    assert schema.findings({"\udfff": 1}) == ()


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "strin"}, "/type"),
        ({"properties": {"a": {"minimum": "3"}}}, "/properties/a/minimum"),
        ({"required": "a"}, "/required"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
        ({"$schema": None}, "/$schema"),
        ({"properties": {"a/b": {"pattern": "["}}}, "/properties/a~1b/pattern"),
        ({"properties": {"a": {"pattern": "(?=a)b"}}}, "/properties/a/pattern"),
        ({"pattern": r"(a)\1"}, "/pattern"),
        ({"pattern": "(a{1000}){1000}"}, "/pattern"),
        ({"patternProperties": {"(?<!a)b": True}}, "/patternProperties/(?<!a)b"),
        ({"$ref": "#/$defs/missing"}, ""),
    ],
    ids=json.dumps,
)
def test_invalid_schema_is_refused_with_the_position_of_the_error(schema: dict[str, Any], pointer: str) -> None:
    assert _refusal(schema).pointer == pointer


class _Counting(BaseHTTPRequestHandler):
    """An HTTP server that returns a schema and counts its requests."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"type": "object"}')

    def log_message(self, *_: Any) -> None:
        pass


def test_schema_with_an_external_reference_is_refused_without_a_request() -> None:
    with HTTPServer(("127.0.0.1", 0), _Counting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_port}/schema"
        named: list[dict[str, Any]] = [
            {"$ref": there},
            {"$ref": f"{there}#/x"},
            {"$dynamicRef": there},
            {"$defs": {"unused": {"$ref": there}}},
            {"properties": {"a": {"anyOf": [{"$ref": there}]}}},
            {"$id": there, "properties": {"a": {"$ref": "other"}}},
        ]
        for schema in named:
            assert _refusal(schema).detail == "A $ref points to nothing in this schema."
        EntitySchema({"$defs": {"a": {"$id": there, "$schema": there}}}).findings({})
        server.shutdown()
    assert _Counting.asked == 0


@pytest.mark.parametrize("reference", ["file:///etc/passwd", "other.json", "urn:x:y"])
def test_schema_with_a_file_reference_is_refused(reference: str) -> None:
    assert _refusal({"$ref": reference}).pointer == ""


def test_pattern_that_hangs_a_backtracking_engine_ends() -> None:
    schema = EntitySchema({"properties": {"text": {"pattern": "^(a|a)*(a+)+$"}}})

    assert schema.findings({"text": "a" * 100_000 + "!"}) != ()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"not": {"$ref": "#"}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}},
        {"$dynamicAnchor": "x", "$dynamicRef": "#x"},
        {"additionalProperties": {"$ref": "#"}},
    ],
    ids=json.dumps,
)
def test_circular_references_end(schema: dict[str, Any]) -> None:
    """The test runs in a separate process, because a stack overflow in Rust ends the process."""
    entity: dict[str, Any] = {}
    for _ in range(64):
        entity = {"a": entity}
    program = (
        "import json, sys; from latchhook.webhooks.entity_schemas import EntitySchema; "
        "EntitySchema(json.loads(sys.argv[1])).findings(json.loads(sys.argv[2])); print('ended')"
    )
    command = [sys.executable, "-c", program, json.dumps(schema), json.dumps(entity)]
    environment = {"PYTHONPATH": str(CORE)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert ended.stdout == "ended\n", ended.stderr
