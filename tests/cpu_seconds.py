"""CPU seconds per test folder, of pytest's processes and all their child processes, summed over xdist's workers."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
COLLECTION, CONTROLLER = "(collecting tests)", "(xdist's controller)"


class CpuSeconds:
    """Reads the processes' times only when the folder changes, so that tests are not slowed down."""

    def __init__(self, config: pytest.Config, read: Callable[[], float] | None = None) -> None:
        self._config = config
        self._cpu_seconds = read or cpu_seconds_of_descendants
        self.seconds: dict[str, float] = defaultdict(float)
        self.tests: Counter[str] = Counter()
        self._folder = COLLECTION
        self._read = 0.0  # the import of pytest and its plugins counts as collection

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        folder = folder_of(item.path)
        if folder != self._folder:
            self._note()
            self._folder = folder
        self.tests[folder] += 1
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> None:
        if nextitem is None:
            self._note()  # before fixtures kill processes such as the browser, because their time is lost then

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        if not is_worker(self._config) and self._config.getoption("numprocesses", None):
            # Its children are the workers, which report their own figures.
            self.seconds[CONTROLLER] = sum(os.times()[:2])
        else:
            self._note()
        if is_worker(self._config):
            self._config.workeroutput["cpu_seconds"] = (dict(self.seconds), dict(self.tests))  # type: ignore[attr-defined]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        seconds, tests = getattr(node, "workeroutput", {}).get("cpu_seconds", ({}, {}))
        self.add(seconds, tests)

    def add(self, seconds: Mapping[str, float], tests: Mapping[str, int]) -> None:
        """Add the figures of a worker process."""
        for folder, spent in seconds.items():
            self.seconds[folder] += spent
        self.tests.update(tests)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("CPU seconds per folder")
        for line in table(self.seconds, self.tests):
            terminalreporter.write_line(line)

    def _note(self) -> None:
        now = self._cpu_seconds()
        self.seconds[self._folder] += max(0.0, now - self._read)
        self._read = now


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is a worker of xdist."""
    return hasattr(config, "workerinput")


def folder_of(path: Path) -> str:
    """Return the folder of a test file, relative to tests/."""
    return str(path.parent.relative_to(TESTS)) if path.is_relative_to(TESTS) else str(path.parent)


def table(seconds: Mapping[str, float], tests: Mapping[str, int]) -> list[str]:
    """Return one line per folder, the most expensive first, and the sum."""
    ordered = sorted(seconds, key=lambda folder: -seconds[folder])
    lines = [f"{seconds[folder]:9.1f} s  {tests.get(folder, 0):6} tests  {folder}" for folder in ordered]
    total = sum(seconds.values())
    return [*lines, f"{total:9.1f} s  {sum(tests.values()):6} tests  in all, {total / 60:.1f} CPU minutes"]


def cpu_seconds_of_descendants() -> float:
    """Return the CPU seconds of this process and all its descendants, running or ended.

    Without /proc, only ended processes count.
    """
    processes = _processes()
    if os.getpid() not in processes:
        return sum(os.times()[:4])
    children = defaultdict(list)
    for pid, (parent, _) in processes.items():
        children[parent].append(pid)
    found, waiting = 0.0, [os.getpid()]
    while waiting:
        pid = waiting.pop()
        found += processes[pid][1]
        waiting += children[pid]
    return found


def _processes() -> dict[int, tuple[int, float]]:
    """Return the parent of each running process, and the CPU seconds of the process and its ended children."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The second field is a name in parentheses that may contain any character.
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"))
    return found
