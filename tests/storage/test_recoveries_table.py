"""Recoveries as they are kept; on moto and on DynamoDB Local, and with many callers at once."""

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
from latchhook.webhooks.recovery import Recovery, recovery_id
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, entry, recovery, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES, SETTINGS

OTHER = "acct_other"
FURTHER = replace(
    recovery(),
    step=1,
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


def _actions(store: Store) -> list[str]:
    return [each["action"] for each in store.audit_log(ACCOUNT)]


@pytest.mark.parametrize(
    "kept",
    [
        recovery(),
        recovery(only="missing", looks_for="missing"),
        recovery(since=datetime.min.replace(tzinfo=NOW.tzinfo)),
        replace(FURTHER, status="cancelled", ended_at=NOW + SECOND),
    ],
    ids=["both", "one kind", "since ever", "with everything"],
)
def test_a_recovery_is_kept_as_it_is_in_one_call_with_who_asked(store: Store, kept: Recovery) -> None:
    _start(store, kept)

    assert store.calls == {"TransactWriteItems": 1}
    assert _find(store, kept) == kept
    assert _actions(store) == ["webhook.recovery_started"]


def test_both_of_its_items_go_by_ttl_when_what_it_recovers_does(store: Store) -> None:
    _start(store)

    assert [item["ttl"] for item in store.items(DELIVERIES)] == [to_millis(NOW + timedelta(days=30)) // 1000] * 2


def test_another_webhooks_and_another_accounts_is_not_found(store: Store) -> None:
    _start(store)

    assert store.recoveries.find(OTHER, webhook().id, recovery().id) is None
    assert store.recoveries.find(ACCOUNT, webhook(2).id, recovery().id) is None
    assert store.recoveries.find(ACCOUNT, webhook().id, uuid4()) is None


def test_a_webhook_has_one_that_runs_and_nothing_of_the_second_is_kept(store: Store) -> None:
    assert not store.recoveries.is_running(webhook().id)
    _start(store)

    with pytest.raises(RecoveryRunningError):
        _start(store, recovery(2), seed=2)

    assert store.recoveries.is_running(webhook().id)
    assert _find(store, recovery(2)) is None
    assert len(_actions(store)) == 1
    _start(store, recovery(3, webhook_id=webhook(2).id), seed=3)


def test_of_many_at_once_one_is_started(amazon_store: Store) -> None:
    def start(number: int) -> bool:
        try:
            _start(amazon_store, _numbered(number), seed=number)
        except RecoveryRunningError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(start, range(1, 33))) == 1
    assert len(amazon_store.items(DELIVERIES)) == 2
    assert len(_actions(amazon_store)) == 1


# ---- The offer ----


def test_it_ends_the_offer_that_it_takes_and_changes_nothing_else(store: Store) -> None:
    offering = webhook(recover_since=NOW - SECOND)
    store.settings.add_webhook(offering, entry(seed=9))

    _start(store)
    assert store.settings.webhook(ACCOUNT, webhook().id) == offering
    assert store.recoveries.cancel(recovery(), entry(seed=3))
    _start(store, recovery(2), takes_offer=True, seed=4)

    assert store.settings.webhook(ACCOUNT, webhook().id) == webhook()


def test_a_webhook_that_was_deleted_meanwhile_is_told_and_nothing_is_kept(store: Store) -> None:
    with pytest.raises(WebhookNotFoundError):
        _start(store, takes_offer=True)

    assert store.items(DELIVERIES) == store.items(SETTINGS) == []


# ---- How far it is ----


def test_how_far_it_is_is_kept_in_one_write(store: Store) -> None:
    _start(store)
    store.calls.clear()

    assert store.recoveries.advance(recovery(), FURTHER)

    assert store.calls == {"UpdateItem": 1}
    assert _find(store) == FURTHER


def test_a_place_that_is_left_is_forgotten(store: Store) -> None:
    """Having looked at all that failed, it begins with what was missed."""
    _start(store)
    store.recoveries.advance(recovery(), FURTHER)
    begun = replace(FURTHER, step=2, after=None)

    assert store.recoveries.advance(FURTHER, begun)
    assert _find(store) == begun


def test_of_two_from_the_same_step_the_first_counts(store: Store) -> None:
    _start(store)

    assert store.recoveries.advance(recovery(), FURTHER)
    assert not store.recoveries.advance(recovery(), replace(FURTHER, examined=99))
    assert not store.recoveries.finish(recovery(), replace(FURTHER, status="finished"), entry(seed=2))
    assert _find(store) == FURTHER
    assert len(_actions(store)) == 1


def test_at_its_end_it_is_kept_with_what_says_so_and_makes_room(store: Store) -> None:
    _start(store)
    end = replace(FURTHER, status="finished", ended_at=NOW + SECOND)
    store.calls.clear()

    assert store.recoveries.finish(recovery(), end, entry(action="webhook.recovery_finished", seed=2))

    assert store.calls == {"TransactWriteItems": 1}
    assert _find(store) == end
    assert sorted(_actions(store)) == ["webhook.recovery_finished", "webhook.recovery_started"]
    assert not store.recoveries.is_running(webhook().id)
    assert not store.recoveries.advance(end, replace(end, step=2, status="running"))


def test_it_is_cancelled_wherever_it_stands_and_keeps_its_counts(store: Store) -> None:
    _start(store)
    store.recoveries.advance(recovery(), FURTHER)
    later = NOW + 5 * SECOND

    assert store.recoveries.cancel(recovery(), entry(action="webhook.recovery_cancelled", seed=2, at=later))

    assert _find(store) == replace(FURTHER, status="cancelled", ended_at=later, updated_at=later)
    assert not store.recoveries.is_running(webhook().id)


@pytest.mark.parametrize("how", ["cancelled", "finished"])
def test_one_that_has_ended_stays_as_it_is(store: Store, how: str) -> None:
    _start(store)
    end = replace(FURTHER, status="finished", ended_at=NOW + SECOND)
    if how == "finished":
        store.recoveries.finish(recovery(), end, entry(seed=2))
    else:
        store.recoveries.cancel(recovery(), entry(seed=2))
    before = _find(store)

    assert not store.recoveries.cancel(recovery(), entry(seed=3))
    assert not store.recoveries.advance(recovery(), FURTHER)
    assert not store.recoveries.finish(recovery(), end, entry(seed=4))
    assert _find(store) == before
    assert len(_actions(store)) == 2


def test_the_end_of_one_leaves_the_next_alone(store: Store) -> None:
    """It would have had the lock removed, were the lock still its own."""
    _start(store)
    store.client.delete_item(
        TableName=DELIVERIES, Key={"pk": {"S": f"RECOVERING#{webhook().id}"}, "sk": {"S": "RECOVERY"}}
    )
    assert store.recoveries.cancel(recovery(), entry(seed=2))
    _start(store, recovery(3), seed=3)

    assert not store.recoveries.cancel(recovery(), entry(seed=4))
    assert store.recoveries.is_running(webhook().id)


def test_cancelling_and_finishing_at_once_has_one_end(amazon_store: Store) -> None:
    for number in range(1, 16):
        kept = _start(amazon_store, _numbered(number), seed=number)
        end = replace(kept, step=1, status="finished", ended_at=NOW)
        with ThreadPoolExecutor(2) as threads:
            finished = threads.submit(amazon_store.recoveries.finish, kept, end, entry(seed=1000 + number))
            cancelled = threads.submit(amazon_store.recoveries.cancel, kept, entry(seed=2000 + number))
            assert finished.result() != cancelled.result()
        assert not amazon_store.recoveries.is_running(webhook().id)


# ---- The list ----


def test_the_newest_come_first_in_pages(store: Store) -> None:
    kept = []
    for number in range(5):
        kept.append(_start(store, _numbered(number), seed=10 + number))
        store.recoveries.cancel(kept[-1], entry(seed=50 + number))
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
def test_a_position_that_the_list_never_gave_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        store.recoveries.page_of_webhook(ACCOUNT, webhook().id, limit=2, after=position)


def test_recoveries_stand_in_no_log(store: Store) -> None:
    _start(store)

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == ()
