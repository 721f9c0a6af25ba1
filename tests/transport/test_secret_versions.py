"""A rotating secret in Secrets Manager: its versions, and the errors of failed calls."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.secret_versions import SecretVersions

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

TOKEN = str(uuid4())


@pytest.fixture
def client() -> Iterator["SecretsManagerClient"]:
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="us-east-1")


@pytest.fixture
def secret(client: "SecretsManagerClient") -> SecretVersions:
    arn = client.create_secret(Name="key", SecretString="the first")["ARN"]
    return SecretVersions(client, arn, rotation_token=None)


def _first(secret: SecretVersions) -> str:
    return next(version for version, labels in secret.stages().items() if "AWSCURRENT" in labels)


def test_new_secret_has_one_current_version(secret: SecretVersions) -> None:
    assert [list(labels) for labels in secret.stages().values()] == [["AWSCURRENT"]]
    assert secret.current() == "the first"
    assert secret.pending(TOKEN) is None


def test_pending_version_is_not_current(secret: SecretVersions) -> None:
    secret.add_pending(TOKEN, "the second")

    assert secret.pending(TOKEN) == "the second"
    assert secret.current() == "the first"
    assert list(secret.stages()[TOKEN]) == ["AWSPENDING"]


def test_version_can_be_made_current(secret: SecretVersions) -> None:
    first = _first(secret)
    secret.add_pending(TOKEN, "the second")

    secret.make_current(TOKEN, instead_of=first)

    assert secret.current() == "the second"
    assert "AWSCURRENT" in secret.stages()[TOKEN]
    assert list(secret.stages()[first]) == ["AWSPREVIOUS"]


def test_binary_secret_has_no_text(client: "SecretsManagerClient") -> None:
    arn = client.create_secret(Name="bytes", SecretBinary=b"\xff")["ARN"]

    assert SecretVersions(client, arn, rotation_token=None).current() is None


class Refusing:
    """A client whose calls all raise the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def operation(**_: Any) -> None:
            raise self._error

        operation.__name__ = name
        return operation


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "the secret text"}}, "Operation")


def test_already_stored_version_is_kept() -> None:
    client: Any = Refusing(_error("ResourceExistsException"))

    SecretVersions(client, "arn", rotation_token=None).add_pending(TOKEN, "the second")


@pytest.mark.parametrize(
    "error",
    [_error("AccessDeniedException"), _error("InternalServiceError"), _error("DecryptionFailure"),
     ReadTimeoutError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com")],
    ids=["access denied", "broken", "KMS", "too slow"],
)  # fmt: skip
def test_other_errors_are_dependency_errors_without_the_secret(error: Exception) -> None:
    client: Any = Refusing(error)
    versions = SecretVersions(client, "arn", rotation_token=None)
    for send_request in (
        versions.stages,
        versions.current,
        lambda: versions.pending(TOKEN),
        lambda: versions.add_pending(TOKEN, "text"),
        lambda: versions.make_current(TOKEN, instead_of="other"),
    ):
        with pytest.raises(DependencyUnavailableError) as outage:
            send_request()
        assert "the secret text" not in str(outage.value)


@pytest.mark.parametrize("rotation_token", [None, "of somebody else's role"])
def test_rotation_token_is_passed_on(rotation_token: str | None) -> None:
    sent: list[dict[str, Any]] = []

    class Client:
        def put_secret_value(self, **arguments: Any) -> dict[str, Any]:
            sent.append(arguments)
            return {}

    client: Any = Client()
    SecretVersions(client, "arn", rotation_token=rotation_token).add_pending(TOKEN, "text")

    (arguments,) = sent
    assert arguments.get("RotationToken") == rotation_token
    assert ("RotationToken" in arguments) == (rotation_token is not None)
