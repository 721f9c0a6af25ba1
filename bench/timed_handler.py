"""Stands in front of a deployed function's handler and writes down what each invocation took, one line of JSON each.

`TIMED_HANDLER` names the handler, `TIMED_DIRECTORY` where the lines go. A line has the Unix times, in seconds, of the
invocation's beginning and end, the ids of the events that it is about, in their order, and every AWS call as
`[operation, began, ended]`, in the order of their ends: what lies between is what AWS, or who stands in for it, took.
"""

import importlib
import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.handlers

_began = threading.local()
_calls: list[tuple[str, float, float]] = []


def _sending(**_: Any) -> None:
    _began.at = time.time()


def _answered(event_name: str, **_: Any) -> None:
    _calls.append((event_name.rpartition(".")[2], _began.at, time.time()))


# Every client of the process has them; the handler's module, which makes the clients, comes after.
botocore.handlers.BUILTIN_HANDLERS += [("before-send", _sending), ("after-call", _answered)]

_name = os.environ["TIMED_HANDLER"]
_handler = getattr(importlib.import_module(_name.rpartition(".")[0]), _name.rpartition(".")[2])
_file = Path(os.environ["TIMED_DIRECTORY"], f"{_name}-{os.getpid()}").open("a")  # noqa: SIM115  # until the process ends


def handler(event: Mapping[str, Any], context: Any) -> Any:
    """Hand the invocation on, and write down when what happened."""
    _calls.clear()
    began = time.time()
    response = _handler(event, context)
    line = {"began": began, "ended": time.time(), "events": _event_ids(event), "calls": _calls}
    _file.write(json.dumps(line) + "\n")
    _file.flush()
    return response


def _event_ids(event: Mapping[str, Any]) -> list[str]:
    if "Records" not in event:
        return [json.loads(event["body"])["id"]]
    return [
        record["messageAttributes"]["eventId"]["stringValue"]
        if "eventId" in record["messageAttributes"]
        else json.loads(record["body"])["eventId"]
        for record in event["Records"]
    ]
