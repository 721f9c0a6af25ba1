"""All functions log to one group with a configurable retention."""

import pytest

from tests.template.stack import functions, resources, translated
from tests.template_tables import template

DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
"""The retention values of CloudWatch Logs. Source: its API reference, "PutRetentionPolicy"."""

MAX_RESOURCES = 500
"""Source: CloudFormation user guide, "Quotas"."""


@pytest.mark.parametrize("logical_id", functions())
def test_function_logs_to_the_group_with_retention(logical_id: str) -> None:
    made = translated()["Resources"][logical_id]
    assert made["Type"] == "AWS::Lambda::Function"
    assert made["Properties"]["LoggingConfig"] == {"LogGroup": {"Ref": "FunctionLogs"}}


def test_retention_of_the_single_log_group_is_a_parameter() -> None:
    (group,) = resources("AWS::Logs::LogGroup").values()
    assert group["Properties"] == {"RetentionInDays": {"Ref": "LogRetentionDays"}}
    assert template()["Outputs"]["LogGroupName"]["Value"] == {"Ref": "FunctionLogs"}


def test_retention_defaults_to_thirty_days() -> None:
    parameter = template()["Parameters"]["LogRetentionDays"]
    assert (parameter["Default"], parameter["AllowedValues"]) == (30, DAYS)


def test_template_is_well_below_cloudformations_resource_limit() -> None:
    assert len(translated()["Resources"]) <= MAX_RESOURCES * 9 / 10
