"""What all tests share: an AWS that leads nowhere, Amazon's own DynamoDB on this machine, and patient properties."""

import io
import logging
import os
from collections.abc import Iterator

for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

# Before anything makes a client: moto stands in for AWS in clients that are made after it was imported.
import moto  # noqa: F401, E402
import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from latchhook.telemetry import logger  # noqa: E402
from local.dynamodb_local import DynamoDBLocal  # noqa: E402
from tests import moto_inserts, moto_transactions  # noqa: E402
from tests.cpu_seconds import CpuSeconds  # noqa: E402

moto_inserts.install()
moto_transactions.install()

# A busy machine is no failed property.
settings.register_profile("latchhook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("latchhook")


def pytest_configure(config: pytest.Config) -> None:
    """Print the CPU seconds of each folder at the end, so that growth is seen."""
    config.pluginmanager.register(CpuSeconds(config), "cpu-seconds")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, as it is written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    ours = logging.getLogger(logger.name)
    ours.addHandler(handler)
    yield written
    ours.removeHandler(handler)


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """Where Amazon's DynamoDB Local answers: one server for all tests of a process.

    `dynamodb_local_clients.new_client` gives clients that don't see each other's tables.
    """
    with DynamoDBLocal() as server:
        yield server.endpoint_url
