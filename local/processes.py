"""Child processes, each with its own process group and log file. They end with the parent."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from local.errors import LocalStackError

GUARD = Path(__file__).with_name("guard.py")


class ChildProcess:
    """A running command. It ends with all of its processes when the context or this process ends.

    Error messages use `name`. `environment` replaces the inherited environment. Output goes to `log_path`. A process
    that does not end within `stop_seconds` after SIGTERM is killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log_path: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        stop_seconds: int = 10,
    ) -> None:
        self.name = name
        self._stop_seconds = stop_seconds
        self.log_path = log_path
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("wb") as log:
            # A separate session, so that Ctrl-C at the terminal reaches only this process, which stops the children in
            # order.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARD), str(stop_seconds), *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=directory,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Return when `ready()` is true. Raise LocalStackError if the process ends first or takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            if not self.running:
                raise LocalStackError(f"{self.name} ended while starting. See {self.log_path}")
            if time.monotonic() > deadline:
                raise LocalStackError(f"{self.name} was not ready within {timeout_seconds:.0f} s. See {self.log_path}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the process and wait for its end."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(self._stop_seconds + 5)
        except subprocess.TimeoutExpired:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.kill()
            self._process.wait()
        finally:
            if self._process.stdin:
                self._process.stdin.close()
