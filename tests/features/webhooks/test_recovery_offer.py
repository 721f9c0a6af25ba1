"""The offered recovery of a webhook that is enabled again."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from latchhook.webhooks.changing import WebhookEditor, settings_of
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.memory import LockBox, RememberedWebhooks
from tests.samples import NOW, origin, webhook

DAY = timedelta(days=1)
SCHEDULE = (3600, 7200)
LONGEST = timedelta(hours=3 * 1.2)
"""The sum of the default schedule's waits, each with its longest jitter."""

MADE = NOW - 30 * DAY
SINCE, AT, NOW_ON = NOW - 6 * DAY, NOW - DAY, NOW


def _webhook(**changes: Any) -> Webhook:
    settings: dict[str, Any] = {
        "status": "disabled",
        "created_at": MADE,
        "updated_at": AT,
        "disabled_at": AT,
        "failing_since": SINCE,
    }
    return webhook(**settings | changes)


def _changed(before: Webhook, **changes: Any) -> Webhook:
    editor = WebhookEditor(RememberedWebhooks(before), LockBox(), Random(1), SCHEDULE)
    return editor.change(before.id, lambda kept: replace(settings_of(kept), **changes), origin(at=NOW_ON))


@pytest.mark.parametrize(
    ("before", "since"),
    [
        (_webhook(), SINCE - LONGEST),
        (_webhook(failing_since=None), AT - LONGEST),
        (_webhook(failing_since=None, disabled_at=None), AT - LONGEST),
        (_webhook(retry_schedule_seconds=(60,)), SINCE - timedelta(seconds=72)),
        (_webhook(retry_schedule_seconds=()), SINCE),
        (_webhook(created_at=SINCE - timedelta(hours=1)), SINCE - timedelta(hours=1)),
    ],
    ids=["failing", "gone", "no disabled_at", "own schedule", "no retries", "new webhook"],
)
def test_offer_starts_with_the_oldest_delivery_that_can_be_unfinished(before: Webhook, since: Any) -> None:
    changed = _changed(before, status="active")

    assert (changed.status, changed.disabled_at, changed.recover_since) == ("active", None, since)


@pytest.mark.parametrize("changes", [{"status": "paused"}, {"status": "active"}, {"url": "https://new.example/"}])
def test_offer_does_not_depend_on_how_the_webhook_is_enabled(changes: dict[str, Any]) -> None:
    changed = _changed(_webhook(), **changes)

    assert changed.recover_since == SINCE - LONGEST
    assert _changed(changed, status="active").recover_since == SINCE - LONGEST


def test_disabled_webhook_has_no_offer() -> None:
    changed = _changed(_webhook(), description="still disabled")

    assert (changed.status, changed.disabled_at, changed.recover_since) == ("disabled", AT, None)


@pytest.mark.parametrize("earlier", [True, False])
def test_unused_offer_is_extended_to_the_earlier_start(earlier: bool) -> None:
    offered = SINCE - LONGEST + (-DAY if earlier else DAY)

    changed = _changed(_webhook(recover_since=offered), status="active")

    assert changed.recover_since == min(offered, SINCE - LONGEST)


@pytest.mark.parametrize("status", ["active", "paused"])
def test_webhook_that_was_not_disabled_has_no_offer(status: str) -> None:
    before = _webhook(status=status, disabled_at=None)

    assert _changed(before, status="active").recover_since is None
    assert _changed(before, status="paused").recover_since is None
