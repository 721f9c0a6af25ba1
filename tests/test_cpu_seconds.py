"""The CPU seconds that a test run prints per folder, including workers and child processes."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from local.stages import ROOT
from tests.cpu_seconds import CpuSeconds, cpu_seconds_of_descendants, folder_of, table

BUSY = """
import sys, time
while time.process_time() < 0.3:
    pass
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only /proc shows the CPU time of a running child.")
def test_child_process_counts_while_running_and_after_its_end() -> None:
    before = cpu_seconds_of_descendants()
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"done\n"
        running = cpu_seconds_of_descendants()
    assert running - before >= 0.25
    assert cpu_seconds_of_descendants() >= running


def test_table_shows_the_most_expensive_folder_first_and_the_sum() -> None:
    lines = table({"edge": 20.0, "functions/api_keys": 100.0}, {"edge": 7, "functions/api_keys": 3})
    assert [line.split() for line in lines] == [
        ["100.0", "s", "3", "tests", "functions/api_keys"],
        ["20.0", "s", "7", "tests", "edge"],
        ["120.0", "s", "10", "tests", "in", "all,", "2.0", "CPU", "minutes"],
    ]


def test_folder_is_relative_to_the_tests() -> None:
    assert folder_of(ROOT / "tests" / "functions" / "api_keys" / "test_a.py") == "functions/api_keys"
    assert folder_of(ROOT / "tests" / "test_a.py") == "."


def test_figures_of_all_workers_are_added(pytestconfig: pytest.Config) -> None:
    figures = CpuSeconds(pytestconfig)
    for _ in range(2):
        figures.pytest_testnodedown(SimpleNamespace(workeroutput={"cpu_seconds": ({"edge": 2.5}, {"edge": 3})}))
    assert (dict(figures.seconds), dict(figures.tests)) == ({"edge": 5.0}, {"edge": 6})


def test_worker_without_figures_adds_nothing(pytestconfig: pytest.Config) -> None:
    figures = CpuSeconds(pytestconfig)
    figures.pytest_testnodedown(SimpleNamespace())
    assert dict(figures.seconds) == {}


def test_time_of_processes_that_the_last_fixtures_kill_counts(pytestconfig: pytest.Config) -> None:
    seen = iter([5.0, 2.0])  # before and after the end of the fixtures
    figures = CpuSeconds(SimpleNamespace(getoption=lambda *_: None), lambda: next(seen))  # type: ignore[arg-type]
    figures.pytest_runtest_teardown(nextitem=None)
    figures.pytest_sessionfinish()
    assert sum(figures.seconds.values()) == 5.0
