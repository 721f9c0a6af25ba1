"""Reads template.yaml for the tests: as written, and as translated by SAM."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import boto3
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from tests.template_tables import TEMPLATE, template

FUNCTION = "AWS::Serverless::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"
TABLE = "AWS::DynamoDB::Table"

SETTINGS_WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
ANY_KEY = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*"]}}
"""The condition of a statement without one."""


def resources(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """Return all resources of a type, by logical id."""
    return {name: each for name, each in template()["Resources"].items() if each["Type"] == kind}


def functions() -> Mapping[str, Mapping[str, Any]]:
    """Return the properties of every function, by logical id."""
    return {name: each["Properties"] for name, each in resources(FUNCTION).items()}


def timeout_seconds(logical_id: str) -> int:
    """Return a function's timeout in seconds."""
    own = functions()[logical_id].get("Timeout")
    return int(own or template()["Globals"]["Function"]["Timeout"])


def environment(logical_id: str, *, has_providers: bool = False) -> Mapping[str, Any]:
    """Return a function's environment variables, including those of the template's globals.

    `has_providers` is the condition `HasIdentityProviders`.
    """
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    variables = {**shared, **functions()[logical_id].get("Environment", {}).get("Variables", {})}
    return {name: _chosen(value, has_providers) for name, value in variables.items()}


def _chosen(value: Any, has_providers: bool) -> Any:
    match value:
        case {"Fn::If": ["HasIdentityProviders", then, otherwise]}:
            return then if has_providers else otherwise
    return value


def routes(logical_id: str) -> list[str]:
    """Return a function's route keys."""
    events = functions()[logical_id].get("Events", {}).values()
    return [_route_key(event["Properties"]) for event in events if event["Type"] == "HttpApi"]


def _route_key(properties: Mapping[str, Any]) -> str:
    return f"{properties['Method']} {properties['Path']}" if "Path" in properties else "$default"


def consumed_queue(logical_id: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the queue that invokes a function, with the properties of the mapping."""
    return _consumed(logical_id, QUEUE)


def consumed_stream(logical_id: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the table whose stream invokes a function, with the properties of the mapping."""
    return _consumed(logical_id, TABLE)


def _consumed(logical_id: str, kind: str) -> tuple[str, Mapping[str, Any]] | None:
    for each in resources(MAPPING).values():
        properties = each["Properties"]
        source = named(properties["EventSourceArn"])
        if properties["FunctionName"] == {"Ref": logical_id} and template()["Resources"][source]["Type"] == kind:
            return source, properties
    return None


def named(value: Any) -> str:
    """Return the resource that a value names: `X` for `!GetAtt X.Arn` and `!Ref X`, `X/y` for `!Sub "${X.Arn}/y"`."""
    match value:
        case {"Fn::GetAtt": str() as text}:
            return text.partition(".")[0]
        case {"Ref": str() as name}:
            return name
        case {"Fn::Sub": str() as text}:
            return re.sub(r"\$\{(?:AWS::)?(\w+)(?:\.Arn)?\}", r"\1", text).split(":", 5)[-1]
        case str():
            return value
    raise TypeError(f"not a name: {value}")


def statements(logical_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield every statement of a function's own policies."""
    for policy in functions()[logical_id].get("Policies", []):
        yield from policy["Statement"]


def permissions(logical_id: str) -> set[tuple[str, str]]:
    """Return a function's permissions as pairs of action and resource."""
    return {
        (action, named(resource))
        for statement in statements(logical_id)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def written_prefixes(logical_id: str) -> set[tuple[str, str]]:
    """Return a function's writes to the settings table as pairs of action and pattern of partition keys."""
    return {
        (action, pattern)
        for statement in statements(logical_id)
        for action in as_list(statement["Action"])
        if action in SETTINGS_WRITES and "SettingsTable" in map(named, as_list(statement["Resource"]))
        for pattern in statement.get("Condition", ANY_KEY)["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    }


def as_list(value: Any) -> list[Any]:
    """Return a list, because IAM and CloudFormation also accept a single value without brackets."""
    return value if isinstance(value, list) else [value]


@cache
def translated() -> Mapping[str, Any]:
    """Return the CloudFormation template after SAM's transform."""
    source = deepcopy(yaml_parse(TEMPLATE.read_text(encoding="utf-8")))
    source["Globals"]["Function"]["CodeUri"] = "s3://built/functions"  # as `sam package` writes it
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = "s3://built/layer"
    session = boto3.session.Session(region_name="us-east-1")
    translator = Translator({}, Parser(), boto_session=session)
    made: Mapping[str, Any] = translator.translate(source, {"JwtIssuer": "https://issuer.example"})
    return made
