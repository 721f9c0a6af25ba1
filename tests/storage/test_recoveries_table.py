"""Recoveries in the table, and with concurrent callers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from latchhook.clock import to_millis
from latchhook.pages import InvalidPositionError, Position
from latchhook.webhooks.errors import RecoveryRunningError, WebhookNotFoundError
from latchhook.webhooks.recovery import Recovery, Status, recovery_id
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, entry, recovery, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES, SETTINGS

OTHER = "acct_other"
FURTHER = replace(
    recovery(),
    looks_for="missing",
    after=task().delivery_id,
    examined=7,
    sent=5,
    skipped=1,
    updated_at=NOW + SECOND,
)


def _start(store: Store, of: Recovery | None = None, *, takes_offer: bool = False, seed: int = 1) -> Recovery:
    kept = of or recovery()
    store.recoveries.start(kept, entry(action="webhook.recovery_started", seed=seed), takes_offer=takes_offer)
    return kept


def _find(store: Store, of: Recovery | None = None) -> Recovery | None:
    wanted = of or recovery()
    return store.recoveries.find(wanted.account_id, wanted.webhook_id, wanted.id)


def _numbered(number: int, **changes: Any) -> Recovery:
    at = NOW + number * MILLISECOND
    return recovery(id=recovery_id(at, Random(number)), **changes)


def _end(store: Store, of: Recovery | None = None, *, status: Status = "cancelled", seed: int = 2) -> bool:
    ended = entry(action=f"webhook.recovery_{status}", seed=seed, at=NOW + SECOND)
    return store.recoveries.end(of or recovery(), status, ended)


def _actions(store: Store) -> list[str]:
    return [each["action"] for each in store.audit_log(ACCOUNT)]


@pytest.mark.parametrize(
    "kept",
    [
        recovery(),
        recovery(only="missing", looks_for="missing"),
        recovery(since=datetime.min.replace(tzinfo=NOW.tzinfo)),
        FURTHER,
    ],
    ids=["both", "one kind", "earliest since", "all fields"],
)
def test_recovery_and_audit_entry_are_written_in_one_transaction(store: Store, kept: Recovery) -> None:
    _start(store, kept)

    assert store.calls == {"TransactWriteItems": 1}
    assert _find(store, kept) == kept
    assert _actions(store) == ["webhook.recovery_started"]


def test_both_items_of_a_recovery_expire_by_ttl(store: Store) -> None:
    _start(store)

    assert [item["ttl"] for item in store.items(DELIVERIES)] == [to_millis(NOW + timedelta(days=30)) // 1000] * 2


def test_recovery_of_another_webhook_or_account_is_not_found(store: Store) -> None:
    _start(store)

    assert store.recoveries.find(OTHER, webhook().id, recovery().id) is None
    assert store.recoveries.find(ACCOUNT, webhook(2).id, recovery().id) is None
    assert store.recoveries.find(ACCOUNT, webhook().id, uuid4()) is None


def test_second_recovery_of_a_webhook_is_refused_while_the_first_runs(store: Store) -> None:
    assert not store.recoveries.is_running(webhook().id)
    assert store.recoveries.running(webhook().id) is None
    _start(store)

    with pytest.raises(RecoveryRunningError):
        _start(store, recovery(2), seed=2)

    assert store.recoveries.is_running(webhook().id)
    assert store.recoveries.running(webhook().id) == recovery()
    assert _find(store, recovery(2)) is None
    assert len(_actions(store)) == 1
    _start(store, recovery(3, webhook_id=webhook(2).id), seed=3)


def test_only_one_of_many_concurrent_starts_succeeds(store: Store) -> None:
    def start(number: int) -> bool:
        try:
            _start(store, _numbered(number), seed=number)
        except RecoveryRunningError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(start, range(1, 33))) == 1
    assert len(store.items(DELIVERIES)) == 2
    assert len(_actions(store)) == 1


# ---- The offered recovery ----


def test_started_recovery_removes_the_offer_that_it_takes(store: Store) -> None:
    offering = webhook(recover_since=NOW - SECOND)
    store.settings.add_webhook(offering, entry(seed=9))

    _start(store)
    assert store.settings.webhook(ACCOUNT, webhook().id) == offering
    assert _end(store)
    _start(store, recovery(2), takes_offer=True, seed=4)

    assert store.settings.webhook(ACCOUNT, webhook().id) == webhook()


def test_recovery_of_a_deleted_webhook_is_not_started(store: Store) -> None:
    with pytest.raises(WebhookNotFoundError):
        _start(store, takes_offer=True)

    assert store.items(DELIVERIES) == store.items(SETTINGS) == []


# ---- Progress ----


def test_progress_is_stored_with_one_write(store: Store) -> None:
    """After the failed deliveries, the recovery starts with the missed deliveries: the position is removed."""
    _start(store)
    store.calls.clear()

    for progress in (FURTHER, replace(FURTHER, after=None)):
        assert store.recoveries.advance(progress)
        assert _find(store) == store.recoveries.running(webhook().id) == progress
    assert store.calls == {"PutItem": 2, "GetItem": 6}


@pytest.mark.parametrize("status", ["finished", "cancelled"])
def test_ended_recovery_is_audited_unchangeable_and_allows_the_next(store: Store, status: Status) -> None:
    _start(store)
    store.recoveries.advance(FURTHER)
    store.calls.clear()

    assert _end(store, status=status)

    assert store.calls == {"TransactWriteItems": 1}
    end = replace(FURTHER, status=status, ended_at=NOW + SECOND, updated_at=NOW + SECOND)
    assert _find(store) == end
    assert not store.recoveries.is_running(webhook().id)
    assert not store.recoveries.advance(FURTHER)
    assert not _end(store, seed=3)
    assert not _end(store, status="finished", seed=4)
    assert _find(store) == end
    assert sorted(_actions(store)) == [f"webhook.recovery_{status}", "webhook.recovery_started"]
    _start(store, recovery(2), seed=5)


def test_end_of_a_recovery_keeps_the_lock_of_the_next(store: Store) -> None:
    """The lock of the first recovery is missing, so the next recovery starts. The first cannot end then."""
    _start(store)
    lock = {"pk": {"S": f"RECOVERING#{webhook().id}"}, "sk": {"S": "RECOVERY"}}
    store.client.delete_item(TableName=DELIVERIES, Key=lock)
    _start(store, recovery(3), seed=3)

    assert not _end(store)
    assert store.recoveries.running(webhook().id) == recovery(3)
    assert _end(store, recovery(3), seed=4)


def test_concurrent_ends_have_one_outcome(store: Store) -> None:
    for number in range(1, 16):
        kept = _start(store, _numbered(number), seed=number)
        with ThreadPoolExecutor(2) as threads:
            finished = threads.submit(_end, store, kept, status="finished", seed=1000 + number)
            cancelled = threads.submit(_end, store, kept, seed=2000 + number)
            assert finished.result() != cancelled.result()
        assert not store.recoveries.is_running(webhook().id)


# ---- The list ----


def test_recoveries_are_listed_newest_first_in_pages(store: Store) -> None:
    kept = []
    for number in range(5):
        kept.append(_start(store, _numbered(number), seed=10 + number))
        _end(store, kept[-1], seed=50 + number)
    _start(store, recovery(7, webhook_id=webhook(2).id), seed=99)
    seen: list[UUID] = []
    after: Position | None = None
    store.calls.clear()
    for _ in range(3):
        page = store.recoveries.page_of_webhook(ACCOUNT, webhook().id, limit=2, after=after)
        seen += [each.id for each in page.items]
        after = page.after

    assert seen == [each.id for each in reversed(kept)]
    assert after is None
    assert store.calls == {"Query": 3}
    assert store.recoveries.page_of_webhook(OTHER, webhook().id, limit=9, after=None).items == ()


@pytest.mark.parametrize("position", [(), ("RECOVERY",), ("a", "b"), (str(uuid4()) + "#",)])
def test_malformed_position_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        store.recoveries.page_of_webhook(ACCOUNT, webhook().id, limit=2, after=position)


def test_recoveries_are_not_in_the_log(store: Store) -> None:
    _start(store)

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == ()
