"""The AWS clients start faster than boto3's and make the same calls. Their failures are typed."""

import importlib.util
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from moto import mock_aws

from latchhook import aws
from latchhook.dependency_errors import DependencyUnavailableError, ThrottledError

CALLS: dict[str, Callable[[Any], object]] = {
    "dynamodb": lambda client: client.get_item(TableName="T", Key={"id": {"S": "1"}}),
    "kms": lambda client: client.decrypt(CiphertextBlob=b"x"),
    "scheduler": lambda client: client.get_schedule(Name="s"),
    "secretsmanager": lambda client: client.describe_secret(SecretId="s"),
    "sqs": lambda client: client.get_queue_attributes(QueueUrl="https://queue.example/1/q", AttributeNames=["All"]),
}
REGIONS = [
    "us-east-1", "us-west-2", "ca-west-1", "sa-east-1", "eu-central-1", "eu-south-2", "me-central-1", "il-central-1",
    "ap-southeast-4", "ap-northeast-1", "mx-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1",
]  # fmt: skip
BOTO3: Any = boto3.session.Session()


class NothingSentError(Exception):
    """The request was stopped before it was sent."""


def _where(service: str, client: Any) -> tuple[str, str, str]:
    """Return the URL of a call, and the service and region of its signature."""
    seen: list[Any] = []

    def keep(request: Any, **_: Any) -> None:
        seen.append(request)
        raise NothingSentError

    client.meta.events.register_first(f"before-send.{service}", keep)
    with pytest.raises(NothingSentError):
        CALLS[service](client)
    (request,) = seen
    authorization = request.headers["Authorization"]
    text = authorization.decode() if isinstance(authorization, bytes) else authorization
    _, _, region, signed_for, _ = text.partition("Credential=")[2].partition(",")[0].split("/")
    return request.url, region, signed_for


def _started_anew() -> Any:
    """Return the module as in a new environment, without clients."""
    spec = importlib.util.find_spec("latchhook.aws")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("region", REGIONS)
def test_client_calls_the_same_endpoint_as_boto3(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    ours = _started_anew()

    for service in CALLS:
        assert _where(service, getattr(ours, service)()) == _where(service, BOTO3.client(service, region_name=region))


def test_endpoint_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    ours = _started_anew()

    for service in CALLS:
        url, region, signed_for = _where(service, getattr(ours, service)())
        assert url.startswith("http://127.0.0.1:4566/")
        assert (region, signed_for) == ("us-east-1", service)


@pytest.mark.parametrize("service", CALLS)
def test_client_is_created_once(service: str) -> None:
    make = getattr(_started_anew(), service)

    assert make() is make()


@pytest.mark.parametrize("service", CALLS)
def test_call_has_short_timeouts_and_at_most_one_retry(service: str) -> None:
    config = getattr(aws, service)().meta.config

    assert config.connect_timeout + config.read_timeout <= 5
    assert config.retries["mode"] == "standard"
    assert config.retries["total_max_attempts"] == (1 if service == "dynamodb" else 2)
    assert config.max_pool_connections >= 10


@mock_aws
def test_client_makes_real_calls() -> None:
    client = _started_anew().dynamodb()

    assert client.list_tables()["TableNames"] == []


# ---- Failures ----


def _failing(error: Exception) -> Callable[..., Any]:
    def get_item(**_: Any) -> Any:
        raise error

    return get_item


def _client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "s3cret"}}, "GetItem")


def test_response_of_a_call_is_returned() -> None:
    assert aws.call(lambda **arguments: arguments, TableName="T") == {"TableName": "T"}


def test_expected_error_is_raised_unchanged() -> None:
    with pytest.raises(ClientError):
        aws.call(
            _failing(_client_error("ConditionalCheckFailedException")), expect=("ConditionalCheckFailedException",)
        )


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalServerError", "ConditionalCheckFailedException"])
def test_unexpected_error_is_a_dependency_error_without_its_message(code: str) -> None:
    with pytest.raises(DependencyUnavailableError) as outage:
        aws.call(_failing(_client_error(code)), Key="s3cret")

    assert str(outage.value) == f"get_item: {code}"
    assert not isinstance(outage.value, ThrottledError)


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_throttling_is_a_separate_error(code: str) -> None:
    with pytest.raises(ThrottledError):
        aws.call(_failing(_client_error(code)))


@pytest.mark.parametrize("kind", [ConnectTimeoutError, EndpointConnectionError])
def test_missing_response_is_a_dependency_error(kind: Any) -> None:
    with pytest.raises(DependencyUnavailableError) as outage:
        aws.call(_failing(kind(endpoint_url="https://s3cret.example/")))

    assert str(outage.value) == f"get_item: {kind.__name__}"


def test_programming_error_is_not_a_dependency_error() -> None:
    with pytest.raises(TypeError):
        aws.call(_failing(TypeError("a wrong argument")))
