"""The deliveries that recoveries examine, by the time of their events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from latchhook.storage import recoverable_deliveries
from latchhook.storage.recoverable_deliveries import PAGE
from latchhook.webhooks.delivery import MAX_ATTEMPTS, DeliveryTask, Trigger
from latchhook.webhooks.outcome import MAX_BODY_BYTES
from latchhook.webhooks.recovery_scan import Seen
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT
from tests.samples import MILLISECOND, NOW, SECOND, attempt, event, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES

EVER = datetime(1, 1, 1, tzinfo=NOW.tzinfo)
EVER_AFTER = NOW + timedelta(days=1)


def _task(number: int, *, of: int = 1, attempt_: int = 1) -> DeliveryTask:
    """Return a task for an event of `number` milliseconds after `NOW`."""
    return task(event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND), webhook(of), attempt=attempt_)


def _record(store: Store, number: int, *statuses: str, trigger: Trigger = "event", of: int = 1) -> None:
    """Record the attempts of a delivery in order."""
    for at, status in enumerate(statuses, 1):
        made = attempt(_task(number, of=of, attempt_=at), status=status, trigger=trigger if at == 1 else "retry")
        store.deliveries.record([made])


def _miss(store: Store, *tasks: DeliveryTask) -> None:
    store.parked.put(tasks, reason="disabled", now=NOW)


def _attempted(
    store: Store, *, since: datetime = EVER, until: datetime = EVER_AFTER, after: UUID | None = None
) -> list[Seen]:
    return list(store.recoverable.attempted(webhook().id, since=since, until=until, after=after))


def _missed(
    store: Store, *, since: datetime = EVER, until: datetime = EVER_AFTER, after: UUID | None = None
) -> list[Seen]:
    return list(store.recoverable.missed(webhook().id, since=since, until=until, after=after))


def _ids(seen: Sequence[Seen]) -> list[str]:
    return [each.event_id for each in seen]


# ---- Attempts ----


def test_each_delivery_is_returned_with_its_newest_attempt(store: Store) -> None:
    _record(store, 1, "failed")
    _record(store, 2, "failed", "failed", "success")
    _record(store, 3, "success", "failed")
    _record(store, 4, "failed", "failed", trigger="test")
    store.calls.clear()

    assert _attempted(store) == [
        Seen(_task(1).delivery_id, "evt_1", 1, failed=True, is_test=False),
        Seen(_task(2).delivery_id, "evt_2", 3, failed=False, is_test=False),
        Seen(_task(3).delivery_id, "evt_3", 2, failed=True, is_test=False),
        Seen(_task(4).delivery_id, "evt_4", 2, failed=True, is_test=True),
    ]
    assert store.calls == {"Query": 1}


@pytest.mark.parametrize(
    ("since", "until", "seen"),
    [
        (0, 9, ["evt_1", "evt_2", "evt_3"]),
        (1, 3, ["evt_1", "evt_2", "evt_3"]),
        (2, 2, ["evt_2"]),
        (2, 9, ["evt_2", "evt_3"]),
        (0, 2, ["evt_1", "evt_2"]),
        (4, 9, []),
    ],
)
def test_both_ends_of_the_time_range_are_inclusive(store: Store, since: int, until: int, seen: list[str]) -> None:
    for number in (1, 2, 3):
        _record(store, number, "failed")
        _miss(store, _task(number))
    for other in (0, 4):
        _record(store, other, "failed", of=2)
        _miss(store, _task(other, of=2))
    first, last = NOW + since * MILLISECOND, NOW + until * MILLISECOND

    assert _ids(_attempted(store, since=first, until=last)) == seen
    assert _ids(_missed(store, since=first, until=last)) == seen


def test_deliveries_of_the_same_millisecond_are_all_returned(store: Store) -> None:
    tasks = [task(event(f"evt_{number}", accepted_at=NOW)) for number in range(20)]
    for each in tasks:
        store.deliveries.record([attempt(each, status="failed")])
    _miss(store, *tasks)
    wanted = sorted(each.delivery_id for each in tasks)

    for look in (_attempted, _missed):
        assert [each.delivery_id for each in look(store, since=NOW, until=NOW)] == wanted


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 6, 7])
def test_delivery_across_two_pages_is_returned_once(store: Store, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoverable_deliveries, "PAGE", page)
    _record(store, 1, "failed")
    _record(store, 2, "failed", "failed", "failed", "success")
    _record(store, 3, "failed", "failed")
    _miss(store, *(_task(number) for number in range(7)))

    seen = [("evt_1", 1, True), ("evt_2", 4, False), ("evt_3", 2, True)]
    assert [(each.event_id, each.attempts, each.failed) for each in _attempted(store)] == seen
    assert _ids(_attempted(store, after=_task(1).delivery_id)) == ["evt_2", "evt_3"]
    assert _ids(_missed(store)) == [f"evt_{number}" for number in range(7)]
    assert _ids(_missed(store, after=_task(4).delivery_id)) == ["evt_5", "evt_6"]


def test_most_attempts_of_a_delivery_do_not_block_the_next(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoverable_deliveries, "PAGE", 2)
    for number in (1, 2, 3, MAX_ATTEMPTS):
        store.deliveries.record([attempt(_task(1, attempt_=number), status="failed")])
    _record(store, 2, "failed")

    assert [each.attempts for each in _attempted(store)] == [MAX_ATTEMPTS, 1]


def test_pages_are_read_only_as_needed(store: Store) -> None:
    _miss(store, *(_task(number) for number in range(PAGE + 1)))
    store.calls.clear()
    seen = store.recoverable.missed(webhook().id, since=EVER, until=EVER_AFTER, after=None)

    assert [next(seen).event_id for _ in range(PAGE)] == [f"evt_{number}" for number in range(PAGE)]
    assert store.calls == {"Query": 1}
    assert _ids(list(seen)) == [f"evt_{PAGE}"]


def test_deliveries_with_the_largest_responses_are_all_returned(store: Store) -> None:
    """DynamoDB ends a page at 1 MB of items, whichever attributes are requested."""
    body = bytes(range(256)) * (MAX_BODY_BYTES // 256)
    for number in range(PAGE):
        store.deliveries.record([attempt(_task(number), status="failed", response_body=body)])

    assert _ids(_attempted(store)) == [f"evt_{number}" for number in range(PAGE)]


# ---- Missed deliveries ----


def test_delivery_missed_twice_at_one_time_is_returned_once(store: Store) -> None:
    for _ in range(2):
        _miss(store, _task(1))

    (once,) = _missed(store)
    assert once == Seen(_task(1).delivery_id, "evt_1", 0, failed=False, is_test=False, parked_key=once.parked_key)


def test_event_can_be_missed_by_all_webhooks_of_an_account(store: Store) -> None:
    _miss(store, *(_task(1, of=number) for number in range(1, MAX_WEBHOOKS_PER_ACCOUNT + 1)))
    _miss(store)

    assert store.calls == {"BatchWriteItem": 2}
    assert len(store.items(DELIVERIES)) == MAX_WEBHOOKS_PER_ACCOUNT


def test_sent_missed_deliveries_are_deleted_and_no_others(store: Store) -> None:
    _miss(store, _task(1), _task(2), _task(1, of=2))
    store.parked.put([_task(1)], reason="paused", now=NOW)
    sent = [str(each.parked_key) for each in _missed(store) if each.event_id == "evt_1"]
    store.parked.put([_task(2)], reason="disabled", now=NOW + SECOND)
    for _ in range(2):
        store.recoverable.delete_missed(webhook().id, sent)

    assert _ids(_missed(store)) == ["evt_2", "evt_2"]
    assert len(store.items(DELIVERIES)) == 4


def test_other_parked_deliveries_and_webhooks_are_not_returned(store: Store) -> None:
    _record(store, 1, "failed", of=2)
    _miss(store, _task(2, of=2))
    store.parked.put([_task(1), _task(1, attempt_=2)], reason="rate_limit", now=NOW)

    assert _attempted(store) == _missed(store) == []
