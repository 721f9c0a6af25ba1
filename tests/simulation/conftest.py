"""What the tests of this folder share: the product, wired to the simulation."""

from collections.abc import Iterator

import pytest

from tests.simulation.wiring import Outside, wired


@pytest.fixture
def outside() -> Iterator[Outside]:
    """The product's functions run in the simulation."""
    with wired() as made:
        yield made
