"""Runs one command, and ends all of its processes when the caller ends.

`python guard.py SECONDS COMMAND ARGUMENT...` starts the command in its own process group. It ends the whole group on
SIGTERM, SIGINT or SIGHUP, or when standard input closes. The parent process has the other end of that pipe, so that
nothing remains even if the parent is killed. Processes that need more than SECONDS to end are killed. This file uses
the standard library only and is started by path.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def end_group(group: int, signal_number: signal.Signals) -> None:
    """Send a signal to every process of a group, which may already have ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)


def main(stop_seconds: int, command: list[str]) -> int:
    """Run the command to its end and return its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    stopping = threading.Event()

    def stop() -> None:
        if stopping.is_set():
            return
        stopping.set()
        end_group(child.pid, signal.SIGTERM)
        threading.Timer(stop_seconds, end_group, (child.pid, signal.SIGKILL)).start()

    def stop_when_parent_is_gone() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        stop()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())
    threading.Thread(target=stop_when_parent_is_gone, daemon=True).start()
    try:
        return child.wait()
    finally:
        end_group(child.pid, signal.SIGKILL)  # ends processes that the command left running


if __name__ == "__main__":
    exit_code = main(int(sys.argv[1]), sys.argv[2:])
    sys.stdout.flush()
    os._exit(exit_code if exit_code >= 0 else 128 - exit_code)  # does not wait for the timer
