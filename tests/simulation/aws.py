"""Simulated AWS clients. Each call takes time, can fail or lose its response, and can end its process."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.simulation.dynamodb import error
from tests.simulation.virtual_time import KilledError, Process, VirtualTime


@dataclass
class Faults:
    """The probabilities of failures per call."""

    call_fails: float = 0.0
    answer_lost: float = 0.0
    crashes: int = 0
    """The number of crashed processes."""


class Calls:
    """The outgoing calls of processes. Each call takes time and can fail, and the process can end at it."""

    def __init__(self, time: VirtualTime, rng: Random) -> None:
        self.faults = Faults()
        self.slow = 0.02
        """The share of calls that take up to three seconds."""
        self.trace: Callable[[str], None] | None = None
        self._time = time
        self._rng = rng

    def make(self, name: str, effect: Callable[[], Any]) -> Any:
        """Make a call to AWS."""
        process = self._time.process
        if process is None:
            return effect()
        self._pass(process, name, self._latency())
        self._crash_before(process, name)
        draw = self._rng.random()
        if draw < self.faults.call_fails:
            process.had_fault = True
            self._note(process, f"{name} fails")
            raise error("InternalServerError" if draw < self.faults.call_fails / 2 else "ThrottlingException", name)
        response = effect()
        self._crash_after(process, name)
        if draw > 1 - self.faults.answer_lost:
            process.had_fault = True
            self._note(process, f"{name} loses its answer")
            raise ReadTimeoutError(endpoint_url=name)
        return response

    def post(self, name: str, begin: Callable[[], float], end: Callable[[], Any]) -> Any:
        """Make a request to a receiver. `begin` returns its duration in seconds."""
        process = self._time.process
        if process is None:
            self._time.sleep(begin())
            return end()
        self._check(process)
        self._crash_before(process, name)
        self._pass(process, name, begin())
        response = end()
        self._crash_after(process, name)
        return response

    def _pass(self, process: Process, name: str, seconds: float) -> None:
        self._check(process)
        self._time.sleep(seconds)
        self._check(process)
        if self.trace is not None:
            self._note(process, name)

    @staticmethod
    def _check(process: Process) -> None:
        if process.is_dead:
            raise KilledError

    def _crash_before(self, process: Process, name: str) -> None:
        process.calls += 1
        if process.calls - 1 == process.crash_at and not process.crash_after_effect:
            self._crash(process, f"{name} crashes before")

    def _crash_after(self, process: Process, name: str) -> None:
        if process.crash_at is not None and process.calls - 1 >= process.crash_at and process.crash_after_effect:
            self._crash(process, f"{name} crashes after")

    def _crash(self, process: Process, what: str) -> None:
        self.faults.crashes += 1
        self._note(process, what)
        self._time.kill(process)
        raise KilledError

    def _note(self, process: Process, what: str) -> None:
        if self.trace is not None:
            self.trace(f"{process.name}: {what}")

    def _latency(self) -> float:
        draw = self._rng.random()
        if draw < min(0.9, 1 - self.slow):
            return 0.002 + 0.02 * draw
        return 3 * (draw - 0.9) if draw < 1 - self.slow else 3 * self._rng.random()


class Client:
    """The methods of a boto3 client, implemented by an in-memory service."""

    def __init__(self, calls: Calls, service: Any) -> None:
        for name in dir(service):
            if name.islower() and not name.startswith("_") and callable(method := getattr(service, name)):
                setattr(self, name, self._wrapped(calls, name, method))

    @staticmethod
    def _wrapped(calls: Calls, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def operation(**arguments: Any) -> Any:
            return calls.make(name, lambda: method(**arguments))

        operation.__name__ = name
        return operation
