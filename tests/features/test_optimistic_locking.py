"""Optimistic locking: a conflicting write is retried, a limited number of times."""

from random import Random

import pytest

from latchhook.dependency_errors import ConflictRetriesExhaustedError
from latchhook.optimistic_locking import ATTEMPTS, ConflictError, retry_on_conflict


class Others:
    """A store whose write conflicts a number of times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.tries = 0

    def change(self) -> str:
        self.tries += 1
        if self.left:
            self.left -= 1
            raise ConflictError
        return "changed"


def test_conflicts_are_retried_with_random_waits() -> None:
    others, waits = Others(ATTEMPTS - 1), list[float]()
    assert retry_on_conflict(others.change, rng=Random(1), sleep=waits.append) == "changed"
    assert others.tries == ATTEMPTS
    assert len(waits) == ATTEMPTS - 1
    assert all(0 <= wait <= 0.2 for wait in waits)
    assert sum(waits) < 1
    assert len(set(waits)) == len(waits)


def test_write_without_a_conflict_does_not_wait() -> None:
    waits = list[float]()
    assert retry_on_conflict(Others(0).change, rng=Random(1), sleep=waits.append) == "changed"
    assert waits == []


def test_exhausted_retries_raise_an_error() -> None:
    others = Others(ATTEMPTS)
    with pytest.raises(ConflictRetriesExhaustedError):
        retry_on_conflict(others.change, rng=Random(1), sleep=lambda _: None)
    assert others.tries == ATTEMPTS


def test_other_errors_are_not_retried() -> None:
    def change() -> None:
        raise KeyError("missing")

    with pytest.raises(KeyError):
        retry_on_conflict(change, rng=Random(1), sleep=lambda _: pytest.fail("waited"))
