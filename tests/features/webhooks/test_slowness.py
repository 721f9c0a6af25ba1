"""How slow a webhook is: in which class a call puts it, and how little is written for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from latchhook.webhooks.slowness import Slowness, class_after, slow_class
from latchhook.webhooks.webhook import Webhook
from tests.samples import webhook

TIMEOUT_SECONDS = 15


@dataclass
class Records:
    """One webhook as the store has it, and what was written."""

    kept: Webhook = field(default_factory=webhook)
    writes: list[int | None] = field(default_factory=list)

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        self.writes.append(slow_seconds)
        self.kept = replace(self.kept, slow_seconds=slow_seconds)

    def take(self, *calls: float) -> Sequence[int | None]:
        """The writes of these calls, one after the other."""
        for seconds in calls:
            Slowness(self, TIMEOUT_SECONDS).took(self.kept, seconds)
        return self.writes


@pytest.mark.parametrize(
    ("seconds", "known"),
    [(0, None), (0.1, None), (2, None), (2.001, 4), (4, 4), (4.1, 8), (8, 8), (8.1, 16), (15, 16), (16, 16), (17, 32)],
)
def test_a_class_is_the_power_of_two_that_a_call_does_not_exceed(seconds: float, known: int | None) -> None:
    assert slow_class(seconds) == known


@pytest.mark.parametrize(
    ("known", "seconds", "after"),
    [
        (None, 2, None), (None, 2.1, 4), (None, 15, 16), (4, 4.1, 8), (4, 15, 16), (16, 15, 16),
        (16, 5.4, 16), (16, 5.3, 8), (16, 0.1, 8), (8, 2.7, 8), (8, 2.6, 4), (4, 1.4, 4), (4, 1.3, None), (4, 2.1, 4),
    ],
)  # fmt: skip
def test_a_class_rises_at_once_and_falls_one_at_a_time_after_a_call_far_below(
    known: int | None, seconds: float, after: int | None
) -> None:
    assert class_after(known, seconds) == after


def test_a_fast_call_after_a_fast_one_writes_nothing() -> None:
    assert Records().take(0.1, 2, 0.3) == []


def test_a_slow_call_is_one_write_and_those_like_it_are_none() -> None:
    assert Records().take(15, 15, 14, 9) == [16]


def test_a_receiver_that_is_fast_again_is_so_after_three_calls() -> None:
    assert Records().take(15, 0.1, 0.1, 0.1, 0.1) == [16, 8, 4, None]


def test_a_receiver_near_a_boundary_does_not_go_back_and_forth() -> None:
    assert Records().take(1.9, 2.1, 1.9, 2.1, 1.9, 2.1) == [4]


def test_a_call_that_still_runs_is_taken_to_use_all_of_its_time() -> None:
    records = Records()
    Slowness(records, TIMEOUT_SECONDS).waiting(records.kept)
    assert records.writes == [16]


def test_a_call_that_still_runs_of_a_webhook_known_to_be_slow_writes_nothing() -> None:
    records = Records(webhook(slow_seconds=4))
    Slowness(records, TIMEOUT_SECONDS).waiting(records.kept)
    assert records.writes == []


@pytest.mark.parametrize(("seconds", "writes"), [(2.1, [16, 4]), (7, [16, 8]), (15, [16]), (0.1, [16, None])])
def test_what_a_call_took_stands_for_what_was_noted_while_it_ran(seconds: float, writes: list[int | None]) -> None:
    records = Records()
    read = records.kept
    slowness = Slowness(records, TIMEOUT_SECONDS)
    slowness.waiting(read)
    slowness.ended(read, seconds)
    assert records.writes == writes


@pytest.mark.parametrize(("seconds", "writes"), [(2.1, [8]), (15, [])])
def test_what_was_known_to_be_slow_falls_by_one_class_only(seconds: float, writes: list[int | None]) -> None:
    records = Records(webhook(slow_seconds=16))
    slowness = Slowness(records, TIMEOUT_SECONDS)
    slowness.waiting(records.kept)
    slowness.ended(records.kept, seconds)
    assert records.writes == writes


def test_what_was_known_to_be_slow_and_takes_longer_rises() -> None:
    records = Records(webhook(slow_seconds=4))
    Slowness(records, TIMEOUT_SECONDS).ended(records.kept, 15)
    assert records.writes == [16]
