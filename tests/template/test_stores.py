"""The stores of the template (tables and the key of webhook secrets), and the code that ships with the functions."""

import re
from pathlib import Path

import pytest

from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.verification import KeyQuery
from latchhook.rates import RateLimit
from latchhook.storage.api_key_items import new_item
from latchhook.storage.key_conditions import UpdateVariant, use
from tests import samples
from tests.template.stack import functions, resources, timeout_seconds, translated
from tests.template_tables import declared_tables, template

ROOT = Path(__file__).parents[2]
RETAINED = {"AWS::DynamoDB::Table", "AWS::KMS::Key"}


@pytest.mark.parametrize("table", declared_tables())
def test_table_is_on_demand_encrypted_and_recoverable(table: str) -> None:
    properties = declared_tables()[table]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_stores_survive_the_stack_but_not_a_failed_first_deployment() -> None:
    kept = [name for name, each in template()["Resources"].items() if each["Type"] in RETAINED]
    assert len(kept) == 4
    for name in kept:
        resource = template()["Resources"][name]
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
        assert resource["UpdateReplacePolicy"] == "Retain", name


def test_failed_first_deployment_retains_no_resource() -> None:
    policies = {name: each.get("DeletionPolicy", "Delete") for name, each in template()["Resources"].items()}
    assert [name for name, policy in policies.items() if policy not in {"Delete", "RetainExceptOnCreate"}] == []


@pytest.mark.parametrize("table", declared_tables())
def test_deletion_protection_of_tables_is_a_parameter(table: str) -> None:
    assert declared_tables()[table]["DeletionProtectionEnabled"] == {"Fn::If": ["ProtectsTables", True, False]}
    assert template()["Conditions"]["ProtectsTables"] == {"Fn::Equals": [{"Ref": "DeletionProtection"}, "true"]}


def test_indexes_exclude_attributes_that_a_use_changes() -> None:
    """An index with the counters would be written at every verification."""
    changed = set(re.findall(r"(\w+) = ", use_update())) - {"usedSince"}
    assert {"lastUsedAt", "tat", "creditsLeft"} <= changed
    for index in declared_tables()["ApiKeysTable"]["GlobalSecondaryIndexes"]:
        projection = index["Projection"]
        assert projection["ProjectionType"] in {"KEYS_ONLY", "INCLUDE"}
        held = {*projection.get("NonKeyAttributes", ()), *(each["AttributeName"] for each in index["KeySchema"])}
        assert not held & changed


def use_update() -> str:
    """Return the update expressions of a verification. They set `usedSince` only once a month."""
    query = KeyQuery(samples.api_key().id, b"", samples.NOW)
    spending = samples.api_key(
        rate_limit=RateLimit(1, 1, 1), credits=Credits(0, Refill(1, "daily"), samples.NOW - samples.SECOND)
    )
    return " ".join(
        use(query, form)["UpdateExpression"] for form in (UpdateVariant(), UpdateVariant(idle=True, refill=spending))
    )


@pytest.mark.parametrize("table", ["ApiKeysTable", "SettingsTable", "DeliveriesTable"])
def test_temporary_items_expire_by_ttl(table: str) -> None:
    assert declared_tables()[table]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_keys_have_no_ttl() -> None:
    """Only the usage counts of past months have a ttl, in separate items."""
    assert "ttl" not in new_item(samples.api_key(), b"", samples.PREFIX)
    assert "ttl" not in use_update()


def test_key_of_webhook_secrets_is_rotated() -> None:
    assert template()["Resources"]["WebhookSecretsKey"]["Properties"]["EnableKeyRotation"] is True


@pytest.mark.parametrize("sweep", ["ExpireApiKeys", "RollUpUsage"])
def test_scheduled_job_ends_before_its_next_start(sweep: str) -> None:
    schedule = functions()[sweep]["Events"]["Sweep"]["Properties"]["ScheduleExpression"]
    found = re.fullmatch(r"rate\((\d+) (minute|hour)s?\)", schedule)
    assert found
    assert timeout_seconds(sweep) < int(found[1]) * (60 if found[2] == "minute" else 3600)


def test_request_functions_end_before_the_gateways_timeout() -> None:
    """An HTTP API waits for at most 30 seconds."""
    for logical_id, properties in functions().items():
        if any(event["Type"] == "HttpApi" for event in properties.get("Events", {}).values()):
            assert timeout_seconds(logical_id) < 30


def test_all_functions_share_both_layers_and_the_code() -> None:
    shared = template()["Globals"]["Function"]
    assert shared["CodeUri"] == "functions/"
    assert shared["Layers"] == [{"Ref": "DependenciesLayer"}, {"Ref": "CoreLayer"}]
    for properties in functions().values():
        assert not {"CodeUri", "Layers", "Runtime", "Architectures"} & set(properties)
    layers = {name: each["Properties"] for name, each in resources("AWS::Serverless::LayerVersion").items()}
    assert set(layers) == {"DependenciesLayer", "CoreLayer"}
    for name, properties in layers.items():
        content = ROOT / properties["ContentUri"]
        assert content.is_dir()
        assert not (content / "python").exists(), "the build would make python/python of it"
        assert template()["Resources"][name]["Metadata"] == {
            "BuildMethod": {"Ref": "PythonRuntime"},
            "BuildArchitecture": {"Ref": "Architecture"},
        }
    made = [each for each in translated()["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]
    assert len(made) == len(functions())
    assert all(len(each["Properties"]["Layers"]) == 2 for each in made)


def test_dependencies_are_pinned_with_hashes() -> None:
    text = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and line[0] not in "# -"]
    assert lines
    assert all(re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( ;.*)? \\$", line) for line in lines)
    assert text.count("--hash=sha256:") >= len(lines)


@pytest.mark.parametrize("name", template()["Outputs"])
def test_output_has_a_value(name: str) -> None:
    assert template()["Outputs"][name]["Value"]
