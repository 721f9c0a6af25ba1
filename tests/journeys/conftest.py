"""The fixtures of the journeys: the deployed product, and a receiver for its webhooks."""

from collections.abc import Iterator

import pytest

from local.receiver import Receiver
from local.stack import RunningStack
from tests.journeys.product import stack_of_this_run


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[RunningStack]:
    """The deployed stack. All worker processes of the run share it, so that tests cannot expect an empty stack."""
    with stack_of_this_run(tmp_path_factory, worker_id) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a webhook receiver for one test."""
    with Receiver() as running:
        yield running
