"""Every function's environment fits into Lambda's limit of 4 KiB with the longest parameters and names.

Source: Lambda quotas, "Function environment variables: 4 KB, for all variables in total".
"""

from typing import Any

import pytest

from tests.template.stack import environment, functions, named
from tests.template_tables import template

MOST_BYTES = 4096

LONGEST_STACK_NAME = 128
LONGEST_SUFFIX = 14
"""The length of the hyphen and the suffix that CloudFormation adds to generated names."""
LONGEST_NAMES = {
    "AWS::DynamoDB::Table": 255,
    "AWS::SQS::Queue": 80,
    "AWS::IAM::Role": 64,
    "AWS::KMS::Key": 36,
    "AWS::Serverless::HttpApi": 10,
}
ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
PARTITION = "aws-us-gov"
DNS_SUFFIX = "amazonaws.com.cn"


def longest_name(logical_id: str, kind: str) -> str:
    """Return the longest name that CloudFormation can generate for a resource."""
    return "n" * min(LONGEST_NAMES[kind], LONGEST_STACK_NAME + len(f"-{logical_id}") + LONGEST_SUFFIX)


def longest_value(value: Any) -> str:
    """Return the longest possible value of a variable."""
    if isinstance(value, str):
        return value
    name = named(value)
    if name in template()["Parameters"]:
        return longest_parameter(name)
    kind = template()["Resources"][name]["Type"]
    (how,) = value
    texts = {
        ("AWS::SQS::Queue", "Ref"): f"https://sqs.{REGION}.{DNS_SUFFIX}/{ACCOUNT}/",
        ("AWS::SQS::Queue", "Fn::GetAtt"): f"arn:{PARTITION}:sqs:{REGION}:{ACCOUNT}:",
        ("AWS::IAM::Role", "Fn::GetAtt"): f"arn:{PARTITION}:iam::{ACCOUNT}:role/",
        ("AWS::KMS::Key", "Fn::GetAtt"): f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/",
        ("AWS::DynamoDB::Table", "Ref"): "",
        ("AWS::Serverless::HttpApi", "Ref"): "",
    }
    return texts[kind, how] + longest_name(name, kind)


def longest_parameter(name: str) -> str:
    """Return the longest value that the template allows for a parameter."""
    declared = template()["Parameters"][name]
    if "AllowedValues" in declared:
        return max(map(str, declared["AllowedValues"]), key=len)
    return "x" * len(str(declared["MaxValue"])) if declared["Type"] == "Number" else "x" * int(declared["MaxLength"])


@pytest.mark.parametrize("has_providers", [False, True])
@pytest.mark.parametrize("logical_id", functions())
def test_largest_environment_fits_lambdas_limit(logical_id: str, has_providers: bool) -> None:
    variables = environment(logical_id, has_providers=has_providers)
    largest = {name: longest_value(value) for name, value in variables.items()}
    if not has_providers:
        largest["IDENTITY_PROVIDERS"] = ""
    sizes = {name: len(name) + len(value) for name, value in largest.items()}
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda each: -each[1])[:8]


def test_parameters_in_environments_have_a_maximum_length() -> None:
    used = {named(value) for each in functions() for value in environment(each).values() if not isinstance(value, str)}
    bounds = {"MaxLength", "MaxValue", "AllowedValues"}
    declared = template()["Parameters"]
    assert [name for name in declared if name in used and not bounds & declared[name].keys()] == []
