"""How long a webhook's receiver takes, in classes: what a slow one's attempts are paced by (decision 0012).

A class is a power of two of seconds. It is written only where it changes: a fast attempt that follows a fast one writes
nothing. It rises at once, and falls by one class at a time and only after a call far below it: a receiver near a
boundary, or slow now and then, does not go back and forth.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from latchhook.webhooks.webhook import Webhook

FAST_SECONDS = 2
"""What takes no longer is no slow call."""

_FAR_BELOW = 3


class LatencyRecords(Protocol):
    """Where webhooks are kept."""

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        """Records a webhook's class: a higher one than is kept, or a lower one if what is kept is as it was read."""


def slow_class(seconds: float) -> int | None:
    """The class of one call: the least power of two that is not less; None for a fast one."""
    if seconds <= FAST_SECONDS:
        return None
    upper = FAST_SECONDS
    while upper < seconds:
        upper *= 2
    return upper


def class_after(known: int | None, seconds: float) -> int | None:
    """The class of a webhook of class `known` after a call that took `seconds`."""
    measured = slow_class(seconds)
    if known is None or (measured is not None and measured > known):
        return measured
    if seconds * _FAR_BELOW <= known:
        return slow_class(known / 2)
    return known


@dataclass(frozen=True, slots=True)
class Slowness:
    """Keeps the classes of webhooks. A call may take `timeout_seconds`."""

    records: LatencyRecords
    timeout_seconds: float

    def waiting(self, webhook: Webhook) -> None:
        """A call of the webhook has run for `FAST_SECONDS`: noted now and not at its end, so that no more follow it.

        As it may take all of its time, that is its class; a shorter end lowers it.
        """
        if webhook.slow_seconds is None:
            self.records.note_latency(webhook, slow_class(self.timeout_seconds))

    def ended(self, webhook: Webhook, seconds: float) -> None:
        """What was noted as `waiting` took so long."""
        measured, noted = slow_class(seconds), slow_class(self.timeout_seconds)
        if webhook.slow_seconds is not None:
            self.took(webhook, seconds)
        elif measured != noted:
            self.records.note_latency(replace(webhook, slow_seconds=noted), measured)

    def took(self, webhook: Webhook, seconds: float) -> None:
        """The middle one of a batch's calls of the webhook took so long."""
        after = class_after(webhook.slow_seconds, seconds)
        if after != webhook.slow_seconds:
            self.records.note_latency(webhook, after)
