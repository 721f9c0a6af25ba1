"""Chooses the faults of a scenario. Of several faults that leave the same state, one is enough."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import get_args

from tests.functions.ending_process import POST, Call, Fault, Kind

_READS = ("dynamodb.GetItem", "dynamodb.Query", "dynamodb.BatchGetItem", "kms.Decrypt", "kms.GenerateDataKey")
"""The calls that change nothing. Only Lambda's memory has their results, and a process loses its memory at its end."""

Moment = tuple[object, ...]
"""Identifies the state that a fault leaves, in AWS and at the receivers."""


def distinct_faults(calls: Sequence[Call]) -> Sequence[Fault]:
    """Choose each lost response, and one end of the process for each state.

    A process that ends at two points of an invocation without a write between them leaves the same state. The choice
    still contains each kind of failure of each kind of call, by each function.
    """
    moments: dict[Moment, list[Fault]] = {}
    for moment, fault in _moments(calls):
        moments.setdefault(moment, []).append(fault)
    chosen: list[Fault] = []
    missing = pairs(calls)
    for faults in moments.values():
        fault = next((each for each in faults if _pair(each) in missing), faults[0])
        chosen.append(fault)
        missing.discard(_pair(fault))
    for faults in moments.values():
        for fault in faults:
            if _pair(fault) in missing:
                chosen.append(fault)
                missing.discard(_pair(fault))
    return chosen


def ends_and_middles(calls: Sequence[Call]) -> Sequence[Fault]:
    """Choose the first, the middle and the last call of each kind, for scenarios with many equal calls."""
    ordered = sorted(calls, key=lambda call: (call.kind, call.number))
    chosen: list[Fault] = []
    for _, group in groupby(ordered, key=lambda call: call.kind):
        equal = list(group)
        picked = dict.fromkeys((equal[0], equal[len(equal) // 2], equal[-1]))
        chosen += [fault for call in picked for fault in _faults(call)]
    return chosen


def pairs(calls: Sequence[Call]) -> set[tuple[str, str, Kind]]:
    """Return every pair of a kind of call and a kind of failure that a scenario can have."""
    return {_pair(fault) for call in calls for fault in _faults(call)}


def pairs_of_faults(faults: Sequence[Fault]) -> set[tuple[str, str, Kind]]:
    """Return the pairs of a choice."""
    return {_pair(fault) for fault in faults}


def _pair(fault: Fault) -> tuple[str, str, Kind]:
    return fault.function, fault.name, fault.kind


def _faults(call: Call) -> Iterator[Fault]:
    for kind in get_args(Kind):
        # A lost response of a receiver is a failed attempt, and a retry may send the request again.
        if (call.name, kind) != (POST, "answer lost"):
            yield Fault(*call.kind, call.number, kind)


def _moments(calls: Sequence[Call]) -> Iterator[tuple[Moment, Fault]]:
    writes: dict[object, int] = {}
    for call in calls:
        before = writes.get(call.invocation, 0)
        after = writes[call.invocation] = before + (call.name not in _READS)
        for fault in _faults(call):
            done = {"ends before": before, "ends after": after}.get(fault.kind)
            if done is None or call.invocation.records > 1:
                # A batch's threads make their calls in parallel, so their order does not define the state.
                yield (fault,), fault
            else:
                yield (call.invocation, done), fault
