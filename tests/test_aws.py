"""The AWS clients: as quick to start as they are, they call what boto3 would call; their failures are typed."""

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
    """The request was caught before it left."""


def _where(service: str, client: Any) -> tuple[str, str, str]:
    """Where a call would go, and for which service and region it is signed."""
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
    """The module as an environment that has just started has it: no client made yet."""
    spec = importlib.util.find_spec("latchhook.aws")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("region", REGIONS)
def test_every_client_calls_the_endpoint_that_boto3_calls_and_signs_as_it_does(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    ours = _started_anew()

    for service in CALLS:
        assert _where(service, getattr(ours, service)()) == _where(service, BOTO3.client(service, region_name=region))


def test_an_endpoint_of_the_environment_is_called_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    ours = _started_anew()

    for service in CALLS:
        url, region, signed_for = _where(service, getattr(ours, service)())
        assert url.startswith("http://127.0.0.1:4566/")
        assert (region, signed_for) == ("us-east-1", service)


@pytest.mark.parametrize("service", CALLS)
def test_a_client_is_made_once(service: str) -> None:
    make = getattr(_started_anew(), service)

    assert make() is make()


@pytest.mark.parametrize("service", CALLS)
def test_a_call_is_bounded_in_time_and_repeated_once_at_most(service: str) -> None:
    config = getattr(aws, service)().meta.config

    assert config.connect_timeout + config.read_timeout <= 5
    assert config.retries["mode"] == "standard"
    assert config.retries["total_max_attempts"] == (1 if service == "dynamodb" else 2)
    assert config.max_pool_connections >= 10


@mock_aws
def test_a_client_works() -> None:
    client = _started_anew().dynamodb()

    assert client.list_tables()["TableNames"] == []


# ---- Failures ----


def _failing(error: Exception) -> Callable[..., Any]:
    def get_item(**_: Any) -> Any:
        raise error

    return get_item


def _client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "s3cret"}}, "GetItem")


def test_a_calls_answer_is_given_as_it_is() -> None:
    assert aws.call(lambda **arguments: arguments, TableName="T") == {"TableName": "T"}


def test_an_error_that_is_expected_passes() -> None:
    with pytest.raises(ClientError):
        aws.call(
            _failing(_client_error("ConditionalCheckFailedException")), expect=("ConditionalCheckFailedException",)
        )


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalServerError", "ConditionalCheckFailedException"])
def test_every_other_error_is_an_outage_that_names_operation_and_code_alone(code: str) -> None:
    with pytest.raises(DependencyUnavailableError) as outage:
        aws.call(_failing(_client_error(code)), Key="s3cret")

    assert str(outage.value) == f"get_item: {code}"
    assert not isinstance(outage.value, ThrottledError)


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_a_rate_that_is_too_high_is_told_apart(code: str) -> None:
    with pytest.raises(ThrottledError):
        aws.call(_failing(_client_error(code)))


@pytest.mark.parametrize("kind", [ConnectTimeoutError, EndpointConnectionError])
def test_no_answer_is_an_outage(kind: Any) -> None:
    with pytest.raises(DependencyUnavailableError) as outage:
        aws.call(_failing(kind(endpoint_url="https://s3cret.example/")))

    assert str(outage.value) == f"get_item: {kind.__name__}"


def test_a_mistake_of_ours_is_no_outage() -> None:
    with pytest.raises(TypeError):
        aws.call(_failing(TypeError("a wrong argument")))
