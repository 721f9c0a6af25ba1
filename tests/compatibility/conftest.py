"""The fixtures of the compatibility tests: deployments of several products on the shared stack."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from local.front import Front
from local.receiver import Receiver
from local.stack import RunningStack, deployed_beside
from tests.journeys.product import stack_of_this_run

FEW_PROCESSES = {"DeliveryConcurrency": "2"}
"""The emulator unpacks the layers for each process, 50 MB of files to write and to remove."""


class Deploy(Protocol):
    """Deploys a product under a stack name and a base path, with template parameters, once in a test run."""

    def __call__(self, name: str, *, base_path: str = "", **parameters: str) -> RunningStack: ...


@pytest.fixture(scope="session")
def deploy(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Deploy]:
    """Deploy products. All worker processes of the run share them, so that tests cannot expect empty deployments."""
    with ExitStack() as resources:
        stack = resources.enter_context(stack_of_this_run(tmp_path_factory, worker_id))

        def deploy(name: str, *, base_path: str = "", **parameters: str) -> RunningStack:
            front = resources.enter_context(Front(base_path=base_path))
            return deployed_beside(stack, name, {**FEW_PROCESSES, **parameters}, front)

        yield deploy


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a webhook receiver for one test."""
    with Receiver() as running:
        yield running
