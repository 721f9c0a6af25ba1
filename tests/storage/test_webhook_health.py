"""The stored health of a webhook: failures, recovery, notification and disabling."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from latchhook.webhooks.health import DISABLED_AFTER, MIN_FAILURES, Health
from latchhook.webhooks.webhook import Webhook
from tests.samples import ACCOUNT, NOW, SECOND, entry, webhook
from tests.storage.conftest import Store

LATE = NOW + DISABLED_AFTER


def _kept(store: Store) -> Webhook:
    return store.settings.webhook(ACCOUNT, webhook().id)


def _add(store: Store, added: Webhook) -> None:
    assert store.settings.add_webhook(added, entry(action="webhook.created"))


def _actions(store: Store) -> list[str]:
    return [logged["action"] for logged in store.audit_log(ACCOUNT)]


def _fail(store: Store, *, times: int, at_last: timedelta = timedelta()) -> None:
    health = Health(store.settings, Random(1))
    for number in range(times):
        health.failed(_kept(store), now=NOW + (at_last if number == times - 1 else timedelta()))


def test_failures_are_counted_since_the_first(store: Store) -> None:
    _add(store, webhook())

    store.settings.note_failure(webhook(), now=NOW)
    counted = store.settings.note_failure(webhook(), now=NOW + SECOND)

    assert counted == replace(webhook(), failing_since=NOW, failures=2) == _kept(store)


@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_failures_of_an_inactive_webhook_do_not_count(store: Store, status: str) -> None:
    _add(store, webhook(status=status))

    assert store.settings.note_failure(webhook(), now=NOW) is None
    assert _kept(store).failing_since is None


def test_failure_of_a_deleted_webhook_does_not_create_it(store: Store) -> None:
    assert store.settings.note_failure(webhook(), now=NOW) is None
    assert store.settings.find_webhook(ACCOUNT, webhook().id) is None


def test_success_clears_the_known_failures(store: Store) -> None:
    _add(store, webhook())
    seen = store.settings.note_failure(webhook(), now=NOW)
    assert seen is not None

    store.settings.note_success(seen)

    assert _kept(store) == webhook()


def test_late_success_does_not_clear_newer_failures(store: Store) -> None:
    _add(store, webhook())
    seen = store.settings.note_failure(webhook(), now=NOW)
    assert seen is not None
    store.settings.note_success(seen)
    store.settings.note_failure(webhook(), now=NOW + SECOND)

    store.settings.note_success(seen)

    assert _kept(store).failing_since == NOW + SECOND


def test_five_days_of_failures_notify_once_and_disable(store: Store) -> None:
    _add(store, webhook())
    _fail(store, times=MIN_FAILURES)
    _fail(store, times=1, at_last=DISABLED_AFTER / 2)
    _fail(store, times=1, at_last=DISABLED_AFTER / 2 + timedelta(hours=1))
    _fail(store, times=1, at_last=DISABLED_AFTER)

    ended = _kept(store)
    assert (ended.status, ended.disabled_reason, ended.version) == ("disabled", "failing", 1)
    assert sorted(_actions(store)) == ["webhook.created", "webhook.disabled", "webhook.failing"]


def test_recovered_webhook_is_not_disabled_by_earlier_failures(store: Store) -> None:
    _add(store, webhook())
    _fail(store, times=MIN_FAILURES)
    seen = _kept(store)
    store.settings.note_success(seen)

    store.settings.disable(seen, reason="failing", as_of=LATE, entry=entry(action="webhook.disabled", at=LATE))
    store.settings.note_failing(seen, entry(action="webhook.failing", at=LATE))

    assert _kept(store).status == "active"
    assert _actions(store) == ["webhook.created"]


def test_webhook_changed_after_the_response_is_not_disabled_by_it(store: Store) -> None:
    _add(store, webhook(updated_at=NOW + SECOND))

    store.settings.disable(_kept(store), reason="gone", as_of=NOW, entry=entry(action="webhook.disabled"))

    assert _kept(store).status == "active"


def test_webhooks_are_read_by_account_and_id(store: Store) -> None:
    _add(store, webhook())

    assert store.settings.named([(ACCOUNT, webhook().id), ("acct_other", webhook().id)]) == {webhook().id: webhook()}
