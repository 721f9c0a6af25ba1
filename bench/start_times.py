"""The time from `make run` in a fresh clone with empty caches to the base URL, and the time of the second `make run`.

The clone has the committed files of this tree.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Bar
from local.emulator import free_port
from local.errors import LocalStackError
from local.stages import ROOT

MOST_SECONDS_FIRST = 120
MOST_SECONDS_SECOND = 20
READY = "Latchhook runs at "
CACHES = ("UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache")


@dataclass(frozen=True)
class StartTime:
    """The duration of one start in seconds."""

    name: str
    seconds: float
    bar: Bar


def measure() -> list[StartTime]:
    """Clone the tree and start it twice."""
    with TemporaryDirectory(prefix="latchhook-start-") as directory:
        clone = Path(directory) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))},
            **{name: str(Path(directory) / name.lower()) for name in CACHES},
            "DEMO": "0",
            "PORT": str(free_port()),
        }
        return [
            StartTime(name, seconds_until_ready(["make", "run"], clone, environment), Bar(most, " s"))
            for name, most in (
                ("first make run, fresh clone and empty caches", MOST_SECONDS_FIRST),
                ("second make run", MOST_SECONDS_SECOND),
            )
        ]


def seconds_until_ready(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> float:
    """Start the command, stop it when it prints its base URL, and return the seconds until then."""
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=directory,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if READY in line:
                    return time.monotonic() - started
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.stdout.read()
    raise LocalStackError(f"make run ended early: {''.join(lines[-3:]).strip()}")
