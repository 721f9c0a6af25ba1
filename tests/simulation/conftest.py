"""A fixture that runs the product's functions in the simulation."""

from collections.abc import Iterator

import pytest

from tests.simulation.wiring import Outside, wired


@pytest.fixture
def outside() -> Iterator[Outside]:
    """The simulation's environment of the product."""
    with wired() as made:
        yield made
