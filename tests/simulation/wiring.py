"""Connect the product to the simulation: AWS clients, HTTP, time, threads and randomness.

This module replaces only external parts (`latchhook.aws`, outbound HTTP, and names of the standard library that product
modules imported). It does not depend on the product's internal structure.
"""

import concurrent.futures
import importlib
import inspect
import os
import pkgutil
import random
import sys
import threading
import time as real_time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

import latchhook
from latchhook import aws
from latchhook.clock import utc_now
from latchhook.telemetry import logger
from latchhook.transport.outbound_http import OutboundHttp
from tests.functions.calls import modules, start_anew
from tests.simulation.virtual_time import TaskExecutor, TaskLock, VirtualTime, wait_in

SETTINGS: Mapping[str, str] = {
    "ALLOW_INSECURE_WEBHOOKS": "false",
    "RETRY_SCHEDULE_SECONDS": "5,300,1800,7200,18000",
    "DELIVERY_TIMEOUT_SECONDS": "15",
}
"""The differences from the test deployment: retries by queue and by schedule, and the deadline of production."""

SERVICES = ("dynamodb", "sqs", "kms", "scheduler", "secretsmanager")
Post = Callable[..., Any]


class Outside:
    """The external parts of the product. Each history replaces them."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.rng = random.Random(0)
        self.clients: Mapping[str, Any] = {}
        self.post: Post = _nothing

    def client(self, service: str) -> Callable[[], Any]:
        """Return a function that creates a client."""
        return lambda: self.clients[service]


def _nothing(*_: Any, **__: Any) -> Any:
    raise AssertionError("no history is running")


class _Clock(ModuleType):
    """The standard library's `time` with virtual time."""

    def __init__(self, outside: Outside) -> None:
        super().__init__("time")
        self.sleep = lambda seconds: outside.time.sleep(seconds)  # noqa: PLW0108  # the time is exchanged
        self.monotonic = self.perf_counter = lambda: outside.time.seconds
        self.time = lambda: outside.time.clock().timestamp()


@contextmanager
def wired() -> Iterator[Outside]:
    """Run the product's functions in the simulation within the context."""
    for found in pkgutil.walk_packages(latchhook.__path__, "latchhook."):
        importlib.import_module(found.name)
    outside = Outside()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setitem(os.environ, name, value)
        for service in SERVICES:
            patch.setattr(aws, service, outside.client(service))
        patch.setattr(OutboundHttp, "post", lambda _, url, **call: outside.post(url, **call))
        patch.setattr(OutboundHttp, "check_endpoint", _accept)
        _replace_library(patch, outside)
        level = logger.log_level
        logger.setLevel("CRITICAL")
        start_anew()
        try:
            yield outside
        finally:
            logger.setLevel(level)
    start_anew()


def _accept(_: Any, __: Any) -> None:
    return None


def _replace_library(patch: pytest.MonkeyPatch, outside: Outside) -> None:
    """Replace names of the standard library in every module of the product, and default arguments like `time.sleep`."""
    clock = _Clock(outside)

    class Executor(TaskExecutor):
        @property
        def time(self) -> VirtualTime:  # type: ignore[override]
            return outside.time

    class Lock(TaskLock):
        @property
        def time(self) -> VirtualTime:  # type: ignore[override]
            return outside.time

    class SeededRandom(random.Random):
        def __new__(cls, *_: Any) -> Any:
            return _Shared(outside)

    def wait(futures: Any, timeout: float | None = None, return_when: str = "all") -> Any:
        return wait_in(outside.time, futures, timeout, return_when)

    def now() -> Any:
        return outside.time.clock()

    replaced = {
        id(utc_now): now,
        id(real_time): clock,
        id(real_time.sleep): clock.sleep,
        id(real_time.monotonic): clock.monotonic,
        id(random.SystemRandom): SeededRandom,
        id(concurrent.futures.ThreadPoolExecutor): Executor,
        id(concurrent.futures.wait): wait,
        id(threading.Lock): Lock,
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("latchhook."):
            for attribute, value in list(vars(module).items()):
                if id(value) in replaced:
                    patch.setattr(module, attribute, replaced[id(value)])
                for function in _functions(value, name):
                    defaults = function.__kwdefaults__ or {}
                    if any(id(each) in replaced for each in defaults.values()):
                        patch.setattr(
                            function, "__kwdefaults__",
                            {key: replaced.get(id(each), each) for key, each in defaults.items()},
                        )  # fmt: skip


def _functions(value: Any, module: str) -> Iterator[Any]:
    if inspect.isfunction(value) and value.__module__ == module:
        yield value
    elif inspect.isclass(value) and value.__module__ == module:
        yield from (each for each in vars(value).values() if inspect.isfunction(each))


class _Shared(random.Random):
    """The history's random numbers for all users of `SystemRandom`."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(0)
        self._outside = outside

    def random(self) -> float:
        return self._outside.rng.random()

    def getrandbits(self, bits: int, /) -> int:
        return self._outside.rng.getrandbits(bits)


def handler_of(function: str) -> Callable[[Mapping[str, Any], Any], Any]:
    """Return a function's handler. Import it at its first call."""
    name = modules()[function]
    module = sys.modules.get(name) or importlib.import_module(name)
    handler: Callable[[Mapping[str, Any], Any], Any] = module.handler
    return handler
