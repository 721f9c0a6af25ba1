"""End the process at every outgoing call, and let queues, streams and callers repeat the unfinished work.

A scenario is a function of a `World`. `check_every_fault` prepares a stack and runs the scenario once to record the
calls to AWS and the POSTs within `watched`. Then it runs the scenario again from a copy of the prepared stack for each
fault that fault_choice.py chooses.

In addition to the scenario's own assertions, these rules apply at the end: all queues are empty. The attempts of a
delivery are numbered without a gap. All POSTs with the same `webhook-id` have the same body. Each POST has a record,
except those that were sent but not recorded before the process ended.

A scenario of another feature needs only a test that uses the fixture `check_every_fault` of conftest.py.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from moto.moto_api._internal.models import moto_api_backend

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.receivers import outbound_http
from latchhook.clock import utc_now
from local.receiver import Receiver
from tests.functions import kept_stack
from tests.functions.cloud import Cloud
from tests.functions.ending_process import Call, Fault, Process, watched_calls
from tests.functions.fault_choice import distinct_faults, pairs, pairs_of_faults
from tests.functions.world import World, start_process

Prepare = Callable[[World], Any]
Scenario = Callable[[World, Any], None]
Choice = Callable[[Sequence[Call]], Sequence[Fault]]


class _KeptReceiver(Receiver):
    """A receiver that can return to an earlier state."""

    def state(self) -> tuple[Any, ...]:
        with self._changed:
            return copy(self._requests), copy(self._behaviours), copy(self._counts)

    def restore(self, state: tuple[Any, ...]) -> None:
        with self._changed:
            self._requests, self._behaviours, self._counts = map(copy, state)


@dataclass(frozen=True)
class _Start:
    """The prepared stack and receiver with which each run of a scenario begins."""

    stack: kept_stack.Stack
    cloud: Cloud
    receiver: _KeptReceiver
    received: tuple[Any, ...]
    prepared: Any

    def world(self, process: Process) -> World:
        moto_api_backend.reset()
        kept_stack.put_stack(self.stack)
        self.receiver.restore(self.received)
        return World(process, self.cloud.at_same_place(), self.receiver)


def check_every_fault(
    scenario: Scenario,
    patch: pytest.MonkeyPatch,
    *,
    prepare: Prepare = lambda _: None,
    choose: Choice = distinct_faults,
) -> Sequence[str]:
    """Run a scenario with every fault that `choose` picks. Return the names of the calls of the run without a fault.

    `prepare` runs once, without faults. The scenario receives its result.
    """
    with _KeptReceiver() as receiver:
        start = _prepare(prepare, receiver, patch)
        calls = _run(scenario, start, Process(None), patch)
        happened = [fault for fault in choose(calls) if _happens(scenario, start, fault, patch)]
    assert pairs_of_faults(happened) == pairs(calls)
    return [call.name for call in calls]


def _happens(scenario: Scenario, start: _Start, fault: Fault, patch: pytest.MonkeyPatch) -> bool:
    """Run a scenario with a fault. Return whether the fault happened.

    Threads record their attempts together, so the last of these calls may not happen in each run.
    """
    process = Process(fault)
    try:
        _run(scenario, start, process, patch)
    except BaseException as error:
        error.add_note(str(fault))
        raise
    return process.fault is None


def _prepare(prepare: Prepare, receiver: _KeptReceiver, patch: pytest.MonkeyPatch) -> _Start:
    moto_api_backend.reset()
    process, cloud = Process(None), Cloud()
    world = World(process, cloud, receiver)
    with _started(process, world, patch):
        prepared = prepare(world)
    return _Start(kept_stack.copy_of_stack(), cloud, receiver, receiver.state(), prepared)


def _run(scenario: Scenario, start: _Start, process: Process, patch: pytest.MonkeyPatch) -> Sequence[Call]:
    world = start.world(process)
    with _started(process, world, patch):
        scenario(world, start.prepared)
        world.check()
    return process.calls


@contextmanager
def _started(process: Process, world: World, patch: pytest.MonkeyPatch) -> Iterator[None]:
    with patch.context() as patched, watched_calls(process, patched):
        patched.setattr(environment, "clock", lambda: utc_now() - world.ago)
        start_process()
        yield
        outbound_http().close()


@contextmanager
def lost_response(operation: str) -> Iterator[None]:
    """Lose the first response to `operation` within the context. DynamoDB executes the call."""
    lost = iter([ReadTimeoutError(endpoint_url="https://aws.example")])

    def answered(event_name: str, **_: Any) -> None:
        if event_name == f"before-send.dynamodb.{operation}":
            for error in lost:
                raise error

    events = aws.dynamodb().meta.events
    events.register_last("before-send", answered)  # after moto has executed the call
    try:
        yield
    finally:
        events.unregister("before-send", answered)
    assert next(lost, None) is None
