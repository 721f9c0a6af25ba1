"""The permissions of functions and roles in the template."""

from typing import Any

import pytest

from tests.template.stack import (
    as_list,
    consumed_queue,
    consumed_stream,
    functions,
    named,
    permissions,
    routes,
    statements,
    translated,
    written_prefixes,
)
from tests.template_tables import template

LAMBDA_LOGS_ONLY = {"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
QUEUE_POLICY = "AWS::SQS::QueuePolicy"
READS_QUEUE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
ROTATES_SECRETS = {
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
}
READS_STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}


def role_statements() -> list[tuple[str, dict[str, Any]]]:
    """Return all statements of all roles in the translated template, except trust policies."""
    return [
        (name, statement)
        for name, role in translated()["Resources"].items()
        if role["Type"] == "AWS::IAM::Role"
        for policy in role["Properties"].get("Policies", [])
        for statement in as_list(policy["PolicyDocument"]["Statement"])
    ]


def all_statements(value: Any) -> list[dict[str, Any]]:
    """Return all policy statements within a value."""
    if isinstance(value, dict):
        own = [value] if "Effect" in value and "Action" in value else []
        return own + [found for inner in value.values() for found in all_statements(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in all_statements(inner)]
    return []


def test_no_action_is_a_wildcard() -> None:
    every = all_statements(translated())
    assert len(every) > 40
    assert [action for each in every for action in as_list(each["Action"]) if "*" in action] == []


def test_policies_have_no_deny_statements() -> None:
    assert {each["Effect"] for each in all_statements(translated())} == {"Allow"}


def test_no_statement_covers_every_resource() -> None:
    assert [name for name, each in role_statements() if "*" in as_list(each["Resource"])] == []


def test_wildcards_end_only_names_that_are_unknown_at_deployment() -> None:
    wide = {pair for each in functions() for pair in permissions(each) if "*" in pair[1]}
    tables = ("SettingsTable", "DeliveriesTable")
    streams = {(action, f"{table}/stream/*") for action in READS_STREAM for table in tables}
    secrets = {(action, "secret:*") for action in ROTATES_SECRETS}
    assert wide == {("scheduler:CreateSchedule", "schedule/default/latchhook-*"), *streams, *secrets}


def test_only_secrets_with_the_latchhook_tag_can_be_rotated() -> None:
    rotating = [(name, each) for name, each in role_statements() if ROTATES_SECRETS & set(as_list(each["Action"]))]
    ((name, statement),) = rotating
    assert (name, set(statement["Action"])) == ("RotateSecretsManagerKeyRole", ROTATES_SECRETS)
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/latchhook": "api-key"}}


WITHOUT_SESSIONS = {
    "Authorize", "CreateToken", "ExchangePortalCode", "GetAuthorizationServerMetadata", "GetOpenapi",
    "GetProtectedResourceMetadata", "HandleUnknownRoute", "IntrospectToken", "ReportGithubLeaks", "RevokeToken",
    "ServeConsole",
}  # fmt: skip


def test_functions_with_sessions_may_read_the_session_secret() -> None:
    policy = template()["Resources"]["ReadJwtSecret"]
    meeting = {each for each in functions() if routes(each)} - WITHOUT_SESSIONS
    assert sorted(named(role) for role in policy["Properties"]["Roles"]) == sorted(f"{each}Role" for each in meeting)
    assert policy["Condition"] == "HasSessionSecrets"
    for condition, parameter in (
        ("HasProviderSecrets", "IdentityProviderSecretArns"),
        ("HasJwtSecret", "JwtSecretArn"),
    ):
        assert template()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
    assert template()["Conditions"]["HasSessionSecrets"] == {
        "Fn::Or": [{"Condition": "HasJwtSecret"}, {"Condition": "HasProviderSecrets"}]
    }
    resources = {
        "HasProviderSecrets": {"Fn::Split": [",", {"Ref": "IdentityProviderSecretArns"}]},
        "HasJwtSecret": {"Ref": "JwtSecretArn"},
    }
    read = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"]}
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {"Fn::If": [condition, {**read, "Resource": resource}, {"Ref": "AWS::NoValue"}]}
        for condition, resource in resources.items()
    ]


def test_functions_with_sessions_may_read_memberships_and_their_profiles() -> None:
    policy = template()["Resources"]["ReadMemberships"]["Properties"]
    assert policy["Roles"] == template()["Resources"]["ReadJwtSecret"]["Properties"]["Roles"]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:BatchGetItem", "dynamodb:GetItem"],
            "Resource": {"Fn::GetAtt": "SettingsTable.Arn"},
        }
    ]


def test_only_two_policies_are_shared() -> None:
    kinds = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"}
    shared = [name for name, each in template()["Resources"].items() if each["Type"] in kinds]
    assert shared == ["ReadJwtSecret", "ReadMemberships"]


def test_secrets_manager_invokes_rotation_for_this_account_only() -> None:
    (permission,) = [
        each["Properties"]
        for each in template()["Resources"].values()
        if each.get("Properties", {}).get("Principal") == "secretsmanager.amazonaws.com"
    ]
    assert named(permission["FunctionName"]) == "RotateSecretsManagerKey"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert permission["Action"] == "lambda:InvokeFunction"


def test_key_policy_is_the_only_statement_for_every_resource() -> None:
    everywhere = [each for each in all_statements(translated()) if each.get("Resource") == "*"]
    key = template()["Resources"]["WebhookSecretsKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert len(everywhere) == len(key) == 1


def test_managed_policies_allow_writing_logs_only() -> None:
    attached = {
        str(policy).replace("{'Fn::Sub': 'arn:${AWS::Partition}", "arn:aws").rstrip("'}")
        for role in translated()["Resources"].values()
        if role["Type"] == "AWS::IAM::Role"
        for policy in role["Properties"].get("ManagedPolicyArns", [])
    }
    assert attached == LAMBDA_LOGS_ONLY


def test_every_function_has_its_own_role() -> None:
    made = {name: each for name, each in translated()["Resources"].items() if each["Type"] == "AWS::Lambda::Function"}
    assert {name: str(each["Properties"]["Role"]) for name, each in made.items()} == {
        name: str({"Fn::GetAtt": [f"{name}Role", "Arn"]}) for name in functions()
    }


@pytest.mark.parametrize("logical_id", functions())
def test_only_its_worker_reads_a_queue(logical_id: str) -> None:
    reading = {pair for pair in permissions(logical_id) if pair[0] in READS_QUEUE}
    consumed = consumed_queue(logical_id)
    assert reading == ({(action, consumed[0]) for action in READS_QUEUE} if consumed else set())


@pytest.mark.parametrize("logical_id", functions())
def test_only_its_worker_reads_a_stream(logical_id: str) -> None:
    reading = {pair for pair in permissions(logical_id) if pair[0] in READS_STREAM}
    consumed = consumed_stream(logical_id)
    assert reading == ({(action, f"{consumed[0]}/stream/*") for action in READS_STREAM} if consumed else set())


def test_only_the_bus_rule_sends_to_the_bus_queues() -> None:
    policies = [each["Properties"] for each in template()["Resources"].values() if each["Type"] == QUEUE_POLICY]
    assert sorted(named(queue) for policy in policies for queue in policy["Queues"]) == [
        "BusDeadLetterQueue",
        "BusQueue",
    ]
    for policy in policies:
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert [named(statement["Resource"])] == [named(queue) for queue in policy["Queues"]]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Action"] == ["sqs:SendMessage"]
        (condition,) = statement["Condition"]["ArnEquals"].items()
        assert (condition[0], named(condition[1])) == ("aws:SourceArn", "BusRule")


def test_template_gives_no_access_to_the_bus() -> None:
    assert "AWS::Events::EventBusPolicy" not in {each["Type"] for each in template()["Resources"].values()}
    assert "Policy" not in template()["Resources"]["EventBus"]["Properties"]
    assert [each for each in functions() for action, _ in permissions(each) if action.startswith("events:")] == []


def test_no_function_may_scan() -> None:
    assert [each for each in functions() for action, _ in permissions(each) if "Scan" in action] == []


@pytest.mark.parametrize("logical_id", functions())
def test_role_is_passed_to_the_scheduler_only(logical_id: str) -> None:
    for statement in statements(logical_id):
        if "iam:PassRole" in as_list(statement["Action"]):
            assert as_list(statement["Action"]) == ["iam:PassRole"]
            assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


def test_roles_trust_services_and_schedules_of_this_account_only() -> None:
    for name, role in translated()["Resources"].items():
        if role["Type"] != "AWS::IAM::Role":
            continue
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            assert set(statement["Principal"]) == {"Service"}, name
    own = template()["Resources"]["RetryScheduleRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert own["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


SETTINGS_PREFIXES = {
    "ACCOUNT#*",
    "AUDIT#*",
    "RATE#*",
    "EVENT_TYPES",
    "SCOPES",
    "PORTAL#*",
    "OAUTHCLIENT#*",
    "ASSERTION#*",
}
"""The partitions of the settings table: an account's objects, its audit log, its rates, the shared objects, the
portal sessions, the OAuth clients, and the assertions that they used."""


def test_functions_write_settings_under_known_prefixes_only() -> None:
    """test_permissions_are_needed.py compares each function's prefixes with the keys that it writes."""
    written = {pattern for each in functions() for _, pattern in written_prefixes(each)}
    assert written == SETTINGS_PREFIXES


def test_read_routes_write_audit_entries_only() -> None:
    readers = [each for each in functions() if any(route.startswith("GET ") for route in routes(each))]
    wide = {each for each in readers if written_prefixes(each) - {("dynamodb:PutItem", "AUDIT#*")}}
    assert wide == {"GetWebhookSettings"}  # it creates a missing secret


@pytest.mark.parametrize(
    ("partition", "own"),
    [
        ("EVENT_TYPES", {"PutEventType", "DeleteEventType"}),
        ("SCOPES", {"PutScope", "DeleteScope"}),
        (
            "OAUTHCLIENT#*",
            {"CreateOauthClient", "UpdateOauthClient", "DeleteOauthClient", "RotateOauthClientSecret"},
        ),
        ("ASSERTION#*", {"CreateToken", "RevokeToken", "IntrospectToken"}),
        ("PORTAL#*", {"CreatePortalSession", "ExchangePortalCode", "DeletePortalSession"}),
    ],
)
def test_shared_objects_are_written_by_their_own_routes_only(partition: str, own: set[str]) -> None:
    writers = {each for each in functions() for _, pattern in written_prefixes(each) if pattern == partition}
    assert writers == own


def test_audit_entries_are_only_created() -> None:
    changing = {action for each in functions() for action, pattern in written_prefixes(each) if pattern == "AUDIT#*"}
    assert changing == {"dynamodb:PutItem"}


def test_rates_are_only_updated() -> None:
    counting = {action for each in functions() for action, pattern in written_prefixes(each) if pattern == "RATE#*"}
    assert counting == {"dynamodb:UpdateItem"}
