"""The slowness class of a webhook: its rise, its fall, and the number of writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from latchhook.webhooks.slowness import Slowness, class_after, slow_class
from latchhook.webhooks.webhook import Webhook
from tests.samples import webhook

TIMEOUT_SECONDS = 15


@dataclass
class Records:
    """A stored webhook, and the writes to its slowness class."""

    kept: Webhook = field(default_factory=webhook)
    writes: list[int | None] = field(default_factory=list)

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        self.writes.append(slow_seconds)
        self.kept = replace(self.kept, slow_seconds=slow_seconds)

    def take(self, *calls: float) -> Sequence[int | None]:
        """Report the durations of these calls in order. Return all writes."""
        for seconds in calls:
            Slowness(self, TIMEOUT_SECONDS).took(self.kept, seconds)
        return self.writes


@pytest.mark.parametrize(
    ("seconds", "known"),
    [(0, None), (0.1, None), (2, None), (2.001, 4), (4, 4), (4.1, 8), (8, 8), (8.1, 16), (15, 16), (16, 16), (17, 32)],
)
def test_class_is_the_smallest_power_of_two_that_covers_the_call(seconds: float, known: int | None) -> None:
    assert slow_class(seconds) == known


@pytest.mark.parametrize(
    ("known", "seconds", "after"),
    [
        (None, 2, None), (None, 2.1, 4), (None, 15, 16), (4, 4.1, 8), (4, 15, 16), (16, 15, 16),
        (16, 5.4, 16), (16, 5.3, 8), (16, 0.1, 8), (8, 2.7, 8), (8, 2.6, 4), (4, 1.4, 4), (4, 1.3, None), (4, 2.1, 4),
    ],
)  # fmt: skip
def test_class_rises_at_once_and_falls_one_step_after_a_fast_call(
    known: int | None, seconds: float, after: int | None
) -> None:
    assert class_after(known, seconds) == after


def test_fast_call_after_a_fast_call_writes_nothing() -> None:
    assert Records().take(0.1, 2, 0.3) == []


def test_slow_call_is_one_write_and_similar_calls_are_none() -> None:
    assert Records().take(15, 15, 14, 9) == [16]


def test_fast_receiver_is_no_longer_slow_after_three_calls() -> None:
    assert Records().take(15, 0.1, 0.1, 0.1, 0.1) == [16, 8, 4, None]


def test_receiver_near_a_boundary_keeps_its_class() -> None:
    assert Records().take(1.9, 2.1, 1.9, 2.1, 1.9, 2.1) == [4]


def test_running_call_counts_as_using_its_full_timeout() -> None:
    records = Records()
    Slowness(records, TIMEOUT_SECONDS).waiting(records.kept)
    assert records.writes == [16]


def test_running_call_of_a_slow_webhook_writes_nothing() -> None:
    records = Records(webhook(slow_seconds=4))
    Slowness(records, TIMEOUT_SECONDS).waiting(records.kept)
    assert records.writes == []


@pytest.mark.parametrize(("seconds", "writes"), [(2.1, [16, 4]), (7, [16, 8]), (15, [16]), (0.1, [16, None])])
def test_finished_call_replaces_the_estimate_of_the_running_call(seconds: float, writes: list[int | None]) -> None:
    records = Records()
    read = records.kept
    slowness = Slowness(records, TIMEOUT_SECONDS)
    slowness.waiting(read)
    slowness.ended(read, seconds)
    assert records.writes == writes


@pytest.mark.parametrize(("seconds", "writes"), [(2.1, [8]), (15, [])])
def test_known_slow_webhook_falls_by_only_one_class(seconds: float, writes: list[int | None]) -> None:
    records = Records(webhook(slow_seconds=16))
    slowness = Slowness(records, TIMEOUT_SECONDS)
    slowness.waiting(records.kept)
    slowness.ended(records.kept, seconds)
    assert records.writes == writes


def test_slower_call_raises_the_class_of_a_slow_webhook() -> None:
    records = Records(webhook(slow_seconds=4))
    Slowness(records, TIMEOUT_SECONDS).ended(records.kept, 15)
    assert records.writes == [16]
