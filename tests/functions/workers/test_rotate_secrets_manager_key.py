"""Secrets Manager's rotation function: four steps, a crash after any call, and no key in what it shows."""

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
"""What a whole rotation asks of AWS."""


class Secret:
    """A secret with a key in it, and Secrets Manager rotating it."""

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
    """What a verification says of a key."""
    return str(call("verify_api_key", operator(), body={"key": key}).body["code"])


def test_a_rotation_gives_everybody_a_new_key_and_the_old_one_holds_on(cloud: Cloud) -> None:
    secret = Secret()

    secret.run(*STEPS)

    fields = secret.fields()
    assert fields == {"apiKey": fields["apiKey"], "user": "billing"}
    assert fields["apiKey"] != secret.made["key"]
    assert [code(fields["apiKey"]), code(secret.made["key"])] == ["VALID", "VALID"]
    assert "AWSCURRENT" in secret.stages()[secret.token]
    assert secret.fields("AWSPREVIOUS")["apiKey"] == secret.made["key"]
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.rotated"]


def test_it_is_the_same_key_with_the_same_settings() -> None:
    secret = Secret()
    secret.run(*STEPS)

    verdict = call("verify_api_key", operator(), body={"key": secret.fields()["apiKey"]}).body
    assert (verdict["keyId"], verdict["scopes"]) == (secret.made["id"], ["orders:read"])


def test_the_old_key_ends_with_its_grace(cloud: Cloud) -> None:
    secret = Secret(gracePeriodSeconds=3600)
    secret.run(*STEPS)
    (key,) = cloud.items("ApiKeysTable")
    assert key["previousUntil"] - key["updatedAt"] == 3_600_000

    cloud.change_key(secret.made["id"], previousUntil=1)
    assert code(secret.made["key"]) == "EXPIRED"
    assert code(secret.fields()["apiKey"]) == "VALID"


def test_each_step_run_twice_changes_nothing_more(cloud: Cloud) -> None:
    secret = Secret()
    for step in STEPS:
        secret.run(step)
        before = (cloud.contents(), secret.stages(), secret.fields("AWSPENDING"))
        secret.run(step)
        assert (cloud.contents(), secret.stages(), secret.fields("AWSPENDING")) == before


class StoppedError(Exception):
    """The function's environment is gone."""


class Crashes:
    """The function's calls, of which one is answered to nobody: done, and the function stopped."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: int | None = None

    def after_call(self, **_: Any) -> None:
        if running != [FUNCTION]:
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
def test_after_a_crash_after_any_call_the_rotation_ends_as_it_would_have(
    at: int, crashes: Crashes, cloud: Cloud
) -> None:
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


def test_crashes_reach_every_call(crashes: Crashes) -> None:
    Secret().run(*STEPS)
    assert crashes.calls == CALLS


def test_a_rotation_that_was_given_up_does_not_take_the_key_from_those_who_read_it() -> None:
    secret = Secret()
    secret.run("createSecret", "setSecret")
    secret.token = str(uuid4())

    for step in STEPS:
        secret.run(step)
        assert code(secret.fields()["apiKey"]) == "VALID"
    assert code(secret.made["key"]) == "VALID"


def test_a_revoked_key_is_an_error_that_says_so_and_shows_no_key(log: io.StringIO) -> None:
    secret = Secret()
    call("revoke_api_key", admin(), object_id=secret.made["id"])

    with pytest.raises(SecretsManagerRotationError, match=r"^The key is revoked\.$"):
        secret.run("createSecret")

    assert secret.token not in secret.stages()
    assert secret.made["key"] not in log.getvalue()


def test_a_secret_that_holds_no_key_is_an_error_that_does_not_show_it(log: io.StringIO) -> None:
    secret = Secret()
    secret.client.put_secret_value(SecretId=secret.arn, SecretString="hunter2")
    with pytest.raises(SecretsManagerRotationError) as refused:
        secret.run("createSecret")
    assert "hunter2" not in str(refused.value) + log.getvalue()


def test_a_secret_that_is_not_there_is_named_by_its_error() -> None:
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
def test_an_outage_is_raised_so_that_the_step_is_tried_again(
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


def test_what_is_logged_of_a_rotation_holds_no_key(log: io.StringIO) -> None:
    secret = Secret()
    secret.run(*STEPS)

    assert "rotation step" in log.getvalue()
    for stage in ("AWSCURRENT", "AWSPREVIOUS"):
        assert secret.fields(stage)["apiKey"] not in log.getvalue()
