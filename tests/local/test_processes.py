"""Child processes end with the local stack, even if it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.errors import LocalStackError
from local.processes import ChildProcess
from local.stages import ROOT

# Starts another process. Both write their ids.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open(sys.argv[1] + ".new", "w") as ids: ids.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(60)
"""

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads the state of processes from /proc")


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(process_ids: list[int]) -> None:
    deadline = time.monotonic() + 120
    while any(map(is_running, process_ids)):
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.02)


def test_leaving_the_context_ends_all_processes(tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    command = [sys.executable, "-c", FAMILY, str(ids)]
    with ChildProcess("The family", command, log_path=tmp_path / "log") as family:
        family.wait_until(ids.exists, timeout_seconds=120)
        members = [int(one) for one in ids.read_text().split()]
        assert all(map(is_running, members))
    wait_until_gone(members)


def test_killed_parent_leaves_no_processes(tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    parent = f"""
import sys, time
from pathlib import Path
from local.processes import ChildProcess
command = [sys.executable, "-c", {FAMILY!r}, {str(ids)!r}]
family = ChildProcess("The family", command, log_path=Path({str(tmp_path)!r}, "log"))
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent], env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        while not ids.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    wait_until_gone([int(one) for one in ids.read_text().split()])


def test_process_that_ends_while_starting_is_reported_with_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('why'); raise SystemExit(3)"]
    with (
        ChildProcess("The program", command, log_path=tmp_path / "log") as process,
        pytest.raises(LocalStackError, match=r"The program ended while starting. See .*/log"),
    ):
        process.wait_until(lambda: False, timeout_seconds=120)
    assert (tmp_path / "log").read_text() == "why\n"
