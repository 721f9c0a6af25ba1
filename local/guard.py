"""Runs one command so that nothing of it outlives whoever asked for it.

`python guard.py COMMAND ARGUMENT...` starts the command in a process group of its own and ends the whole
group when told to (SIGTERM, SIGINT), or when standard input closes: the parent holds the other end of that
pipe, so even a parent that is killed leaves nothing behind. Standard library only, started by path.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 10


def end_group(group: int, signal_number: signal.Signals) -> None:
    """Send a signal to every process of a group that may already be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)


def main(command: list[str]) -> int:
    """Run the command to its end; the answer is its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    stopping = threading.Event()

    def stop() -> None:
        if stopping.is_set():
            return
        stopping.set()
        end_group(child.pid, signal.SIGTERM)
        threading.Timer(GRACE_SECONDS, end_group, (child.pid, signal.SIGKILL)).start()

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
        end_group(child.pid, signal.SIGKILL)  # what the command itself left running


if __name__ == "__main__":
    exit_code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(exit_code if exit_code >= 0 else 128 - exit_code)  # no waiting for the timer
