"""Deliveries of one worker environment, compared with the same POSTs from a bare `requests.Session` in the same run.

The worker is the function's own handler with batches of ten: reading webhooks and events, checking the address,
signing, sending, recording the attempt, the log. Receiver and AWS are separate processes that answer immediately
(fast_servers.py), so that only the client's part of AWS calls counts. The processor time is that of the worker's
process alone. The wall time includes all processes, which share the machine's cores.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fast_servers import fast_server, told_by
from bench.figures import Bar
from bench.runtime_image import RuntimeImage, code_of
from bench.worker_rounds import BATCH
from local.errors import LocalStackError
from tests.functions.environment import ENVIRONMENT

ROUNDS = 25
BATCHES_PER_ROUND = 20
BAR = Bar(0.8, " ×", at_least=True)

_ROUNDS_SCRIPT = Path(__file__).with_name("worker_rounds.py")
_BY_CONNECTION = {"host", "content-length"}


@dataclass(frozen=True)
class Speed:
    """Durations of one POST of one sender, in milliseconds."""

    name: str
    wall_millis: Sequence[float]
    cpu_millis: Sequence[float]


@dataclass(frozen=True)
class Comparison:
    """The worker compared with the bare session, by one clock. A ratio above 1 means that the worker is faster."""

    clock: str
    ours_millis: float
    theirs_millis: float
    ratio: float
    least_ratio: float


def measure(image: RuntimeImage, *, rounds: int = ROUNDS) -> list[Comparison]:
    """Measure both senders in turn, round by round."""
    with fast_server("receiver") as receiver, fast_server("aws") as aws, _worker(image, aws, receiver) as worker:
        _round(worker)
        sent = told_by(receiver)["last"]
        headers = {name: value for name, value in sent["headers"].items() if name not in _BY_CONNECTION}
        task = {"url": receiver + sent["path"], "headers": headers, "body": sent["body"]}
        with _sender([sys.executable, str(_ROUNDS_SCRIPT), "requests"], dict(os.environ), task) as bare:
            _round(bare)
            measured = [(_round(worker), _round(bare)) for _ in range(rounds)]
        posts = (2 * rounds + 2) * BATCHES_PER_ROUND * BATCH
        assert told_by(receiver)["posts"] == posts
        assert told_by(aws)["attempts"] == posts / 2
    return [_compared(clock, measured) for clock in ("wall", "cpu")]


def _worker(image: RuntimeImage, aws: str, receiver: str) -> Any:
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("AWS_") and not name.startswith("AWS_ENDPOINT_URL")
    }
    path = os.pathsep.join([str(code_of("DeliverWebhook")), str(image.layers)])
    environment = {**variables, **ENVIRONMENT, "AWS_ENDPOINT_URL": aws, "PYTHONPATH": path}
    return _sender([str(image.python), str(_ROUNDS_SCRIPT), "worker"], environment, {"url": receiver + "/hooks/orders"})


@contextmanager
def _sender(command: Sequence[str], environment: Mapping[str, str], task: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _write(process, json.dumps(task))
        yield process
    finally:
        process.kill()
        process.communicate()


def _write(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _round(process: subprocess.Popen[str]) -> Mapping[str, float]:
    """Run one round, and return the milliseconds of one POST by clock."""
    _write(process, str(BATCHES_PER_ROUND))
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise LocalStackError("A sender ended early. Its output above says why.")
    took = json.loads(line)
    return {clock: seconds * 1000 / (BATCHES_PER_ROUND * BATCH) for clock, seconds in took.items()}


def _compared(clock: str, measured: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> Comparison:
    ours, theirs = [mine[clock] for mine, _ in measured], [other[clock] for _, other in measured]
    return Comparison(
        clock,
        statistics.median(ours),
        statistics.median(theirs),
        statistics.median(other / mine for mine, other in zip(ours, theirs, strict=True)),
        min(theirs) / min(ours),
    )
