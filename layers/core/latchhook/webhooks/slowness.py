"""Classifies webhooks by the latency of their receivers. The rate limiter slows down slow webhooks (decision 0012).

A class is a power of two in seconds. It is written only when it changes, so a fast attempt after a fast attempt writes
nothing. The class rises at once. It falls by one class at a time, and only after a call far below it. Therefore a
receiver near a boundary, or one that is slow occasionally, does not change its class all the time.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from latchhook.webhooks.webhook import Webhook

FAST_SECONDS = 2
"""A longer call is slow."""

_FAR_BELOW = 3


class LatencyRecords(Protocol):
    """The storage of webhooks."""

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        """Store a webhook's class if it is higher than the stored class, or if the stored class has not changed."""


def slow_class(seconds: float) -> int | None:
    """Return the class of one call: the smallest power of two not below `seconds`. None for a fast call."""
    if seconds <= FAST_SECONDS:
        return None
    upper = FAST_SECONDS
    while upper < seconds:
        upper *= 2
    return upper


def class_after(known: int | None, seconds: float) -> int | None:
    """Return the new class of a webhook with class `known`, after a call that took `seconds`."""
    measured = slow_class(seconds)
    if known is None or (measured is not None and measured > known):
        return measured
    if seconds * _FAR_BELOW <= known:
        return slow_class(known / 2)
    return known


@dataclass(frozen=True, slots=True)
class Slowness:
    """Updates the classes of webhooks. `timeout_seconds` is the timeout of a call."""

    records: LatencyRecords
    timeout_seconds: float

    def waiting(self, webhook: Webhook) -> None:
        """Classify the webhook during a call that has run for `FAST_SECONDS`, so that no further calls follow it.

        The class is that of the timeout, because the call may take that long. A shorter call lowers it at its end.
        """
        if webhook.slow_seconds is None:
            self.records.note_latency(webhook, slow_class(self.timeout_seconds))

    def ended(self, webhook: Webhook, seconds: float) -> None:
        """Correct the class after the end of a call that was noted with `waiting`."""
        measured, noted = slow_class(seconds), slow_class(self.timeout_seconds)
        if webhook.slow_seconds is not None:
            self.took(webhook, seconds)
        elif measured != noted:
            self.records.note_latency(replace(webhook, slow_seconds=noted), measured)

    def took(self, webhook: Webhook, seconds: float) -> None:
        """Update the class with the median duration of a batch's calls to the webhook."""
        after = class_after(webhook.slow_seconds, seconds)
        if after != webhook.slow_seconds:
            self.records.note_latency(webhook, after)
