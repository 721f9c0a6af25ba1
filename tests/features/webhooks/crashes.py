"""Runs that stop anywhere: every call that leaves a feature is a place to crash, before it takes effect or after."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeVar, cast

T = TypeVar("T")


class CrashError(Exception):
    """The environment ended here."""


class Crash(NamedTuple):
    """Where a run ends: at its call number `call` (from 0)."""

    call: int
    when: Literal["before", "after"]


class Run:
    """One run. It counts the calls of all things that it `watches`, and ends at `crash`."""

    def __init__(self, crash: Crash | None = None) -> None:
        self.calls = 0
        self._crash = crash

    def watches(self, thing: T) -> T:
        """`sk`, each call of its methods being a place to crash."""
        return cast("T", _Watched(thing, self))

    def call(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Calls `method` unless the run ends before it; raises `CrashError` where it ends."""
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
    """Every place where a run like `whole_run`, which came to its end, could have ended earlier."""
    assert whole_run.calls > 0
    return [Crash(call, when) for call in range(whole_run.calls) for when in ("before", "after")]
