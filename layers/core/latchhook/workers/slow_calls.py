"""Measurement of a batch's HTTP calls, to record the webhooks with slow receivers (decision 0012)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from latchhook.telemetry import log_failure
from latchhook.webhooks.delivery import Attempt
from latchhook.webhooks.slowness import FAST_SECONDS, Slowness
from latchhook.webhooks.webhook import Webhook
from latchhook.workers.attempt_work import Work, by_webhook

LOOK_AFTER_SECONDS = (0.02, 0.5)
"""Minimum and maximum seconds until the next check. The next check is due when a running call becomes slow, but calls
start at different times."""


class SlowCalls:
    """The calls of one batch. Only the time of the HTTP calls counts, without Latchhook's own work."""

    def __init__(self, slowness: Slowness, works: Iterable[Work]) -> None:
        self._slowness = slowness
        self._groups = [(webhook, group) for webhook, group in by_webhook(works) if webhook is not None]
        self._took: dict[str, float] = {}
        self._noted: set[UUID] = set()

    def took(self, work: Work, attempt: Attempt) -> None:
        """Store the duration of a finished call."""
        self._took[work.message_id] = attempt.timings_ms.get("total", 0.0) / 1000

    def look(self, now: datetime) -> float:
        """Record the webhooks whose running calls are slow. Return the seconds until the next check.

        A webhook is slow if at least half of its calls are slow. A few slow calls do not count.
        """
        least, most = LOOK_AFTER_SECONDS
        soonest = most
        for webhook, works in self._groups:
            if webhook.id in self._noted:
                continue
            seconds = [self._seconds(work, now) for work in works]
            if _middle(seconds) >= FAST_SECONDS:
                self._noted.add(webhook.id)
                self._note(webhook, self._slowness.waiting)
            else:
                soonest = min([soonest, *(FAST_SECONDS - each for each in seconds if each < FAST_SECONDS)])
        return max(least, soonest)

    def end(self) -> None:
        """Record the duration of the webhooks' finished calls."""
        for webhook, works in self._groups:
            took = [self._took[work.message_id] for work in works if self._took.get(work.message_id)]
            if took:
                note = self._slowness.ended if webhook.id in self._noted else self._slowness.took
                self._note(webhook, partial(note, seconds=_middle(took)))

    def _seconds(self, work: Work, now: datetime) -> float:
        took = self._took.get(work.message_id)
        return work.call.seconds(now) if took is None else took

    @staticmethod
    def _note(webhook: Webhook, note: Callable[[Webhook], None]) -> None:
        """Run `note`, and log an error instead of raising it: a finished attempt must not be repeated.

        The next slow call records the webhook again.
        """
        try:
            note(webhook)
        except Exception as error:  # noqa: BLE001
            log_failure("recording a webhook's latency failed", error, webhook_id=str(webhook.id))


def _middle(seconds: Sequence[float]) -> float:
    """Return the median; for an even number of values, the larger of the two in the middle."""
    return sorted(seconds)[len(seconds) // 2]
