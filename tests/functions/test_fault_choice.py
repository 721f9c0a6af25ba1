"""The choice of faults loses no state and no pair of a kind of call and a kind of failure."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pytest

from tests.functions.calls import Invocation
from tests.functions.ending_process import POST, Call, Fault, Kind
from tests.functions.fault_choice import distinct_faults, ends_and_middles, pairs, pairs_of_faults

GET, PUT, SEND = "dynamodb.GetItem", "dynamodb.PutItem", "sqs.SendMessage"


def calls(*invocations: tuple[str, int, Sequence[str]]) -> list[Call]:
    """Return the calls of invocations, each with its function, number of records and calls."""
    made: list[Call] = []
    numbers: Counter[tuple[str, str]] = Counter()
    for function, records, names in invocations:
        invocation = Invocation(function, records)
        for name in names:
            made.append(Call(name, numbers[function, name], invocation))
            numbers[function, name] += 1
    return made


def every_fault(of: Sequence[Call]) -> set[Fault]:
    return {
        Fault(*call.kind, call.number, kind)
        for call in of
        for kind in get_args(Kind)
        if (call.name, kind) != (POST, "answer lost")
    }


def state_after(fault: Fault, of: Sequence[Call]) -> object:
    """Return the writes done when the process ends, and the invocation that ends."""
    at = next(n for n, call in enumerate(of) if (*call.kind, call.number) == fault[:3])
    done = of[: at + (fault.kind == "ends after")]
    return of[at].invocation, [call for call in done if call.name != GET]


@pytest.mark.parametrize(
    "made",
    [
        calls(("deliver", 1, [GET, GET, POST, PUT, GET, SEND])),
        calls(("deliver", 1, [GET, POST, PUT]), ("deliver", 1, [GET, POST, PUT]), ("publish", 0, [GET, PUT, SEND])),
        calls(("publish", 0, [GET]), ("publish", 0, [GET, PUT, GET])),
        calls(("deliver", 3, [GET, POST, POST, PUT])),
    ],
)
def test_choice_has_every_state_every_pair_and_lost_response(made: list[Call]) -> None:
    chosen, faults = distinct_faults(made), every_fault(made)
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= faults
    assert pairs_of_faults(chosen) == pairs(made) == pairs_of_faults(list(faults))
    lost = {fault for fault in faults if fault.kind == "answer lost"}
    assert lost <= set(chosen)
    ends = [state_after(fault, made) for fault in chosen if fault not in lost]
    assert all(state_after(fault, made) in ends for fault in faults - lost)


def test_repeated_invocation_adds_one_end_per_state() -> None:
    """The first invocations also have ends for missing pairs."""
    delivery = ("deliver", 1, [GET, GET, POST, PUT])
    added = Counter(fault.kind for fault in distinct_faults(calls(*[delivery] * 4)))
    added.subtract(Counter(fault.kind for fault in distinct_faults(calls(*[delivery] * 3))))
    assert (added["answer lost"], added["ends before"] + added["ends after"]) == (3, 3)


def test_parallel_calls_of_a_batch_all_fail() -> None:
    made = calls(("deliver", 2, [GET, GET, POST, PUT]))
    assert set(distinct_faults(made)) == every_fault(made)


def test_ends_and_middles_of_equal_calls_fail() -> None:
    made = calls(("deliver", 10, [PUT] * 5))
    assert {fault.number for fault in ends_and_middles(made)} == {0, 2, 4}
    assert pairs_of_faults(ends_and_middles(made)) == pairs(made)
