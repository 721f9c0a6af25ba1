"""What a webhook that is enabled again offers to be recovered from."""

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
"""All waits of the deployment's schedule, each as late as its jitter makes it."""

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
    ids=["failing", "gone", "disabled before this was kept", "own schedule", "no retries", "a new webhook"],
)
def test_it_is_what_was_still_attempted_when_it_began_to_fail_or_was_disabled(before: Webhook, since: Any) -> None:
    changed = _changed(before, status="active")

    assert (changed.status, changed.disabled_at, changed.recover_since) == ("active", None, since)


@pytest.mark.parametrize("changes", [{"status": "paused"}, {"status": "active"}, {"url": "https://new.example/"}])
def test_it_is_offered_however_the_webhook_comes_back(changes: dict[str, Any]) -> None:
    changed = _changed(_webhook(), **changes)

    assert changed.recover_since == SINCE - LONGEST
    assert _changed(changed, status="active").recover_since == SINCE - LONGEST


def test_while_it_is_disabled_nothing_is_offered() -> None:
    changed = _changed(_webhook(), description="still disabled")

    assert (changed.status, changed.disabled_at, changed.recover_since) == ("disabled", AT, None)


@pytest.mark.parametrize("earlier", [True, False])
def test_an_offer_that_nobody_took_is_widened(earlier: bool) -> None:
    offered = SINCE - LONGEST + (-DAY if earlier else DAY)

    changed = _changed(_webhook(recover_since=offered), status="active")

    assert changed.recover_since == min(offered, SINCE - LONGEST)


@pytest.mark.parametrize("status", ["active", "paused"])
def test_one_that_was_not_disabled_offers_nothing(status: str) -> None:
    before = _webhook(status=status, disabled_at=None)

    assert _changed(before, status="active").recover_since is None
    assert _changed(before, status="paused").recover_since is None
