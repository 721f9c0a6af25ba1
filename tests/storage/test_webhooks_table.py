"""Webhooks in the table and their audit entries."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from latchhook.audit import new_entry
from latchhook.webhooks.changing import WebhookEditor, WebhookSettings, settings_of
from latchhook.webhooks.custom_headers import MAX_HEADERS, MAX_NAME_LENGTH, CustomHeader
from latchhook.webhooks.errors import TooManyWebhooksError, WebhookChangedError, WebhookNotFoundError
from latchhook.webhooks.key_pairs import StoredKeyPair
from latchhook.webhooks.registering import WebhookRegistry
from latchhook.webhooks.secrets import MAX_LIVE, StoredSecret
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT, Webhook
from tests.features.webhooks.memory import LockBox
from tests.samples import ACCOUNT, NOW, SECOND, entry, origin, webhook
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS

OTHER = "acct_other"
HEADERS = (CustomHeader("X-Shop", "acme"), CustomHeader("Authorization", None, StoredSecret(b"\x00\xff sealed")))
KEY_PAIRS = (
    StoredKeyPair(b"\x00\xff new", public_key=b"\x00\xff" * 16),
    StoredKeyPair(b"old", NOW + SECOND, public_key=b"o" * 32),
)


def _add(store: Store, added: Webhook) -> bool:
    return store.settings.add_webhook(added, entry(added.account_id, action="webhook.created", seed=added.id.int))


def _disable(store: Store, gone: Webhook, *, at: datetime) -> None:
    store.settings.disable(gone, reason="gone", as_of=at, entry=entry(action="webhook.disabled", seed=9, at=at))


def _actions(store: Store) -> list[str]:
    return [logged["action"] for logged in store.audit_log(ACCOUNT)]


def _counted(store: Store, account_id: str = ACCOUNT) -> int:
    (count,) = [
        item["webhooks"]
        for item in store.items(SETTINGS)
        if (item["pk"], item["sk"]) == (f"ACCOUNT#{account_id}", "COUNTERS")
    ]
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(
    "made",
    [
        webhook(),
        webhook(url=None),
        webhook(description="Zoë's", events=("lap.*", "order.paid"), status="disabled"),
        webhook(secrets=(StoredSecret(b"\x00\xff new"), StoredSecret(b"old", NOW + SECOND))),
        webhook(key_pairs=KEY_PAIRS),
        webhook(headers=HEADERS, filter={"entity": {"Zoë": [{"exists": True}, 1.5, None]}}, version=7),
        webhook(retry_schedule_seconds=(1, 86_400), status="disabled", disabled_reason="gone"),
        webhook(retry_schedule_seconds=(), filter={}),
    ],
    ids=[
        "plain",
        "no url",
        "described",
        "in rotation",
        "key pairs",
        "headers and filter",
        "own schedule",
        "empty, not absent",
    ],
)
def test_webhook_is_read_back_as_it_was_stored(store: Store, made: Webhook) -> None:
    assert _add(store, made)

    assert store.settings.webhook(ACCOUNT, made.id) == made
    assert list(store.settings.of_account(ACCOUNT)) == [made]


def test_webhook_count_and_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    _add(store, webhook())

    assert store.calls == {"TransactWriteItems": 1}
    assert _counted(store) == 1
    assert _actions(store) == ["webhook.created"]


def test_existing_webhook_is_not_stored_again(store: Store) -> None:
    _add(store, webhook())

    assert not _add(store, webhook(url="https://another.example/"))

    assert store.settings.webhook(ACCOUNT, webhook().id) == webhook()
    assert _counted(store) == 1
    assert _actions(store) == ["webhook.created"]


def test_missing_webhook_and_webhook_of_another_account_are_not_found(store: Store) -> None:
    theirs = webhook(account_id=OTHER)
    _add(store, theirs)

    for webhook_id in (theirs.id, webhook(2).id):
        assert store.settings.find_webhook(ACCOUNT, webhook_id) is None
        with pytest.raises(WebhookNotFoundError):
            store.settings.webhook(ACCOUNT, webhook_id)
        with pytest.raises(WebhookNotFoundError):
            store.settings.delete_webhook(ACCOUNT, webhook_id, entry())
    for change in (replace(theirs, account_id=ACCOUNT), webhook(2)):
        with pytest.raises(WebhookNotFoundError):
            store.settings.replace(change, _next(change, url="https://x.example/"), entry())
    assert store.settings.webhook(OTHER, theirs.id) == theirs
    assert store.audit_log(ACCOUNT) == []


def test_webhooks_of_an_account_are_read_with_one_query(store: Store) -> None:
    mine = [webhook(1), webhook(2)]
    for made in (*mine, webhook(3, account_id=OTHER), webhook(4, account_id=ACCOUNT + "x")):
        _add(store, made)
    store.calls.clear()

    found = store.settings.of_account(ACCOUNT)

    assert sorted(found, key=lambda each: each.id) == sorted(mine, key=lambda each: each.id)
    assert store.calls == {"Query": 1}


def test_deleted_webhook_is_gone_and_audited_and_not_counted(store: Store) -> None:
    _add(store, webhook())
    store.settings.delete_webhook(ACCOUNT, webhook().id, entry(action="webhook.deleted", at=NOW + SECOND))

    assert store.settings.find_webhook(ACCOUNT, webhook().id) is None
    assert _counted(store) == 0
    assert _actions(store) == ["webhook.created", "webhook.deleted"]


def test_second_deletion_of_a_webhook_is_refused(store: Store) -> None:
    _add(store, webhook(1))
    _add(store, webhook(2))
    store.settings.delete_webhook(ACCOUNT, webhook(1).id, entry(seed=5))

    with pytest.raises(WebhookNotFoundError):
        store.settings.delete_webhook(ACCOUNT, webhook(1).id, entry(seed=6))
    assert _counted(store) == 1


def test_account_has_at_most_50_webhooks(store: Store) -> None:
    for number in range(MAX_WEBHOOKS_PER_ACCOUNT):
        assert _add(store, webhook(number))

    with pytest.raises(TooManyWebhooksError):
        _add(store, webhook(99))
    assert len(store.settings.of_account(ACCOUNT)) == MAX_WEBHOOKS_PER_ACCOUNT
    assert len(_actions(store)) == MAX_WEBHOOKS_PER_ACCOUNT

    store.settings.delete_webhook(ACCOUNT, webhook(1).id, entry(seed=1000))
    assert _add(store, webhook(99))
    assert _add(store, webhook(100, account_id=OTHER))


def test_existing_webhook_is_recognized_in_a_full_account(store: Store) -> None:
    for number in range(MAX_WEBHOOKS_PER_ACCOUNT):
        _add(store, webhook(number))

    assert not _add(store, webhook(1))


def test_fifty_of_the_largest_webhooks_are_all_read(store: Store) -> None:
    """One page of a query has at most 1 MiB. A fan-out that misses a webhook would lose its deliveries."""
    for number in range(MAX_WEBHOOKS_PER_ACCOUNT):
        rng = Random(number)
        made = webhook(
            number,
            account_id="a" * 64,
            url="https://receiver.example/" + "u" * 2023,
            events=tuple(f"{pattern:03d}{'e' * 125}.*" for pattern in range(100)),
            description="\U0001f3c1" * 1000,
            secrets=tuple(StoredSecret(rng.randbytes(4 * 256 + 200), NOW) for _ in range(MAX_LIVE)),
            key_pairs=tuple(
                StoredKeyPair(rng.randbytes(49 + 200), NOW, public_key=rng.randbytes(32)) for _ in range(MAX_LIVE)
            ),
            filter={"entity": {"a": ["f" * 4000]}},
            headers=tuple(
                CustomHeader(f"X-Key-{at:0{MAX_NAME_LENGTH - 6}}", None, StoredSecret(rng.randbytes(1000 + 200)))
                for at in range(MAX_HEADERS)
            ),
            retry_schedule_seconds=(86_400,) * 10,
        )
        assert _add(store, made)
    store.calls.clear()

    assert len(store.settings.of_account("a" * 64)) == MAX_WEBHOOKS_PER_ACCOUNT
    assert store.calls == {"Query": 3}


# ---- Changes ----


def _next(before: Webhook, **changes: Any) -> Webhook:
    return replace(before, **{"updated_at": NOW + SECOND, "version": before.version + 1, **changes})


CHANGES: dict[str, dict[str, Any]] = {
    "url": {"url": "https://new.example/"},
    "no url": {"url": None},
    "events": {"events": ("lap.*",)},
    "description": {"description": "Zoë's"},
    "filter": {"filter": {"entity": {"a": [1]}}},
    "headers": {"headers": HEADERS},
    "schedule": {"retry_schedule_seconds": (1, 60)},
    "no retries": {"retry_schedule_seconds": ()},
    "status": {"status": "disabled", "disabled_reason": "gone"},
    "secrets": {"secrets": (StoredSecret(b"new"), StoredSecret(b"sealed secret", NOW + timedelta(days=1)))},
    "key pairs": {"key_pairs": KEY_PAIRS},
    "nothing": {},
}


@pytest.mark.parametrize("name", CHANGES)
def test_change_is_stored_and_audited_and_can_be_reverted(store: Store, name: str) -> None:
    first = webhook()
    _add(store, first)
    second = _next(first, **CHANGES[name])

    store.settings.replace(first, second, entry(action="webhook.updated", at=NOW + SECOND))
    assert store.settings.webhook(ACCOUNT, first.id) == second
    assert _actions(store) == ["webhook.created", "webhook.updated"]

    third = _next(first, version=2)
    store.settings.replace(second, third, entry(seed=2))
    assert store.settings.webhook(ACCOUNT, first.id) == third
    (item,) = [each for each in store.items(SETTINGS) if each["sk"].startswith("WEBHOOK#")]
    gone = {"description", "filter", "headers", "retrySchedule", "disabledReason"}
    assert gone & set(item) == set()


def test_change_writes_only_changed_attributes(store: Store) -> None:
    first = webhook(headers=HEADERS, description="laps")
    _add(store, first)
    written: list[Mapping[str, Any]] = []
    store.client.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems", lambda params, **_: written.append(params)
    )

    store.settings.replace(first, _next(first, url="https://new.example/", description=None), entry())

    names = written[0]["TransactItems"][0]["Update"]["ExpressionAttributeNames"]
    assert set(names.values()) == {"url", "description", "updatedAt", "version"}
    assert store.calls == {"TransactWriteItems": 2}


def test_second_of_two_concurrent_changes_is_refused(store: Store) -> None:
    first = webhook()
    _add(store, first)
    store.settings.replace(first, _next(first, url="https://new.example/"), entry(seed=2))

    with pytest.raises(WebhookChangedError):
        store.settings.replace(first, _next(first, description="laps"), entry(seed=3))

    kept = store.settings.webhook(ACCOUNT, first.id)
    assert (kept.url, kept.description) == ("https://new.example/", None)
    assert len(_actions(store)) == 2


def test_change_of_a_concurrently_disabled_webhook_is_refused(store: Store) -> None:
    first = webhook()
    _add(store, first)
    _disable(store, first, at=NOW)

    with pytest.raises(WebhookChangedError):
        store.settings.replace(first, _next(first, description="laps"), entry(seed=2))

    assert store.settings.webhook(ACCOUNT, first.id).status == "disabled"


def test_change_does_not_recreate_a_deleted_webhook(store: Store) -> None:
    _add(store, webhook())
    store.settings.delete_webhook(ACCOUNT, webhook().id, entry(seed=2))

    with pytest.raises(WebhookNotFoundError):
        store.settings.replace(webhook(), _next(webhook()), entry(seed=3))

    assert store.settings.find_webhook(ACCOUNT, webhook().id) is None
    assert len(_actions(store)) == 2


def test_webhook_is_disabled_with_its_reason(store: Store) -> None:
    _add(store, webhook())
    _disable(store, webhook(), at=NOW + SECOND)

    kept = store.settings.webhook(ACCOUNT, webhook().id)
    assert kept == _next(webhook(), status="disabled", disabled_reason="gone", disabled_at=NOW + SECOND)


def test_webhook_changed_after_a_410_response_stays_active(store: Store) -> None:
    _add(store, webhook())
    store.settings.replace(webhook(), _next(webhook(), url="https://new.example/"), entry())
    _disable(store, webhook(), at=NOW)

    assert store.settings.webhook(ACCOUNT, webhook().id).status == "active"


def test_deleted_or_disabled_webhook_stays_so(store: Store) -> None:
    _add(store, webhook(1, status="disabled"))
    _disable(store, webhook(1), at=NOW + SECOND)
    _disable(store, webhook(2), at=NOW)

    assert store.settings.webhook(ACCOUNT, webhook(1).id).updated_at == NOW
    assert store.settings.find_webhook(ACCOUNT, webhook(2).id) is None


def test_read_of_a_secret_is_audited_with_one_write(store: Store) -> None:
    store.settings.record(entry(action="webhook.secret_read"))

    assert store.calls == {"PutItem": 1}
    assert _actions(store) == ["webhook.secret_read"]


def test_audit_log_is_ordered_by_time_and_keeps_simultaneous_entries(store: Store) -> None:
    for second in (3, 1, 2, 2):
        happened = origin(at=NOW + second * SECOND)
        store.settings.record(new_entry(happened, f"thing.{second}", UUID(int=1), rng=Random(store.calls.total())))

    assert _actions(store) == ["thing.1", "thing.2", "thing.2", "thing.3"]


def _registry(store: Store, *, seed: int = 1) -> WebhookRegistry:
    vault, rng = LockBox(), Random(seed)
    return WebhookRegistry(store=store.settings, editor=WebhookEditor(store.settings, vault, rng), vault=vault, rng=rng)


def test_default_webhook_is_found_again(store: Store) -> None:
    registry = _registry(store)
    first = registry.default_with_secret(origin())

    assert registry.default_with_secret(origin()) == first
    registry.set_default_url("https://receiver.example/", origin())
    rotated = registry.rotate_default_secret(origin()).secret
    webhook_, secret = registry.default_with_secret(origin())
    assert (webhook_.url, secret) == ("https://receiver.example/", rotated)
    assert _counted(store) == 1


# ---- Concurrent requests ----


def test_concurrent_requests_get_the_same_default_webhook(store: Store) -> None:
    def read(number: int) -> tuple[Webhook, str]:
        return _registry(store, seed=number).default_with_secret(origin())

    with ThreadPoolExecutor(8) as threads:
        responses = list(threads.map(read, range(8)))

    assert len({secret for _, secret in responses}) == 1
    assert _counted(store) == 1


def test_exactly_50_webhooks_are_created_by_concurrent_requests(store: Store) -> None:
    for number in range(MAX_WEBHOOKS_PER_ACCOUNT - 4):
        _add(store, webhook(number))

    def add(number: int) -> bool:
        try:
            return _add(store, webhook(100 + number))
        except TooManyWebhooksError:
            return False

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(add, range(12)))

    assert sum(made) == 4
    assert len(store.settings.of_account(ACCOUNT)) == _counted(store) == MAX_WEBHOOKS_PER_ACCOUNT


def test_two_concurrent_changes_are_both_applied(store: Store) -> None:
    _add(store, webhook())
    together = Barrier(2)

    def change(number: int, **chosen: Any) -> Webhook:
        def edit(before: Webhook) -> WebhookSettings:
            if before.version == 0:  # Both changes have read the webhook. Later reads do not wait.
                together.wait(120)
            return replace(settings_of(before), **chosen)

        editor = WebhookEditor(store.settings, LockBox(), Random(number))
        return editor.change(webhook().id, edit, origin())

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(change, 1, events=("lap.*",))
        second = threads.submit(change, 2, description="laps")
        responses = [first.result(), second.result()]

    kept = store.settings.webhook(ACCOUNT, webhook().id)
    assert (kept.events, kept.description, kept.version) == (("lap.*",), "laps", 2)
    assert kept in responses
    assert len(_actions(store)) == 3


def test_no_concurrent_rotation_is_lost(store: Store) -> None:
    _add(store, webhook())

    def rotate(number: int) -> str | None:
        editor = WebhookEditor(store.settings, LockBox(), Random(number))
        return editor.rotate_secret(webhook().id, grace_seconds=60, secret=None, origin=origin()).secret

    with ThreadPoolExecutor(3) as threads:
        made = set(threads.map(rotate, range(3)))

    *newer, first = store.settings.webhook(ACCOUNT, webhook().id).secrets
    assert {LockBox().reveal(ACCOUNT, webhook().id, each) for each in newer} == made
    assert first == replace(webhook().secrets[0], signs_until=NOW + timedelta(seconds=60))
