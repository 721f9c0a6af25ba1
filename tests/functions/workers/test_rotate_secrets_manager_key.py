"""The rotation function of Secrets Manager: four steps, a crash after any call, and no key in its output."""

import io
import json
import traceback
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from latchhook import aws
from latchhook.api_keys.secrets_manager_rotation import SecretsManagerRotationError
from latchhook.dependency_errors import DependencyUnavailableError
from tests.functions.callers import ACCOUNT, admin, made_key, operator
from tests.functions.calls import call, invoke, own_event, running
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail

FUNCTION = "rotate_secrets_manager_key"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
CALLS = 16
"""The number of AWS calls of a whole rotation."""


class Secret:
    """A secret that contains a key, and its rotation by Secrets Manager."""

    def __init__(self, **fields: Any) -> None:
        self.client = boto3.client("secretsmanager")
        self.made = made_key("orders:read")
        self.arn = self.client.create_secret(
            Name="billing/latchhook-key",
            SecretString=json.dumps({"apiKey": self.made["key"], "user": "billing", **fields}),
            Tags=[{"Key": "latchhook", "Value": "api-key"}],
        )["ARN"]
        self.token = str(uuid4())

    def run(self, *steps: str) -> None:
        for step in steps:
            event = {"Step": step, "SecretId": self.arn, "ClientRequestToken": self.token}
            assert invoke(FUNCTION, own_event(FUNCTION) | event) is None

    def fields(self, stage: str = "AWSCURRENT") -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(
            self.client.get_secret_value(SecretId=self.arn, VersionStage=stage)["SecretString"]
        )
        return fields

    def stages(self) -> dict[str, list[str]]:
        stages: dict[str, list[str]] = self.client.describe_secret(SecretId=self.arn)["VersionIdsToStages"]
        return stages


def code(key: str) -> str:
    """Return the verification code of a key."""
    return str(call("verify_api_key", operator(), body={"key": key}).body["code"])


def test_rotation_creates_a_new_key_text_and_the_old_one_still_works(cloud: Cloud) -> None:
    secret = Secret()

    secret.run(*STEPS)

    fields = secret.fields()
    assert fields == {"apiKey": fields["apiKey"], "user": "billing"}
    assert fields["apiKey"] != secret.made["key"]
    assert [code(fields["apiKey"]), code(secret.made["key"])] == ["VALID", "VALID"]
    assert "AWSCURRENT" in secret.stages()[secret.token]
    assert secret.fields("AWSPREVIOUS")["apiKey"] == secret.made["key"]
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.rotated"]


def test_rotation_keeps_the_key_and_its_settings() -> None:
    secret = Secret()
    secret.run(*STEPS)

    verdict = call("verify_api_key", operator(), body={"key": secret.fields()["apiKey"]}).body
    assert (verdict["keyId"], verdict["scopes"]) == (secret.made["id"], ["orders:read"])


def test_previous_key_text_ends_with_its_grace_period(cloud: Cloud) -> None:
    secret = Secret(gracePeriodSeconds=3600)
    secret.run(*STEPS)
    (key,) = cloud.items("ApiKeysTable")
    assert key["previousUntil"] - key["updatedAt"] == 3_600_000

    cloud.change_key(secret.made["id"], previousUntil=1)
    assert code(secret.made["key"]) == "EXPIRED"
    assert code(secret.fields()["apiKey"]) == "VALID"


def test_repeated_step_changes_nothing(cloud: Cloud) -> None:
    secret = Secret()
    for step in STEPS:
        secret.run(step)
        before = (cloud.contents(), secret.stages(), secret.fields("AWSPENDING"))
        secret.run(step)
        assert (cloud.contents(), secret.stages(), secret.fields("AWSPENDING")) == before


class StoppedError(Exception):
    """The end of the function's environment."""


class Crashes:
    """Count the function's calls and stop the function after one of them. The stopped call has taken effect."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: int | None = None

    def after_call(self, **_: Any) -> None:
        if [each.function for each in running] != [FUNCTION]:
            return
        self.calls += 1
        if self.calls == self.at:
            raise StoppedError


@pytest.fixture
def crashes() -> Iterator[Crashes]:
    made = Crashes()
    clients = (aws.dynamodb(), aws.secretsmanager())
    for client in clients:
        client.meta.events.register("after-call", made.after_call)
    yield made
    for client in clients:
        client.meta.events.unregister("after-call", made.after_call)


@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_rotation_finishes_after_a_crash_after_any_call(at: int, crashes: Crashes, cloud: Cloud) -> None:
    secret = Secret()
    crashes.at = at
    stopped = 0
    for step in STEPS:
        try:
            secret.run(step)
        except StoppedError:
            stopped += 1
            assert code(secret.fields()["apiKey"]) == "VALID"
            secret.run(step)
        assert code(secret.fields()["apiKey"]) == "VALID"
    assert stopped == 1
    assert secret.fields()["apiKey"] != secret.made["key"]
    assert code(secret.made["key"]) == "VALID"
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.rotated"]


def test_number_of_calls_is_known(crashes: Crashes) -> None:
    Secret().run(*STEPS)
    assert crashes.calls == CALLS


def test_abandoned_rotation_keeps_the_current_key_valid() -> None:
    secret = Secret()
    secret.run("createSecret", "setSecret")
    secret.token = str(uuid4())

    for step in STEPS:
        secret.run(step)
        assert code(secret.fields()["apiKey"]) == "VALID"
    assert code(secret.made["key"]) == "VALID"


def test_revoked_key_raises_without_showing_the_key(log: io.StringIO) -> None:
    secret = Secret()
    call("revoke_api_key", admin(), object_id=secret.made["id"])

    with pytest.raises(SecretsManagerRotationError, match=r"^The key is revoked\.$"):
        secret.run("createSecret")

    assert secret.token not in secret.stages()
    assert secret.made["key"] not in log.getvalue()


def test_secret_without_a_key_raises_without_showing_it(log: io.StringIO) -> None:
    secret = Secret()
    secret.client.put_secret_value(SecretId=secret.arn, SecretString="hunter2")
    with pytest.raises(SecretsManagerRotationError) as refused:
        secret.run("createSecret")
    assert "hunter2" not in str(refused.value) + log.getvalue()


def test_missing_secret_is_named_in_the_error() -> None:
    with pytest.raises(DependencyUnavailableError, match="describe_secret: ResourceNotFoundException"):
        invoke(FUNCTION, own_event(FUNCTION))


@pytest.mark.parametrize(
    ("step", "service", "operation"),
    [
        ("createSecret", "secretsmanager", "GetSecretValue"),
        ("createSecret", "secretsmanager", "PutSecretValue"),
        ("setSecret", "dynamodb", "TransactWriteItems"),
        ("testSecret", "dynamodb", "GetItem"),
        ("finishSecret", "secretsmanager", "UpdateSecretVersionStage"),
    ],
)
def test_outage_raises_so_that_the_step_is_retried(
    step: str, service: str, operation: str, fail_operation: Fail, log: io.StringIO
) -> None:
    secret = Secret()
    secret.run(*STEPS[: STEPS.index(step)])
    error = ClientError({"Error": {"Code": "InternalServiceError", "Message": secret.made["key"]}}, operation)
    with fail_operation(service, operation, error), pytest.raises(DependencyUnavailableError) as raised:
        secret.run(step)
    assert secret.made["key"] not in "".join(traceback.format_exception(raised.value)) + log.getvalue()
    assert "rotation step failed" in log.getvalue()

    secret.run(*STEPS[STEPS.index(step) :])
    assert code(secret.fields()["apiKey"]) == "VALID"


def test_log_of_a_rotation_contains_no_key(log: io.StringIO) -> None:
    secret = Secret()
    secret.run(*STEPS)

    assert "rotation step" in log.getvalue()
    for stage in ("AWSCURRENT", "AWSPREVIOUS"):
        assert secret.fields(stage)["apiKey"] not in log.getvalue()
