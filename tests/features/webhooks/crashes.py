"""Simulated crashes: each call to a dependency can crash before or after it takes effect."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeVar, cast

T = TypeVar("T")


class CrashError(Exception):
    """The simulated end of the Lambda environment."""


class Crash(NamedTuple):
    """The place of a crash: the call number (from 0), and before or after the call's effect."""

    call: int
    when: Literal["before", "after"]


class Run:
    """One run. It counts the calls of all watched objects and crashes at `crash`."""

    def __init__(self, crash: Crash | None = None) -> None:
        self.calls = 0
        self._crash = crash

    def watches(self, thing: T) -> T:
        """Return a proxy of the object. Each call of its methods is a possible crash."""
        return cast("T", _Watched(thing, self))

    def call(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call `method`. Raises `CrashError` at the place of the crash."""
        here = self.calls
        self.calls += 1
        if self._crash == Crash(here, "before"):
            raise CrashError
        response = method(*arguments, **named)
        if self._crash == Crash(here, "after"):
            raise CrashError
        return response


class _Watched:
    def __init__(self, thing: object, run: Run) -> None:
        self._thing = thing
        self._run = run

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._thing, name)
        return lambda *arguments, **named: self._run.call(method, *arguments, **named)


def every_crash(whole_run: Run) -> list[Crash]:
    """Return every place where a run like the completed `whole_run` could crash."""
    assert whole_run.calls > 0
    return [Crash(call, when) for call in range(whole_run.calls) for when in ("before", "after")]
