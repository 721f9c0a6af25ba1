"""The measurement of `make run` takes the time until the base URL and stops the stack."""

import os
import sys
from pathlib import Path

import pytest

from bench.start_times import seconds_until_ready
from local.errors import LocalStackError

READY = """
import signal, sys, time
from pathlib import Path

def stop(*_):
    Path("stopped").touch()
    sys.exit(0)

signal.signal(signal.SIGTERM, stop)
print("Building", flush=True)
print("Latchhook runs at http://localhost:1 until Ctrl-C.", flush=True)
time.sleep(600)
"""


def test_start_is_measured_until_the_base_url_and_then_stopped(tmp_path: Path) -> None:
    assert seconds_until_ready([sys.executable, "-c", READY], tmp_path, os.environ) > 0
    assert (tmp_path / "stopped").exists()


def test_start_that_fails_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="make run ended early: the reason"):
        seconds_until_ready([sys.executable, "-c", "print('the reason')"], tmp_path, os.environ)
