"""Intentional faults of the product, patched into its classes.

Only this module of the simulation names classes of the product. Adapt the faults when these classes change.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from latchhook.transport.drain_queue import DrainQueue
from latchhook.webhooks.attempts import AttemptMaker
from latchhook.webhooks.draining import Drainer
from latchhook.webhooks.parking import Parking
from latchhook.webhooks.rate_limiter import Admission, RateLimiter

Fault = Callable[[pytest.MonkeyPatch], None]


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
    """Park a delivery without reading the webhook's status again."""
    patch.setattr(Parking, "_is_paused", lambda _, __: True)


def loses_next_message(patch: pytest.MonkeyPatch) -> None:
    """Lose every third message of a drain."""
    send = DrainQueue.send

    def send_most(self: DrainQueue, step: Any, *, delay: Any) -> None:
        if step.number == 0 or step.number % 3:
            send(self, step, delay=delay)

    patch.setattr(DrainQueue, "send", send_most)


def does_not_start_again(patch: pytest.MonkeyPatch) -> None:
    """End a drain without a look for deliveries that were parked in the meantime."""
    patch.setattr(Drainer, "_start_again", lambda _, __, ___: None)


def ignores_pauses(patch: pytest.MonkeyPatch) -> None:
    """Send the deliveries of a paused webhook."""
    send = AttemptMaker.send

    def send_always(self: AttemptMaker, task: Any, prepared: Any, call: Any = None) -> Any:
        webhook = prepared.webhook
        if webhook is not None and webhook.status == "paused":
            prepared = replace(prepared, webhook=replace(webhook, status="active"))
        return send(self, task, prepared, call)

    patch.setattr(AttemptMaker, "send", send_always)


def ignores_rate_limits(patch: pytest.MonkeyPatch) -> None:
    """Send every attempt at once."""
    patch.setattr(RateLimiter, "admit", lambda _, __, tasks: [Admission()] * len(tasks))


FAULTS: Mapping[str, Fault] = {
    "next attempt planned before the attempt is recorded": plans_before_recording,
    "no second look after parking": does_not_look_again,
    "a job's next message lost": loses_next_message,
    "no second look after a drain": does_not_start_again,
    "pauses ignored": ignores_pauses,
    "rate limits ignored": ignores_rate_limits,
}
