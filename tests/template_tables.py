"""Creates the tables of template.yaml in moto or in DynamoDB Local."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).parents[1] / "template.yaml"

API_KEYS = "ApiKeysTable"
SETTINGS = "SettingsTable"
DELIVERIES = "DeliveriesTable"
"""The tables' logical ids, which are their names in tests."""

_OF_CREATE_TABLE = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


class _TemplateLoader(yaml.CSafeLoader):
    """Loads YAML with CloudFormation's tags.

    `!Ref X` becomes `{"Ref": "X"}`, and `!Sub x` becomes `{"Fn::Sub": "x"}`.
    """


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            return {name: loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(node.tag)


_TemplateLoader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> Mapping[str, Any]:
    """Return the parsed template.yaml."""
    # _TemplateLoader is a SafeLoader, which creates plain data only.
    return cast("Mapping[str, Any]", yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_TemplateLoader))  # noqa: S506


def snake_case(logical_id: str) -> str:
    """Return a logical id such as `GetApiKey` as `get_api_key`, the function's name everywhere else."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", logical_id).lower()


def declared_tables() -> Mapping[str, Mapping[str, Any]]:
    """Return the properties of every table of the template, by logical id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def create_tables(client: "DynamoDBClient") -> None:
    """Create every table of the template under its logical id, with keys, indexes and streams.

    Items do not expire by `ttl`, because tests have their own clocks.
    """
    for logical_id, properties in declared_tables().items():
        wanted = {name: properties[name] for name in _OF_CREATE_TABLE if name in properties}
        if "StreamSpecification" in properties:
            # CloudFormation enables a stream by its presence.
            wanted["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
        client.create_table(TableName=logical_id, **wanted)
