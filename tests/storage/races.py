"""Requests of 64 concurrent callers while something takes their rights away."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

CALLERS = 64
REQUESTS = 300
"""Requests after the change."""


def assert_refused_from_the_next_request(is_accepted: Callable[[], bool], change: Callable[[], None]) -> None:
    """Check that requests are accepted before the change, and none that starts after it."""
    has_changed = threading.Event()

    def request(_: int) -> tuple[bool, bool]:
        started_after = has_changed.is_set()
        return started_after, is_accepted()

    def change_once() -> None:
        change()
        has_changed.set()

    with ThreadPoolExecutor(CALLERS) as threads:
        before = list(threads.map(request, range(CALLERS)))
        done = threads.submit(change_once)
        during = list(threads.map(request, range(REQUESTS // 2)))
        done.result()
        after = list(threads.map(request, range(REQUESTS)))

    assert {accepted for _, accepted in before} == {True}
    assert [accepted for started_after, accepted in during + after if started_after and accepted] == []
    assert {started_after for started_after, _ in after} == {True}
