"""The deliveries that recoveries examine, by the time of their events, on moto and on DynamoDB Local."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from latchhook.clock import to_millis
from latchhook.webhooks.delivery import MAX_ATTEMPTS, DeliveryTask, Trigger
from latchhook.webhooks.outcome import MAX_BODY_BYTES
from latchhook.webhooks.recovery_steps import PAGE, Seen, SeenPage
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT
from tests.samples import MILLISECOND, NOW, attempt, event, task, webhook
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


def _attempted(
    store: Store,
    *,
    since: datetime = EVER,
    until: datetime = EVER_AFTER,
    after: UUID | None = None,
    limit: int = PAGE,
) -> SeenPage:
    return store.recoverable.attempted(webhook().id, since=since, until=until, after=after, limit=limit)


def _missed(
    store: Store,
    *,
    since: datetime = EVER,
    until: datetime = EVER_AFTER,
    after: UUID | None = None,
    limit: int = PAGE,
) -> SeenPage:
    return store.recoverable.missed(webhook().id, since=since, until=until, after=after, limit=limit)


def _ids(page: SeenPage) -> list[str]:
    return [each.event_id for each in page.deliveries]


# ---- Attempts ----


def test_each_delivery_is_returned_with_its_newest_attempt(store: Store) -> None:
    _record(store, 1, "failed")
    _record(store, 2, "failed", "failed", "success")
    _record(store, 3, "success", "failed")
    _record(store, 4, "failed", "failed", trigger="test")
    store.calls.clear()

    page = _attempted(store)

    assert store.calls == {"Query": 1}
    assert page == SeenPage(
        [
            Seen(_task(1).delivery_id, "evt_1", 1, failed=True, is_test=False),
            Seen(_task(2).delivery_id, "evt_2", 3, failed=False, is_test=False),
            Seen(_task(3).delivery_id, "evt_3", 2, failed=True, is_test=False),
            Seen(_task(4).delivery_id, "evt_4", 2, failed=True, is_test=True),
        ],
        more=False,
    )


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
        store.deliveries.miss([_task(number)])
    for other in (0, 4):
        _record(store, other, "failed", of=2)
        store.deliveries.miss([_task(other, of=2)])
    first, last = NOW + since * MILLISECOND, NOW + until * MILLISECOND

    assert _ids(_attempted(store, since=first, until=last)) == seen
    assert _ids(_missed(store, since=first, until=last)) == seen


def test_deliveries_of_the_same_millisecond_are_all_returned(store: Store) -> None:
    tasks = [task(event(f"evt_{number}", accepted_at=NOW)) for number in range(20)]
    for each in tasks:
        store.deliveries.record([attempt(each, status="failed")])
    store.deliveries.miss(tasks)
    wanted = sorted(each.delivery_id for each in tasks)

    for look in (_attempted, _missed):
        page = look(store, since=NOW, until=NOW)
        assert [each.delivery_id for each in page.deliveries] == wanted


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7])
def test_delivery_across_two_pages_is_returned_once_with_all_attempts(store: Store, limit: int) -> None:
    _record(store, 1, "failed")
    _record(store, 2, "failed", "failed", "failed", "success")
    _record(store, 3, "failed", "failed")
    seen: list[Seen] = []
    after, more = None, True
    while more:
        page = _attempted(store, after=after, limit=limit)
        seen += page.deliveries
        more = page.more
        after = seen[-1].delivery_id

    assert [(each.event_id, each.attempts, each.failed) for each in seen] == [
        ("evt_1", 1, True),
        ("evt_2", 4, False),
        ("evt_3", 2, True),
    ]


def test_delivery_with_the_most_attempts_does_not_block_the_next(store: Store) -> None:
    first = attempt(_task(1), status="failed")
    store.deliveries.record([first])
    (item,) = store.items(DELIVERIES)
    for number in (2, 3, MAX_ATTEMPTS):
        store.deliveries.record([replace(first, task=_task(1, attempt_=number))])
    _record(store, 2, "failed")

    page = _attempted(store, limit=2)

    assert ([each.attempts for each in page.deliveries], page.more) == ([MAX_ATTEMPTS], True)
    assert _ids(_attempted(store, limit=2, after=page.deliveries[-1].delivery_id)) == ["evt_2"]
    assert "eventId" in item


def test_deliveries_with_the_largest_responses_are_all_returned(store: Store) -> None:
    """DynamoDB ends a page at 1 MB of items, whichever attributes are requested."""
    body = bytes(range(256)) * (MAX_BODY_BYTES // 256)
    for number in range(PAGE):
        store.deliveries.record([attempt(_task(number), status="failed", response_body=body)])
    seen: list[Seen] = []
    more = True
    while more:
        page = _attempted(store, after=seen[-1].delivery_id if seen else None)
        seen += page.deliveries  # An earlier page that ended at 1 MB can make the last page empty.
        more = page.more

    assert [each.event_id for each in seen] == [f"evt_{number}" for number in range(PAGE)]


def test_empty_range_returns_an_empty_page(store: Store) -> None:
    assert _attempted(store) == _missed(store) == SeenPage([], more=False)


# ---- Missed deliveries ----


def test_missed_delivery_is_returned_with_its_number_of_attempts(store: Store) -> None:
    store.deliveries.miss([_task(1), _task(2)])
    _record(store, 2, "failed")
    store.calls.clear()

    page = _missed(store)

    assert store.calls == {"Query": 1, "BatchGetItem": 1}
    assert [(each.event_id, each.attempts) for each in page.deliveries] == [("evt_1", 0), ("evt_2", 1)]
    assert not page.more


def test_delivery_missed_twice_is_stored_once(store: Store) -> None:
    for _ in range(2):
        store.deliveries.miss([_task(1)])

    assert len(_missed(store).deliveries) == 1


def test_event_can_be_missed_by_all_webhooks_of_an_account(store: Store) -> None:
    tasks = [_task(1, of=number) for number in range(1, MAX_WEBHOOKS_PER_ACCOUNT + 1)]

    store.deliveries.miss(tasks)

    assert store.calls == {"BatchWriteItem": 2}
    assert len(store.items(DELIVERIES)) == MAX_WEBHOOKS_PER_ACCOUNT
    store.calls.clear()
    store.deliveries.miss([])
    assert store.calls == {}


def test_pages_of_missed_deliveries_contain_each_once(store: Store) -> None:
    store.deliveries.miss([_task(number) for number in range(7)])
    seen: list[str] = []
    after, more = None, True
    while more:
        page = _missed(store, after=after, limit=3)
        seen += _ids(page)
        after, more = page.deliveries[-1].delivery_id, page.more

    assert seen == [f"evt_{number}" for number in range(7)]


def test_missed_delivery_expires_with_its_event_and_is_in_no_log(store: Store) -> None:
    store.deliveries.record_once(event(accepted_at=NOW), receipt="r1")
    store.deliveries.miss([task(event(accepted_at=NOW))])

    assert [item["ttl"] for item in store.items(DELIVERIES)] == [to_millis(NOW + timedelta(days=30)) // 1000] * 2
    assert store.deliveries.newest_of_account("acct_1", limit=100) == ()
    assert _attempted(store) == SeenPage([], more=False)


def test_deliveries_of_another_webhook_are_not_returned(store: Store) -> None:
    _record(store, 1, "failed", of=2)
    store.deliveries.miss([_task(2, of=2)])
    pages: Sequence[SeenPage] = [_attempted(store), _missed(store)]

    assert [page.deliveries for page in pages] == [[], []]
