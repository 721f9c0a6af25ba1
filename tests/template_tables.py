"""The tables as template.yaml declares them, made on any DynamoDB that a test has: moto's or Amazon's own."""

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


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's tags; `!Ref X` is read as `{"Ref": "X"}`, `!Sub x` as `{"Fn::Sub": "x"}`."""


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
    """template.yaml as it stands."""
    # _TemplateLoader is a SafeLoader: it makes plain data only.
    return cast("Mapping[str, Any]", yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_TemplateLoader))  # noqa: S506


def snake_case(logical_id: str) -> str:
    """`GetApiKey` as `get_api_key`: a function's name everywhere else."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", logical_id).lower()


def declared_tables() -> Mapping[str, Mapping[str, Any]]:
    """The properties of every table of the template, by logical id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def create_tables(client: "DynamoDBClient") -> None:
    """Makes every table of the template under its logical id: keys, indexes and streams as they are declared.

    Items are not made to go by `ttl`: tests have clocks of their own.
    """
    for logical_id, properties in declared_tables().items():
        wanted = {name: properties[name] for name in _OF_CREATE_TABLE if name in properties}
        if "StreamSpecification" in properties:
            # In CloudFormation a stream is there to be enabled.
            wanted["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
        client.create_table(TableName=logical_id, **wanted)
