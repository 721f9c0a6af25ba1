"""Releases the deliveries of a running recovery, some in each step of the webhook's drain (draining.py).

Failed deliveries are in the delivery log. Missed deliveries were parked while the webhook was disabled. Deliveries are
sent before the progress is stored, so a repeated step can send an attempt twice, which is made once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin
from latchhook.identity.caller import system
from latchhook.webhooks.delivery import MAX_ATTEMPTS, DeliveryTask, accepted_at
from latchhook.webhooks.draining import Released
from latchhook.webhooks.rate_limiter import Release
from latchhook.webhooks.recovery import KINDS, Recovery, Status, recovery_entry
from latchhook.webhooks.webhook import Webhook

MOST_SENT = 100
"""The maximum number of deliveries that one step sends."""
MOST_EXAMINED = 1000
"""The maximum number of deliveries that one step examines, if there is little to send."""

STEP_EVERY = timedelta(seconds=2.5)
"""The time until the next step, less the random part of a pause. A recovery sends about fifty attempts per second, and
stops within seconds after it is cancelled."""
AHEAD, SLOW_AHEAD = timedelta(minutes=1), timedelta(seconds=4)
"""A step reserves times at most this far in the future, for a rate-limited and for a slow webhook. New and parked tasks
reserve times further in the future (rate_limiter.py), so that they wait at most this long for a recovery."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The fields of a delivery that a recovery needs."""

    delivery_id: UUID
    event_id: str
    attempts: int
    """The number of the newest attempt, or 0."""
    failed: bool
    """Whether the newest attempt failed."""
    is_test: bool
    parked_key: str | None = None
    """The key of a missed delivery among the parked deliveries."""


class Deliveries(Protocol):
    """The storage of deliveries. All iterators read pages as needed, in the order of the events' acceptance.

    `since` and `until` are times of acceptance, both inclusive. `after` is the last delivery that was examined.
    """

    def attempted(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None) -> Iterator[Seen]:
        """Yield a webhook's deliveries with attempts."""

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None) -> Iterator[Seen]:
        """Yield the deliveries that were parked because the webhook was disabled."""

    def delete_missed(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        """Delete parked deliveries that were sent. A delivery that was parked again since then has another key."""


class Recoveries(Protocol):
    """The storage of recoveries."""

    def running(self, webhook_id: UUID) -> Recovery | None:
        """Return the webhook's running recovery, or None, with strongly consistent reads."""

    def advance(self, recovery: Recovery) -> bool:
        """Store the progress. Return False if the recovery no longer runs."""

    def end(self, recovery: Recovery, status: Status, entry: AuditEntry) -> bool:
        """Store the status and the audit entry in one transaction. Return False if the recovery no longer runs."""


@dataclass(frozen=True, slots=True)
class _Examined:
    """An examined delivery, the task to send if there is one, and the recovery after this delivery."""

    seen: Seen
    task: DeliveryTask | None
    progress: Recovery


@dataclass(frozen=True, slots=True)
class RecoveryScan:
    """Releases the deliveries of recoveries."""

    recoveries: Recoveries
    deliveries: Deliveries
    rate: Release
    rng: Random
    retention: timedelta
    """The retention of events."""

    def is_running(self, webhook_id: UUID) -> bool:
        """Return whether a recovery of the webhook runs, with strongly consistent reads."""
        return self.recoveries.running(webhook_id) is not None

    def cancel(self, webhook_id: UUID, now: datetime) -> None:
        """Cancel the webhook's running recovery, if any."""
        if (recovery := self.recoveries.running(webhook_id)) is not None:
            self._end(recovery, "cancelled", now, {})

    def release(self, webhook_id: UUID, webhook: Webhook | None, now: datetime) -> Released:
        """Release at most `MOST_SENT` deliveries of the running recovery, as far as reservations are available.

        If the webhook is deleted, disabled or without URL, the recovery is cancelled.
        """
        recovery = self.recoveries.running(webhook_id)
        if recovery is None:
            return Released()
        if webhook is None or webhook.url is None or webhook.status == "disabled":
            self._end(recovery, "cancelled", now, {})
            return Released()
        until = now + (AHEAD if webhook.slow_seconds is None else SLOW_AHEAD)
        most, free_at = self.rate.free(webhook, most=MOST_SENT, now=now, until=until)
        if not most:
            return Released(again_at=now + max(STEP_EVERY, free_at - until))
        examined, end = self._examine(replace(recovery, updated_at=now), most, now)
        tasks = [each.task for each in examined if each.task is not None]
        sent, _ = self.rate.send(webhook, tasks, now=now, until=until)
        if sent < len(tasks):  # other tasks took reservations in between
            cut = next(at for at, each in enumerate(examined) if each.task is tasks[sent])
            examined, end = examined[:cut], None
        self._record(examined, end, now)
        if end is not None:
            return Released(len(examined))
        took_all = sent == most < MOST_SENT or sent < len(tasks)
        return Released(len(examined), now + max(STEP_EVERY, (until - now) / 2 if took_all else STEP_EVERY))

    def _examine(self, recovery: Recovery, most: int, now: datetime) -> tuple[list[_Examined], Recovery | None]:
        """Return the next deliveries, at most `most` of them to send, and the recovery after them if it ends there."""
        examined: list[_Examined] = []
        before = recovery.sent
        for kind in KINDS[KINDS.index(recovery.looks_for) :] if recovery.only is None else (recovery.only,):
            if kind != recovery.looks_for:
                recovery = replace(recovery, looks_for=kind, after=None)
            look = self.deliveries.attempted if kind == "failed" else self.deliveries.missed
            for seen in look(recovery.webhook_id, since=recovery.since, until=recovery.until, after=recovery.after):
                if recovery.sent - before == most or len(examined) == MOST_EXAMINED:
                    return examined, None
                is_wanted = (seen.failed and not seen.is_test) if kind == "failed" else seen.attempts == 0
                is_sent = is_wanted and self._is_sendable(seen, now)
                recovery = replace(
                    recovery,
                    after=seen.delivery_id,
                    examined=recovery.examined + 1,
                    sent=recovery.sent + is_sent,
                    skipped=recovery.skipped + (is_wanted and not is_sent),
                )
                examined.append(_Examined(seen, _task(seen, recovery) if is_sent else None, recovery))
        return examined, recovery

    def _is_sendable(self, seen: Seen, now: datetime) -> bool:
        return seen.attempts < MAX_ATTEMPTS and accepted_at(seen.delivery_id) + self.retention > now

    def _record(self, examined: Sequence[_Examined], end: Recovery | None, now: datetime) -> None:
        """Store the progress and the end, and delete the missed deliveries that were sent.

        If the recovery was cancelled in the meantime, nothing is stored.
        """
        progress = end or (examined[-1].progress if examined else None)
        if progress is None or not self.recoveries.advance(progress):
            return
        keys = [each.seen.parked_key for each in examined if each.seen.parked_key is not None]
        self.deliveries.delete_missed(progress.webhook_id, keys)
        if end is not None:
            counts = {"examined": end.examined, "sent": end.sent, "skipped": end.skipped}
            self._end(end, "finished", now, counts)

    def _end(self, recovery: Recovery, status: Status, now: datetime, counts: Mapping[str, int]) -> None:
        origin = Origin(system(recovery.account_id, "recoveries"), "", "", now)
        self.recoveries.end(recovery, status, recovery_entry(recovery, status, origin, rng=self.rng, details=counts))


def _task(seen: Seen, recovery: Recovery) -> DeliveryTask:
    """Return the task of the next attempt. If a retry with this number is already planned, only one of them is made.

    The webhook's retry schedule restarts with this attempt.
    """
    return DeliveryTask(
        account_id=recovery.account_id,
        webhook_id=recovery.webhook_id,
        event_id=seen.event_id,
        delivery_id=seen.delivery_id,
        attempt=seen.attempts + 1,
        trigger="recover",
        uncounted=seen.attempts,
    )
