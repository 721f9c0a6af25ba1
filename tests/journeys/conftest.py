"""What journeys run against: the whole product, deployed on this machine, and a receiver for its webhooks."""

from collections.abc import Iterator

import pytest

from local.receiver import Receiver
from local.stack import RunningStack
from tests.journeys.product import stack_of_this_run


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[RunningStack]:
    """The deployed stack, one for all worker processes of this run; nobody may expect it empty."""
    with stack_of_this_run(tmp_path_factory, worker_id) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver of the test's own."""
    with Receiver() as running:
        yield running
