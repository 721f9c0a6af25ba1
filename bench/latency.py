"""Time from acceptance to receipt on the local stack, separated into the product's own time and the emulator's.

The benchmark publishes events at a fixed rate (open loop) to one webhook, whose receiver records the time of each
request. The deployed functions run behind a handler that records the start, end and AWS calls of each invocation
(timed_handler.py). For each event:

- all: from the start of `PublishEvent`, which is before acceptance, until receipt.
- our own: the running time of the three functions' code, without waiting for AWS calls. It includes earlier events of
the same batch and the request to the receiver.
- the rest is the emulator's: queues, pollers, starting invocations, and answering AWS calls.

Emulator, functions, publisher and receiver share this machine's cores, which lengthens both parts.
"""

import io
import json
import shutil
import statistics
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from threading import local as thread_local
from typing import Any
from uuid import uuid4

import requests

from bench.figures import Bar
from bench.runtime_image import WORK
from local.errors import LocalStackError
from local.receiver import Receiver
from local.stack import LocalStack, RunningStack

RATES = (50, 25, 10, 5)
"""Events per second, tried in this order until the emulator keeps up."""
SECONDS = 30
WARM_UP_SECONDS = 10
PUBLISHERS = 64
MOST_LAG_SECONDS = 1.0
"""The emulator does not keep up if a publication is later than this in the plan of the open loop, or if half of the
events arrive later than this after acceptance. The figures then show its backlog.
"""
PATIENCE_SECONDS = 120
SETTLE_SECONDS = 20
BAR = Bar(120, " ms")

_FUNCTIONS = {
    "PublishEvent": "events.publish_event.handler",
    "FanOutEvent": "workers.fan_out_event.handler",
    "DeliverWebhook": "workers.deliver_webhook.handler",
}
_HANDLER = Path(__file__).with_name("timed_handler.py")


@dataclass(frozen=True)
class Part:
    """Durations of one part in milliseconds: percentiles over all events of a run."""

    name: str
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Run:
    """One rate, with all accepted events except those whose invocations the emulator interrupted."""

    events_per_second: int
    kept_up: bool
    all: Part
    ours: Part
    emulators: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts: all, our own, the emulator's."""
        return self.all, self.ours, self.emulators


def measure(*, starting: Callable[[str], None] = print) -> list[Run]:
    """Try the rates in turn on a separate stack, until the emulator keeps up. The last run has the valid figures."""
    directory = WORK / "latency"
    runs: list[Run] = []
    starting("the local stack")
    with LocalStack(directory) as stack, Receiver() as receiver:
        times = _timed(stack, directory / "times")
        account_id = str(uuid4())
        _make_webhook(stack, account_id, receiver.url("/hook"))
        _publish(stack, account_id, receiver, RATES[-1], WARM_UP_SECONDS)
        for rate in RATES:
            starting(f"{rate} events a second")
            _publish(stack, account_id, receiver, rate, WARM_UP_SECONDS)
            receiver.clear()
            accepted_in_time = _publish(stack, account_id, receiver, rate, SECONDS)
            received = {json.loads(each.body)["id"]: each.received_at for each in receiver.requests()}
            invocations = _invocations(times, set(received))
            whole = [event_id for event_id in received if all(event_id in found for found in invocations)]
            parts = _parts({event_id: received[event_id] for event_id in whole}, invocations)
            in_time = accepted_in_time and parts[0].p50 <= MOST_LAG_SECONDS * 1000
            runs.append(Run(rate, in_time and len(whole) == len(received), *parts))
            if runs[-1].kept_up:
                break
    return runs


def _timed(stack: RunningStack, directory: Path) -> Path:
    """Put the timing handler in front of the three functions. Return the directory of its records."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as layer:
        layer.write(_HANDLER, "python/timed_handler.py")
    client = stack.client("lambda")
    layer_arn = client.publish_layer_version(LayerName="timed", Content={"ZipFile": archive.getvalue()})[
        "LayerVersionArn"
    ]
    for name, handler in _FUNCTIONS.items():
        configuration = client.get_function_configuration(FunctionName=_physical_name(client, name))
        variables = configuration["Environment"]["Variables"]
        client.update_function_configuration(
            FunctionName=configuration["FunctionName"],
            Handler="timed_handler.handler",
            Layers=[*(each["Arn"] for each in configuration["Layers"]), layer_arn],
            Environment={"Variables": {**variables, "TIMED_HANDLER": handler, "TIMED_DIRECTORY": str(directory)}},
        )
    return directory


def _physical_name(client: Any, logical_id: str) -> str:
    pages = client.get_paginator("list_functions").paginate()
    names = [each["FunctionName"] for page in pages for each in page["Functions"]]
    (name,) = (each for each in names if logical_id in each.split("-"))
    return str(name)


def _make_webhook(stack: RunningStack, account_id: str, url: str) -> None:
    response = requests.post(
        f"{stack.base_url}/webhooks",
        json={"url": url},
        headers={"Authorization": f"Bearer {stack.tokens.account_token(account_id)}"},
        timeout=60,
    )
    if response.status_code != 201:
        raise LocalStackError(f"The webhook could not be created: {response.status_code} {response.text}")


def _publish(stack: RunningStack, account_id: str, receiver: Receiver, rate: int, seconds: int) -> bool:
    """Publish in an open loop, and wait until all accepted events have arrived.

    Stop early and return False if a publication is refused or is behind the plan.
    """
    url = f"{stack.account.endpoint_url}/_aws/execute-api/{stack.outputs['ApiId']}/$default/events"
    headers = {"Authorization": f"Bearer {stack.tokens.operator_token()}"}
    own, late, already = thread_local(), Event(), len(receiver.requests())
    began = time.monotonic()

    def publish(number: int) -> bool:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        if time.monotonic() > began + number / rate + MOST_LAG_SECONDS:
            late.set()
        if late.is_set():
            return False
        body = {"id": str(uuid4()), "accountId": account_id, "event": "order.created", "entity": {"number": number}}
        response = own.session.post(url, json=body, headers=headers, timeout=PATIENCE_SECONDS)
        if response.status_code != 202:
            late.set()
        return bool(response.status_code == 202)

    with ThreadPoolExecutor(PUBLISHERS) as threads:
        pending = []
        for number in range(rate * seconds):
            if late.wait(max(0.0, began + number / rate - time.monotonic())):
                break
            pending.append(threads.submit(publish, number))
        accepted = sum(each.result() for each in pending)
    receiver.wait_for(already + accepted, PATIENCE_SECONDS)
    return not late.is_set()


def _invocations(directory: Path, event_ids: Set[str]) -> list[Mapping[str, Any]]:
    """Return, for each of the three functions, the first invocation of each event and the event's place in it.

    A function writes its record at the end of an invocation, possibly after the event's receipt. Interrupted
    invocations have no record and are omitted after SETTLE_SECONDS.
    """
    for _ in range(SETTLE_SECONDS):
        found = [_noted(directory, handler) for handler in _FUNCTIONS.values()]
        if all(event_ids <= noted.keys() for noted in found):
            break
        time.sleep(1)
    return found


def _noted(directory: Path, handler: str) -> Mapping[str, Any]:
    lines = [
        json.loads(line)
        for file in directory.glob(f"{handler}-*")
        for line in file.read_text().splitlines(keepends=True)
        if line.endswith("\n")
    ]
    noted: dict[str, Any] = {}
    for line in sorted(lines, key=lambda each: float(each["began"])):
        for place, event_id in enumerate(line["events"]):
            noted.setdefault(event_id, (line, place))
    return noted


def _parts(received: Mapping[str, float], invocations: Sequence[Mapping[str, Any]]) -> tuple[Part, Part, Part]:
    publish, fan_out, deliver = invocations
    wholes, owns = [], []
    for event_id, received_at in received.items():
        line, _ = publish[event_id]
        began = line["began"]
        own = _own_seconds(line, line["ended"])
        line, place = fan_out[event_id]
        # Sending is the last step for an event, and there is one `SendMessageBatch` for each event of the batch.
        sent = [call for call in line["calls"] if call[0] == "SendMessageBatch"]
        if len(sent) < len(line["events"]):
            continue  # an event went back to the queue, so that calls cannot be assigned to events
        own += _own_seconds(line, sent[place][1])
        line, _ = deliver[event_id]
        own += _own_seconds(line, received_at)
        wholes.append((received_at - began) * 1000)
        owns.append(own * 1000)
    emulator = [whole - own for whole, own in zip(wholes, owns, strict=True)]
    return _part("all", wholes), _part("our own", owns), _part("the emulator's", emulator)


def _own_seconds(invocation: Mapping[str, Any], until: float) -> float:
    """Return the seconds from the start of an invocation `until` a time, without its completed AWS calls."""
    waits = sum(ended - began for _, began, ended in invocation["calls"] if ended <= until)
    return float(until - invocation["began"] - waits)


def _part(name: str, millis: Sequence[float]) -> Part:
    hundredths = statistics.quantiles(millis, n=100)
    return Part(name, statistics.median(millis), hundredths[94], hundredths[98])
