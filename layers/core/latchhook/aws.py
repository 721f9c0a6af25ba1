"""The AWS clients. Each is built once per environment, starts fast, and has timeouts and typed errors."""

from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.regions import EndpointResolver

from latchhook.dependency_errors import DependencyUnavailableError, ThrottledError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_kms import KMSClient
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

_API_VERSIONS = {
    "dynamodb": "2012-08-10",
    "kms": "2014-11-01",
    "scheduler": "2021-06-30",
    "secretsmanager": "2017-10-17",
    "sqs": "2012-11-05",
}

_THROTTLED = ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")


def _config(*, attempts: int) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=1,
        read_timeout=4,
        max_pool_connections=32,
        parameter_validation=False,
    )


# Standard mode waits with exponential backoff and full jitter. One retry is enough, because a caller is waiting, or the
# queue repeats the message.
_REPEATED_ONCE = _config(attempts=2)

# storage/database.py retries sooner. The SDK waits up to a second, which is too long for a product's requests.
_NOT_REPEATED = _config(attempts=1)

_MAKING = Lock()


class _KnownServicesLoader(Loader):
    """Loads the models of the used services without listing the folders of the other 400 services."""

    def __init__(self) -> None:
        super().__init__([self.BUILTIN_DATA_PATH], include_default_search_paths=False)

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  # botocore's signature
        return list(_API_VERSIONS)

    def determine_latest_version(self, service_name: str, type_name: str) -> str:  # noqa: ARG002
        return _API_VERSIONS[service_name]


@cache
def _session() -> Any:
    """Create a botocore session without boto3's resource layer and without the old endpoint tables.

    As in boto3, the rule set of each service defines its endpoints. `endpoints.json` is the largest file that the first
    client reads, and only clients without a rule set need it (docs/decisions/0003).
    """
    session = botocore.session.Session()
    session.register_component("data_loader", _KnownServicesLoader())
    session.register_component("endpoint_resolver", EndpointResolver({"partitions": []}))
    return session


def _client(service: str, config: Config) -> Any:
    """Return the environment's client of a service. The lock is needed for the threads of a first delivery batch."""
    with _MAKING:
        return _made(service, config)


@cache
def _made(service: str, config: Config) -> Any:
    return _session().create_client(service, config=config)


def dynamodb() -> "DynamoDBClient":
    """The environment's DynamoDB client."""
    return cast("DynamoDBClient", _client("dynamodb", _NOT_REPEATED))


def sqs() -> "SQSClient":
    """The environment's SQS client."""
    return cast("SQSClient", _client("sqs", _REPEATED_ONCE))


def kms() -> "KMSClient":
    """The environment's KMS client."""
    return cast("KMSClient", _client("kms", _REPEATED_ONCE))


def scheduler() -> "EventBridgeSchedulerClient":
    """The environment's EventBridge Scheduler client."""
    return cast("EventBridgeSchedulerClient", _client("scheduler", _REPEATED_ONCE))


def secretsmanager() -> "SecretsManagerClient":
    """The environment's Secrets Manager client."""
    return cast("SecretsManagerClient", _client("secretsmanager", _REPEATED_ONCE))


def call(operation: Callable[..., Any], /, *, expect: tuple[str, ...] = (), **arguments: Any) -> Mapping[str, Any]:
    """Call `operation`. A `ClientError` whose code is in `expect` is raised unchanged.

    Every other failure raises `DependencyUnavailableError`, or `ThrottledError` if the service throttled the call. The
    message names the operation and the error code, never the arguments, because these may contain a secret.
    """
    try:
        return cast("Mapping[str, Any]", operation(**arguments))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in expect:
            raise
        outage = ThrottledError if code in _THROTTLED else DependencyUnavailableError
        raise outage(f"{operation.__name__}: {code}") from error
    except BotoCoreError as error:
        raise DependencyUnavailableError(f"{operation.__name__}: {type(error).__name__}") from error
