"""What keeps data: tables and the key of webhook secrets; and what ships with the functions."""

import re
from pathlib import Path

import pytest

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


def test_what_keeps_data_stays_when_the_stack_goes() -> None:
    kept = [name for name, each in template()["Resources"].items() if each["Type"] in RETAINED]
    assert len(kept) == 4
    for name in kept:
        resource = template()["Resources"][name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain"), name


def test_indexes_of_counted_items_hold_keys_only() -> None:
    """One that carried the counters would be written at every verification."""
    indexes = declared_tables()["ApiKeysTable"]["GlobalSecondaryIndexes"]
    assert {str(index["Projection"]) for index in indexes} == {str({"ProjectionType": "KEYS_ONLY"})}


@pytest.mark.parametrize("table", ["SettingsTable", "DeliveriesTable"])
def test_items_that_are_kept_for_a_time_go_by_ttl(table: str) -> None:
    assert declared_tables()[table]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_keys_are_never_deleted_by_time() -> None:
    assert "TimeToLiveSpecification" not in declared_tables()["ApiKeysTable"]


def test_key_of_webhook_secrets_is_rotated() -> None:
    assert template()["Resources"]["WebhookSecretsKey"]["Properties"]["EnableKeyRotation"] is True


def test_sweep_ends_before_the_next_one_starts() -> None:
    schedule = functions()["ExpireApiKeys"]["Events"]["Sweep"]["Properties"]["ScheduleExpression"]
    found = re.fullmatch(r"rate\((\d+) minutes\)", schedule)
    assert found
    assert timeout_seconds("ExpireApiKeys") < int(found[1]) * 60


def test_no_request_outlasts_the_gateway() -> None:
    """An HTTP API waits for 30 seconds at most."""
    for logical_id, properties in functions().items():
        if any(event["Type"] == "HttpApi" for event in properties.get("Events", {}).values()):
            assert timeout_seconds(logical_id) < 30


def test_every_function_ships_with_both_layers_and_the_same_code() -> None:
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


def test_dependencies_are_pinned_with_their_hashes() -> None:
    text = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and line[0] not in "# -"]
    assert lines
    assert all(re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( ;.*)? \\$", line) for line in lines)
    assert text.count("--hash=sha256:") >= len(lines)


@pytest.mark.parametrize("name", template()["Outputs"])
def test_output_has_a_value(name: str) -> None:
    assert template()["Outputs"][name]["Value"]
