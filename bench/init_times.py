"""Init time of every function in Lambda's runtime, compared with an empty handler and one with a boto3 client."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Bar
from bench.lambda_runtime import init_millis
from bench.runtime_image import BASELINES, RuntimeImage, task_root
from latchhook.settings import REQUIRED
from local.build import BUILD
from local.declared_functions import declared_functions

ONE_CLIENT = "one_boto3_client"
ROUNDS = 9
VERIFY_BAR = Bar(1.05, " ×")
BAR = Bar(1.35, " ×")
YARDSTICK_EVERY = 8
"""The handler with one client is measured after every eight subjects of a round, because all ratios depend on it."""

_SETTINGS = {
    **dict.fromkeys(REQUIRED, "bench"),
    "JWT_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt",
    "JWT_ISSUER": "https://issuer.example",
}


@dataclass(frozen=True)
class Subject:
    """A handler whose init time is measured."""

    name: str
    code: Path
    handler: str


@dataclass(frozen=True)
class InitTime:
    """The figures of one subject. Each round divides by the time of the handler with one boto3 client."""

    name: str
    median_millis: float
    least_millis: float
    ratio: float
    least_ratio: float

    @property
    def bar(self) -> Bar | None:
        """The upper limit of the ratio."""
        if self.name in BASELINES:
            return None
        return VERIFY_BAR if self.name == "VerifyApiKey" else BAR


def measure(image: RuntimeImage, *, rounds: int = ROUNDS, starting: Callable[[str], None] = print) -> list[InitTime]:
    """Start all subjects in turn, `rounds` times, so that a slow moment of the machine affects all subjects equally.

    `starting` receives the name of each subject before its measurement.
    """
    subjects = [*_baselines(), *_functions()]
    client = next(subject for subject in subjects if subject.name == ONE_CLIENT)
    measured: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    yardsticks: list[float] = []
    for number in range(1, rounds + 1):
        in_this_round: list[float] = []
        for position, subject in enumerate(subjects):
            starting(f"round {number} of {rounds}: {subject.name}")
            if position % YARDSTICK_EVERY == 0:
                in_this_round.append(_start(image, client))
            measured[subject.name].append(_start(image, subject))
        yardsticks.append(statistics.median([*in_this_round, measured[ONE_CLIENT][-1]]))
        measured[ONE_CLIENT].extend(in_this_round)
    return [_summary(subject.name, measured[subject.name], yardsticks, measured[ONE_CLIENT]) for subject in subjects]


def _summary(name: str, millis: Sequence[float], yardsticks: Sequence[float], client: Sequence[float]) -> InitTime:
    ratios = [1.0] if name == ONE_CLIENT else [mine / theirs for mine, theirs in zip(millis, yardsticks, strict=True)]
    return InitTime(name, statistics.median(millis), min(millis), statistics.median(ratios), min(millis) / min(client))


def _baselines() -> list[Subject]:
    return [Subject(name, task_root(name), f"{name}.handler") for name in BASELINES]


def _functions() -> list[Subject]:
    return [
        Subject(function.logical_id, BUILD / function.code, function.handler)
        for function in declared_functions(BUILD / "template.yaml")
    ]


def _start(image: RuntimeImage, subject: Subject) -> float:
    return init_millis(image, subject.code, subject.handler, _SETTINGS)
