"""The measuring process of warm_cpu. The bare runtime runs it, with only functions, layers and boto3.

It reads its inputs from standard input and writes the processor time of each round, in milliseconds per call.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

BARE = "bare boto3 update_item"


def main() -> None:
    """Call all subjects in turn, round by round, so that a slow moment of the machine affects all subjects equally."""
    task = json.load(sys.stdin)
    results, sys.stdout = sys.stdout, sys.stderr  # the log is still written, so that its cost counts
    subjects = _subjects(**task["inputs"])
    millis: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(task["rounds"]):
        for name, verify in subjects.items():
            millis[name].append(_cpu_millis(verify, task["calls_per_round"]))
    json.dump(millis, results)


def _subjects(key: str, request: Mapping[str, Any], query: Mapping[str, Any]) -> Mapping[str, Callable[[], object]]:
    from api_keys.verify_api_key import handler as verify
    from authorizer.authorize_api_key import handler as authorize

    arguments = _arguments_of(lambda: verify({"key": key}))
    client = boto3.client("dynamodb")
    subjects: Mapping[str, Callable[[], Any]] = {
        BARE: lambda: client.update_item(**arguments),
        "direct invocation": lambda: verify({"key": key}),
        "authorizer": lambda: authorize(query),
        "HTTP, operator's token": lambda: verify(request),
    }
    responses = [subject() for subject in subjects.values()]
    assert responses[0]["Attributes"]
    assert responses[1]["valid"]
    assert responses[2]["isAuthorized"]
    assert responses[3]["statusCode"] == 200
    return subjects


def _arguments_of(verify: Callable[[], object]) -> Mapping[str, Any]:
    """Return the arguments that a verification passes to `update_item`. The bare call sends the same request."""
    from latchhook import aws

    seen: list[Mapping[str, Any]] = []

    def note(params: Mapping[str, Any], **_: Any) -> None:
        seen.append(dict(params))

    events = aws.dynamodb().meta.events
    events.register("provide-client-params.dynamodb.UpdateItem", note)
    verify()
    events.unregister("provide-client-params.dynamodb.UpdateItem", note)
    (arguments,) = seen
    return arguments


def _cpu_millis(verify: Callable[[], object], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        verify()
    return (time.process_time() - began) * 1000 / calls


if __name__ == "__main__":
    main()
