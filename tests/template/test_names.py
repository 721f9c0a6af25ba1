"""Two stages fit into one account and region, because no resource has a fixed physical name."""

import re
from collections.abc import Iterator
from typing import Any

from tests.template.stack import translated

NAME = re.compile(r"(Name|.*[a-z]Name)")
NAMES_NOTHING_IN_THE_ACCOUNT = {
    ("AWS::CloudWatch::Alarm", "MetricName"),  # AWS's own metric
    ("AWS::ApiGatewayV2::Stage", "StageName"),  # unique within its API only
    ("AWS::IAM::Policy", "PolicyName"),  # unique within its roles only
}


def names() -> Iterator[tuple[str, Any]]:
    """Yield every top-level property that sets or uses a physical name, after SAM's transform."""
    for logical_id, resource in translated()["Resources"].items():
        for key, value in resource.get("Properties", {}).items():
            if NAME.fullmatch(key) and (resource["Type"], key) not in NAMES_NOTHING_IN_THE_ACCOUNT:
                yield f"{logical_id}.{key}", value


def references(value: Any) -> Iterator[str]:
    """Yield the logical ids and pseudo parameters in a value."""
    match value:
        case {"Ref": str() as name}:
            yield name
        case {"Fn::GetAtt": [str() as name, *_]}:
            yield name
        case {"Fn::GetAtt": str() as text}:
            yield text.partition(".")[0]
        case {"Fn::Sub": str() as text}:
            yield from re.findall(r"\$\{([\w:]+)", text)
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def test_no_resource_has_a_literal_physical_name() -> None:
    found = dict(names())
    assert {"EventBus.Name", "ExpireApiKeysPermission.FunctionName"} & found.keys()
    assert [where for where, value in found.items() if isinstance(value, str)] == []


def test_every_physical_name_depends_on_the_stack() -> None:
    own = {"AWS::StackName", "AWS::StackId", *translated()["Resources"]}
    assert [where for where, value in names() if not own & set(references(value))] == []


def test_cloudformation_names_schedules_and_rules() -> None:
    kinds = {"AWS::Scheduler::Schedule", "AWS::Events::Rule"}
    made = {name: each for name, each in translated()["Resources"].items() if each["Type"] in kinds}
    assert len(made) == 3
    assert [name for name, each in made.items() if "Name" in each["Properties"]] == []
