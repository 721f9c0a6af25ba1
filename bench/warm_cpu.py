"""Processor time of a verification through the function's own handler, compared with its one bare boto3 call."""

import json
import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from bench.figures import Bar
from bench.runtime_image import RuntimeImage, code_of
from bench.warm_cpu_worker import BARE
from tests.functions.callers import made_key, operator
from tests.functions.calls import http_event, own_event
from tests.functions.environment import ENVIRONMENT
from tests.template_tables import create_tables

WORKER = Path(__file__).with_name("warm_cpu_worker.py")
ROUNDS = 25
CALLS_PER_ROUND = 50
BAR = Bar(1.3, " ×")


@dataclass(frozen=True)
class CpuTime:
    """The figures of one kind of verification. Each round divides by the time of the bare call."""

    name: str
    median_millis: float
    least_millis: float
    ratio: float

    @property
    def bar(self) -> Bar | None:
        """The upper limit of the ratio."""
        return None if self.name == BARE else BAR


def measure(image: RuntimeImage, *, rounds: int = ROUNDS) -> list[CpuTime]:
    """Verify one key in all ways, repeatedly, with the DynamoDB that the environment names."""
    create_tables(boto3.client("dynamodb"))
    key = made_key("orders:read")["key"]
    request = http_event("verify_api_key", operator(), body={"key": key})
    query = own_event("authorize_api_key")
    query["headers"]["x-api-key"] = key
    inputs = {"key": key, "request": request, "query": query}
    task = {"inputs": inputs, "rounds": rounds, "calls_per_round": CALLS_PER_ROUND}
    millis = _measured(image, task)
    return [_summary(name, each, millis[BARE]) for name, each in millis.items()]


def _measured(image: RuntimeImage, task: Any) -> dict[str, list[float]]:
    variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    path = os.pathsep.join([str(code_of("VerifyApiKey")), str(image.layers)])
    worker = subprocess.run(
        [str(image.python), str(WORKER)],
        input=json.dumps(task),
        env={**variables, **ENVIRONMENT, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    millis: dict[str, list[float]] = json.loads(worker.stdout)
    return millis


def _summary(name: str, millis: list[float], bare: list[float]) -> CpuTime:
    ratio = statistics.median(mine / theirs for mine, theirs in zip(millis, bare, strict=True))
    return CpuTime(name, statistics.median(millis), min(millis), ratio)
