"""The setup of all tests: AWS without a network, DynamoDB Local, and patient property tests."""

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

# Before any client exists, because moto replaces AWS only in clients that are created after its import.
import moto  # noqa: F401, E402
import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from latchhook.telemetry import logger  # noqa: E402
from local.dynamodb_local import DynamoDBLocal  # noqa: E402
from tests import moto_expressions, moto_inserts, moto_responses, moto_transactions  # noqa: E402
from tests.cpu_seconds import CpuSeconds  # noqa: E402

moto_expressions.install()
moto_inserts.install()
moto_responses.install()
moto_transactions.install()

# Without a deadline, because a busy machine must not fail a property test.
settings.register_profile("latchhook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("latchhook")


def pytest_configure(config: pytest.Config) -> None:
    """Print the CPU seconds of each folder at the end, so that growth is visible."""
    config.pluginmanager.register(CpuSeconds(config), "cpu-seconds")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Yield the log of the product as text."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    ours = logging.getLogger(logger.name)
    ours.addHandler(handler)
    yield written
    ours.removeHandler(handler)


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """Return the URL of DynamoDB Local, which all tests of a process share.

    `dynamodb_local_clients.new_client` returns clients with separate tables.
    """
    with DynamoDBLocal() as server:
        yield server.endpoint_url
