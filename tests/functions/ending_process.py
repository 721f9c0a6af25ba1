"""The process of the functions, which a test can end at any call to AWS and at any POST."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

import pytest
from botocore.exceptions import ReadTimeoutError

from latchhook import aws
from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.outcome import HttpOutcome
from tests.functions.calls import Invocation, running

Kind = Literal["ends before", "ends after", "answer lost"]
"""The process ends before or after the call takes effect, or AWS executes the call but its response is lost."""

POST = "POST"
_SERVICES = ("dynamodb", "sqs", "kms", "scheduler")


class EndedError(BaseException):
    """The end of the process. Functions must not catch it, just as they cannot catch SIGKILL."""


class Call(NamedTuple):
    """An outgoing call of an invocation. `number` counts the calls with the same name by the same function, from 0."""

    name: str
    number: int
    invocation: Invocation

    @property
    def kind(self) -> tuple[str, str]:
        """The function and the name."""
        return self.invocation.function, self.name


class Fault(NamedTuple):
    """The failure of call number `number` with this name by this function."""

    function: str
    name: str
    number: int
    kind: Kind


class Process:
    """The process of the functions. It records outgoing calls and ends at `fault`."""

    def __init__(self, fault: Fault | None) -> None:
        self.calls: list[Call] = []
        """The calls so far, in order."""
        self.is_watched = False
        self.fault = fault
        """The failure that has not happened yet."""
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._has_ended = False
        self._ended_threads: set[threading.Thread] = set()
        self._here = threading.local()
        self._under_way = 0
        self._changed = threading.Condition()

    def enter(self, name: str) -> None:
        """Record the start of an outgoing call."""
        with self._changed:
            self._end_if_ended()
            self._here.call = None
            if self.is_watched:
                invocation = running[-1]
                kind = (invocation.function, name)
                self._here.call = Call(name, self._numbers[kind], invocation)
                self._numbers[kind] += 1
                self.calls.append(self._here.call)
            self._end_at("ends before")
            self._under_way += 1

    def leave(self) -> None:
        """Record that a call has ended, with or without a response."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
            self._end_if_ended()
            self._end_at("ends after")

    def loses_response(self) -> bool:
        """Return whether to lose the response of this call. Each fault loses one response."""
        return self._fails("answer lost")

    def has_stopped(self) -> None:
        """Wait for the calls in progress when the process ended. Its threads make no further calls."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, 30)
            self._ended_threads |= {each for each in threading.enumerate() if each.name.startswith("attempt")}
            self._has_ended = False

    def _end_if_ended(self) -> None:
        if self._has_ended or threading.current_thread() in self._ended_threads:
            raise EndedError

    def _end_at(self, kind: Kind) -> None:
        if self._fails(kind):
            self._has_ended = True
            raise EndedError

    def _fails(self, kind: Kind) -> bool:
        call = self._here.call
        if call is None or self.fault != (*call.kind, call.number, kind):
            return False
        self.fault = None
        return True


@contextmanager
def watched_calls(process: Process, patched: pytest.MonkeyPatch) -> Iterator[None]:
    """Make each AWS call and each POST of the functions a point at which `process` can stop."""
    post = OutboundHttp.post

    def posted(sender: OutboundHttp, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        process.enter(POST)
        try:
            return post(sender, url, headers=headers, body=body)
        finally:
            process.leave()

    def before_call(event_name: str, **_: Any) -> None:
        process.enter(event_name.removeprefix("before-call."))

    def after_call(**_: Any) -> None:
        process.leave()

    def answered(**_: Any) -> None:
        if process.loses_response():
            raise ReadTimeoutError(endpoint_url="https://aws.example")

    patched.setattr(OutboundHttp, "post", posted)
    # Skip the SDK's pause before it repeats a call.
    patched.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    handlers = {"before-call": before_call, "after-call": after_call, "after-call-error": after_call}
    emitters = [getattr(aws, service)().meta.events for service in _SERVICES]
    for emitter in emitters:
        for event, handler in handlers.items():
            emitter.register(event, handler)
        emitter.register_last("before-send", answered)  # after moto has executed the call
    try:
        yield
    finally:
        for emitter in emitters:
            for event, handler in handlers.items():
                emitter.unregister(event, handler)
            emitter.unregister("before-send", answered)
