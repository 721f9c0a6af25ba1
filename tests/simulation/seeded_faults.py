"""Intentional faults of the product, patched into its classes.

Only this module of the simulation names classes of the product. Adapt the faults when these classes change.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from latchhook.storage import database
from latchhook.transport.drain_queue import DrainQueue
from latchhook.webhooks import draining
from latchhook.webhooks.attempts import AttemptMaker
from latchhook.webhooks.parking import Parking
from latchhook.webhooks.rate_limiter import Admission, RateLimiter
from latchhook.webhooks.webhook import Webhook

Fault = Callable[[pytest.MonkeyPatch], None]

_LATE_SECONDS = 3


def plans_before_recording(patch: pytest.MonkeyPatch) -> None:
    """Plan the next attempt before the attempt is recorded."""
    send = AttemptMaker.send

    def send_and_plan(self: AttemptMaker, task: Any, prepared: Any, call: Any = None) -> Any:
        attempt = send(self, task, prepared, call)
        due = getattr(attempt, "next_attempt_at", None)
        if due is not None:
            self.retries.plan(task.following("retry", uncounted=task.uncounted), due=due, now=self.clock())
        return attempt

    patch.setattr(AttemptMaker, "send", send_and_plan)


def does_not_look_again(patch: pytest.MonkeyPatch) -> None:
    """Park a delivery without reading the webhook's status again.

    Drains start at once and deliveries are parked late, so that drains can miss them.
    """
    parks_late(patch)
    patch.setattr(draining, "FIRST_STEP_AFTER", timedelta(0))
    patch.setattr(Parking, "_is_paused", lambda _, __: True)


def parks_late(patch: pytest.MonkeyPatch) -> None:
    """Wait between the read of a webhook's status and the parking. This is slow, but not a fault by itself."""
    park = Parking.park

    def wait_and_park(self: Parking, webhook: Webhook, tasks: Any, reason: Any) -> None:
        vars(database)["time"].sleep(_LATE_SECONDS)  # the simulation replaces `time` in modules of the product
        park(self, webhook, tasks, reason)

    patch.setattr(Parking, "park", wait_and_park)


def loses_next_message(patch: pytest.MonkeyPatch) -> None:
    """Lose every third message of a drain."""
    send = DrainQueue.send

    def send_most(self: DrainQueue, step: Any, *, delay: Any) -> None:
        if step.number == 0 or step.number % 3:
            send(self, step, delay=delay)

    patch.setattr(DrainQueue, "send", send_most)


def ignores_pauses(patch: pytest.MonkeyPatch) -> None:
    """Send the deliveries of a paused webhook."""
    admit = RateLimiter.admit

    def admit_always(self: RateLimiter, webhook: Webhook, tasks: Any) -> Any:
        return admit(self, replace(webhook, status="active") if webhook.status == "paused" else webhook, tasks)

    patch.setattr(RateLimiter, "admit", admit_always)


def ignores_rate_limits(patch: pytest.MonkeyPatch) -> None:
    """Send every attempt at once."""
    patch.setattr(RateLimiter, "admit", lambda _, __, tasks: [Admission()] * len(tasks))


FAULTS: Mapping[str, tuple[Fault, int]] = {
    "next attempt planned before the attempt is recorded": (plans_before_recording, 0),
    "no second look after parking": (does_not_look_again, 0),
    "a job's next message lost": (loses_next_message, 0),
    "pauses ignored": (ignores_pauses, 0),
    "rate limits ignored": (ignores_rate_limits, 0),
}
"""Each fault, and the seed of a history that shows it. After a change of the product, a later history may show it."""
