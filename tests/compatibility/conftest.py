"""What the documents' clients run against: for each document a deployment with its names, beside the shared stack."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from local.front import Front
from local.receiver import Receiver
from local.stack import RunningStack, deployed_beside
from tests.journeys.product import stack_of_this_run

FEW_PROCESSES = {"DeliveryConcurrency": "2"}
"""Each of the emulator's has the layers unpacked for itself: 50 MB of files to write, and to remove in the end."""


class Deploy(Protocol):
    """Deploys a product under a stack name and a base path, with template parameters; once in a test run."""

    def __call__(self, name: str, *, base_path: str = "", **parameters: str) -> RunningStack: ...


@pytest.fixture(scope="session")
def deploy(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Deploy]:
    """Deployments are one for all worker processes of this run; nobody may expect one empty."""
    with ExitStack() as resources:
        stack = resources.enter_context(stack_of_this_run(tmp_path_factory, worker_id))

        def deploy(name: str, *, base_path: str = "", **parameters: str) -> RunningStack:
            front = resources.enter_context(Front(base_path=base_path))
            return deployed_beside(stack, name, {**FEW_PROCESSES, **parameters}, front)

        yield deploy


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver of the test's own."""
    with Receiver() as running:
        yield running
