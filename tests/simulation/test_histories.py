"""Random histories of the event path, each determined by its seed."""

from collections.abc import Iterable

import pytest

from tests.simulation.history import Counts, RandomHistory
from tests.simulation.seeded_faults import FAULTS
from tests.simulation.wiring import Outside

EVENTS, CRASHES = 10_000, 1_000
PARTS = 4
"""The number of parts into which the seeds are divided, so that several processes can share them."""
MOST_SEEDS = 150
"""The number of histories within which a seeded fault must be found, from the first seed that is known to show it."""


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_keep_every_guarantee(outside: Outside, part: int) -> None:
    counts = Counts()
    seed = part
    while counts.events < EVENTS / PARTS or counts.crashes < CRASHES / PARTS:
        history = RandomHistory(outside, seed)
        try:
            counts += history.play()
        except Exception as error:
            error.add_note(f"seed {seed}; SEED={seed} make simulate shows the history")
            raise
        seed += PARTS


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("fault", FAULTS)
def test_simulator_finds_a_seeded_fault(outside: Outside, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    seed_fault, first = FAULTS[fault]
    seed_fault(monkeypatch)
    with pytest.raises(AssertionError):
        _play(outside, range(first, first + MOST_SEEDS))


def _play(outside: Outside, seeds: Iterable[int]) -> None:
    for seed in seeds:
        RandomHistory(outside, seed).play()


def test_equal_seeds_play_equal_histories(outside: Outside) -> None:
    first = RandomHistory(outside, 7, events=40, traces=True)
    first.play()
    second = RandomHistory(outside, 7, events=40, traces=True)
    second.play()
    assert second.lines == first.lines
