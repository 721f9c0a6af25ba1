"""The stored slowness class and rate limit of a webhook."""

from dataclasses import replace

import pytest

from latchhook.rates import RateLimit
from latchhook.webhooks.webhook import Webhook
from tests.samples import entry, webhook
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS


def _slow(store: Store, made: Webhook) -> int | None:
    return store.settings.webhook(made.account_id, made.id).slow_seconds


@pytest.mark.parametrize(
    ("kept", "read", "noted", "after"),
    [
        (None, None, 4, 4), (4, None, 16, 16), (16, None, 4, 16), (8, 4, 16, 16), (16, 4, 8, 16), (8, 8, 16, 16),
        (8, 8, 4, 4), (4, 4, None, None), (16, 8, 4, 16), (None, 8, 4, None), (16, 4, None, 16), (None, 4, None, None),
    ],
)  # fmt: skip
def test_class_rises_over_any_stored_value_and_falls_only_if_unchanged(
    store: Store, kept: int | None, read: int | None, noted: int | None, after: int | None
) -> None:
    made = webhook(slow_seconds=kept)
    store.settings.add_webhook(made, entry())

    store.settings.note_latency(replace(made, slow_seconds=read), noted)

    assert _slow(store, made) == after


def test_class_of_a_deleted_webhook_is_not_stored(store: Store) -> None:
    store.settings.note_latency(webhook(), 16)
    assert store.items(SETTINGS) == []


def test_rate_limit_is_read_back_as_it_was_stored(store: Store) -> None:
    made = webhook(rate_limit=RateLimit(100, 60, burst=1), slow_seconds=8)
    store.settings.add_webhook(made, entry())
    assert store.settings.webhook(made.account_id, made.id) == made
    after = replace(made, rate_limit=None, slow_seconds=None, version=1)
    store.settings.replace(made, after, entry(seed=2))
    assert store.settings.webhook(made.account_id, made.id) == after
