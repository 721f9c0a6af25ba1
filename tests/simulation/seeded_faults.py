"""Intentional faults of the product, patched into its classes.

Only this module of the simulation names classes of the product. Adapt the faults when these classes change.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from latchhook.clock import to_millis
from latchhook.storage.attributes import to_item
from latchhook.storage.deliveries_table import DeliveriesTable, _held_key
from latchhook.storage.task_items import task_values
from latchhook.transport.step_queues import StepQueue
from latchhook.webhooks.attempts import AttemptMaker
from latchhook.webhooks.held_deliveries import HeldTask
from latchhook.webhooks.pacing import Pacer

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

    def hold(self: DeliveriesTable, task: Any, event: Any, *, hold_id: Any) -> bool:
        held = HeldTask(task, hold_id, event.accepted_at + self._retention)
        values = {**task_values(task), "ttl": to_millis(held.until) // 1000}
        self._database.put(self._table, {**_held_key(held), **to_item(values)})
        return True

    patch.setattr(DeliveriesTable, "hold", hold)


def loses_next_message(patch: pytest.MonkeyPatch) -> None:
    """Lose every third message of a job."""
    send = StepQueue.send

    def send_most(self: StepQueue[Any], step: Any, *, delay: Any) -> None:
        if step.number == 0 or step.number % 3:
            send(self, step, delay=delay)

    patch.setattr(StepQueue, "send", send_most)


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
    patch.setattr(Pacer, "admit", lambda _, __, tasks: [0.0] * len(tasks))


FAULTS: Mapping[str, Fault] = {
    "next attempt planned before the attempt is recorded": plans_before_recording,
    "no second look after parking": does_not_look_again,
    "a job's next message lost": loses_next_message,
    "pauses ignored": ignores_pauses,
    "rate limits ignored": ignores_rate_limits,
}
