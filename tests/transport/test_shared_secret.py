"""The identity provider's secret in Secrets Manager: reading, rotation and outages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.shared_secret import (
    KEPT_FOR,
    PREVIOUS_FOR,
    REREAD_AFTER,
    RETRY_AFTER,
    SharedSecret,
)

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

SECOND = timedelta(seconds=1)


class Vault:
    """A secret in Secrets Manager that counts the reads of its current version."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client
        self.arn = client.create_secret(Name="jwt", SecretString="first")["ARN"]
        self.reads = 0
        self.fault: Exception | None = None
        client.meta.events.register("provide-client-params.*.GetSecretValue", self._count)

    def _count(self, params: Any, **_: Any) -> None:
        assert params["SecretId"] == self.arn
        self.reads += params["VersionStage"] == "AWSCURRENT"
        if self.fault is not None:
            raise self.fault

    def client(self) -> "SecretsManagerClient":
        return self._client

    def rotate(self, text: str) -> None:
        self._client.put_secret_value(SecretId=self.arn, SecretString=text)


class Time:
    """The time of day."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def vault() -> Iterator[Vault]:
    with mock_aws():
        yield Vault(boto3.client("secretsmanager", region_name="us-east-1"))


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def secret(vault: Vault, time: Time) -> SharedSecret:
    return SharedSecret(vault.client, vault.arn, clock=time)


OUTAGES = [
    ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue"),
    ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "GetSecretValue"),
    ReadTimeoutError(endpoint_url="https://secretsmanager"),
]


def test_secret_is_read_once_at_its_first_use(vault: Vault, secret: SharedSecret) -> None:
    assert vault.reads == 0
    assert [list(secret.known()) for _ in range(3)] == [["first"]] * 3
    assert vault.reads == 1


def test_secret_is_read_again_every_five_minutes(vault: Vault, time: Time, secret: SharedSecret) -> None:
    secret.known()
    vault.rotate("second")
    time.now += KEPT_FOR - SECOND
    assert list(secret.known()) == ["first"]
    time.now += SECOND
    assert list(secret.known()) == ["second", "first"]


def test_wrong_signatures_read_the_secret_at_most_once_a_minute(vault: Vault, time: Time, secret: SharedSecret) -> None:
    secret.known()
    vault.rotate("second")
    time.now += REREAD_AFTER - SECOND
    assert (list(secret.newer()), vault.reads) == ([], 1)
    time.now += SECOND
    assert (list(secret.newer()), vault.reads) == (["second"], 2)
    assert [list(secret.newer()) for _ in range(50)] == [[]] * 50
    assert vault.reads == 2


def test_previous_version_is_accepted_for_a_day(vault: Vault, time: Time, secret: SharedSecret) -> None:
    vault.rotate("second")
    assert list(secret.known()) == ["second", "first"]
    time.now += PREVIOUS_FOR + SECOND
    assert list(secret.known()) == ["second"]


@pytest.mark.parametrize("fault", OUTAGES)
def test_failed_first_read_is_a_dependency_error_until_a_read_succeeds(
    fault: Exception, vault: Vault, time: Time, secret: SharedSecret
) -> None:
    vault.fault = fault
    for _ in range(3):
        with pytest.raises(DependencyUnavailableError):
            secret.known()
    assert vault.reads <= 2  # the client retries once
    vault.fault = None
    time.now += RETRY_AFTER
    assert list(secret.known()) == ["first"]


@pytest.mark.parametrize("fault", OUTAGES)
def test_known_secret_stays_valid_during_an_outage(
    fault: Exception, vault: Vault, time: Time, secret: SharedSecret
) -> None:
    secret.known()
    time.now += KEPT_FOR
    vault.fault = fault
    with pytest.raises(DependencyUnavailableError):
        secret.known()
    assert list(secret.known()) == ["first"]
    with pytest.raises(DependencyUnavailableError):
        secret.newer()
    vault.fault = None
    time.now += REREAD_AFTER
    assert list(secret.newer()) == []


def test_secret_without_text_is_a_dependency_error(vault: Vault, time: Time) -> None:
    vault.client().put_secret_value(SecretId=vault.arn, SecretBinary=b"binary")
    with pytest.raises(DependencyUnavailableError, match="no text"):
        SharedSecret(vault.client, vault.arn, clock=time).known()


def test_dependency_errors_do_not_contain_the_secret(vault: Vault, time: Time, secret: SharedSecret) -> None:
    vault.fault = OUTAGES[0]
    with pytest.raises(DependencyUnavailableError) as outage:
        secret.known()
    assert "first" not in str(outage.value)
    assert "first" not in repr(secret)
