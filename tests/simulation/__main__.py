"""`make simulate`: random histories with new seeds, for hours. It shows the first history that breaks a guarantee.

Set SECONDS to the duration, EVENTS to the number of events, or SEED to play one history with its trace.
"""

import os
import secrets
import sys
import time
from pathlib import Path

from tests.simulation.history import Counts, RandomHistory
from tests.simulation.wiring import Outside, wired

TRACE = Path(".local/simulation.txt")
REPORT_EVERY_SECONDS = 60.0


def main() -> int:
    """Run histories. Return 1 if one of them broke a guarantee."""
    chosen = os.environ.get
    with wired() as outside:
        if seed := chosen("SEED", ""):
            return _play_with_trace(outside, int(seed))
        seconds, events = float(chosen("SECONDS") or 3600), float(chosen("EVENTS") or "inf")
        return _play_many(outside, seconds, events)


def _play_many(outside: Outside, seconds: float, events: float) -> int:
    first, started = secrets.randbelow(10**9), time.monotonic()
    counts, histories, report_at = Counts(), 0, REPORT_EVERY_SECONDS
    while (passed := time.monotonic() - started) < seconds and counts.events < events:
        seed = first + histories
        try:
            counts += RandomHistory(outside, seed).play()
        except Exception:  # noqa: BLE001  # played again, with a trace
            print(f"seed {seed} breaks a guarantee", flush=True)
            return _play_with_trace(outside, seed)
        histories += 1
        if passed > report_at:
            report_at = passed + REPORT_EVERY_SECONDS
            _report(first, histories, counts)
    _report(first, histories, counts)
    return 0


def _report(first: int, histories: int, counts: Counts) -> None:
    print(
        f"seeds {first} to {first + histories - 1}: {counts.events} events, {counts.crashes} crashes, "
        f"{counts.posts} requests to receivers, {counts.invocations} invocations; every guarantee is kept",
        flush=True,
    )


def _play_with_trace(outside: Outside, seed: int) -> int:
    history = RandomHistory(outside, seed, traces=True)
    try:
        counts = history.play()
    except Exception as error:  # noqa: BLE001  # shown with its trace
        print(f"seed {seed}: {type(error).__name__}: {error}\n\nThe last lines of the trace in {TRACE}:")
        print("\n".join(line[:300] for line in history.lines[-40:]))
        return 1
    finally:
        TRACE.parent.mkdir(exist_ok=True)
        TRACE.write_text("\n".join(history.lines), encoding="utf-8")
    _report(seed, 1, counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
