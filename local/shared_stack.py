"""Shares one LocalStack between several processes. The first user starts it, and the last user ends it.

Each user has a shared lock on the file `users`, which the system releases even if the process is killed. The stack runs
in its own process (`python -m local.shared_stack DIRECTORY`). That process ends on SIGTERM, or when the lock has no
more users. `python -m local.shared_stack DIRECTORY --use` keeps the stack running until Ctrl-C.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, NoReturn

from local.errors import LocalStackError
from local.stack import LocalStack, RunningStack
from local.stages import ROOT

START_TIMEOUT_SECONDS = 1200


@contextmanager
def shared_stack(directory: Path) -> Iterator[RunningStack]:
    """Use the stack of `directory` while the context lasts, and start it if necessary."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "start").open("w") as starting, (directory / "users").open("w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        stack = _running(directory) or _start(directory)
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield stack
        finally:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if _is_free(users):  # there is no other user
                _end(directory)


def stack_to_use(directory: Path) -> AbstractContextManager[RunningStack]:
    """Use the stack in the directory that TEST_STACK names, or else the stack of `directory`."""
    return shared_stack(Path(os.environ.get("TEST_STACK", directory)))


def _running(directory: Path) -> RunningStack | None:
    with (directory / "alive").open("a") as alive:
        if _is_free(alive):
            return None
    return RunningStack.from_json((directory / "stack.json").read_text())


def _start(directory: Path) -> RunningStack:
    for name in ("stack.json", "failure"):
        (directory / name).unlink(missing_ok=True)
    command = [sys.executable, "-m", "local.shared_stack", str(directory)]
    log = os.open(directory / "holder.log", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    try:
        holder = os.posix_spawn(
            sys.executable,
            command,
            {**os.environ, "PYTHONPATH": str(ROOT)},
            file_actions=[(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)],
            setsid=True,
        )
    finally:
        os.close(log)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not (directory / "stack.json").exists():
        if (directory / "failure").exists():
            raise LocalStackError((directory / "failure").read_text())
        if os.waitpid(holder, os.WNOHANG) != (0, 0) or time.monotonic() > deadline:
            raise LocalStackError(f"The local stack did not start. Its logs are in {directory}.")
        time.sleep(0.1)
    return RunningStack.from_json((directory / "stack.json").read_text())


def _end(directory: Path) -> None:
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(int((directory / "pid").read_text()), signal.SIGTERM)
    with (directory / "alive").open("a") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)  # waits until the stack has ended completely


def _is_free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def hold(directory: Path) -> None:
    """Run the stack until SIGTERM or until it has no users."""
    with (directory / "users").open("a") as users, (directory / "alive").open("a") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        _publish(directory / "pid", str(os.getpid()))
        try:
            with LocalStack(directory / "stack") as stack:
                _publish(directory / "stack.json", stack.to_json())
                while not _is_free(users):
                    time.sleep(0.5)
        except LocalStackError as error:
            _publish(directory / "failure", str(error))
        finally:
            (directory / "stack.json").unlink(missing_ok=True)


def _publish(path: Path, text: str) -> None:
    being_written = path.with_suffix(".new")
    being_written.write_text(text)
    being_written.rename(path)


def _stop(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)


def use(directory: Path) -> None:
    """Use the stack until interrupted."""
    with shared_stack(directory) as stack:
        print(f"The stack runs at {stack.base_url} until Ctrl-C.", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    (use if sys.argv[2:] == ["--use"] else hold)(Path(sys.argv[1]).resolve())
