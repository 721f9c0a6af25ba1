"""Wraps a deployed function's handler and writes one line of JSON per invocation.

`TIMED_HANDLER` names the handler, `TIMED_DIRECTORY` the directory of the output. A line has the invocation's start and
end as Unix times in seconds, the ids of its events in order, and every AWS call as `[operation, began, ended]` in the
order of their ends. The time between the two is that of AWS or its emulator.
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


# Added before the import of the handler's module, so that all clients of the process have them.
botocore.handlers.BUILTIN_HANDLERS += [("before-send", _sending), ("after-call", _answered)]

_name = os.environ["TIMED_HANDLER"]
_handler = getattr(importlib.import_module(_name.rpartition(".")[0]), _name.rpartition(".")[2])
_file = Path(os.environ["TIMED_DIRECTORY"], f"{_name}-{os.getpid()}").open("a")  # noqa: SIM115  # until the process ends


def handler(event: Mapping[str, Any], context: Any) -> Any:
    """Call the wrapped handler and write the record of its invocation."""
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
