"""Watches how long a batch's calls take, and has the webhooks noted whose receivers are slow (decision 0012)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from latchhook.edge.attempt_work import Work, by_webhook
from latchhook.telemetry import log_failure
from latchhook.webhooks.delivery import Attempt
from latchhook.webhooks.slowness import FAST_SECONDS, Slowness
from latchhook.webhooks.webhook import Webhook

LOOK_AFTER_SECONDS = (0.02, 0.5)
"""A batch looks again when a call becomes slow, but no sooner and no later than this: calls begin at their time."""


class SlowCalls:
    """The calls of one batch. What is slow on our side is not a receiver's."""

    def __init__(self, slowness: Slowness, works: Iterable[Work]) -> None:
        self._slowness = slowness
        self._groups = [(webhook, group) for webhook, group in by_webhook(works) if webhook is not None]
        self._took: dict[str, float] = {}
        self._noted: set[UUID] = set()

    def took(self, work: Work, attempt: Attempt) -> None:
        """A call has ended."""
        self._took[work.message_id] = attempt.timings_ms.get("total", 0.0) / 1000

    def look(self, now: datetime) -> float:
        """Notes the webhooks that are slow while their calls run; gives the seconds until it is to look again.

        A webhook is slow once half of its calls are: one that is slow now and then is none of these.
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
        """Notes how long the webhooks' calls took, those that ended."""
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
        """An attempt that is made is not made again over this: the next slow one notes it."""
        try:
            note(webhook)
        except Exception as error:  # noqa: BLE001
            log_failure("noting how slow a webhook is failed", error, webhook_id=str(webhook.id))


def _middle(seconds: Sequence[float]) -> float:
    """The median; of two in the middle the longer."""
    return sorted(seconds)[len(seconds) // 2]
