"""What journeys run against: the whole product, deployed on this machine, and a receiver for its webhooks."""

from collections.abc import Iterator

import pytest

from local.receiver import Receiver
from local.shared_stack import shared_stack
from local.stack import RunningStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[RunningStack]:
    """The deployed stack, one for all worker processes of this run; nobody may expect it empty."""
    own_directory = tmp_path_factory.getbasetemp()
    directory = own_directory if worker_id == "master" else own_directory.parent
    with shared_stack(directory / "local-stack") as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver of the test's own."""
    with Receiver() as running:
        yield running
