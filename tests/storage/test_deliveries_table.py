"""The table Deliveries: events and attempts."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from latchhook.clock import to_millis
from latchhook.edge.endpoint import ok
from latchhook.edge.responses.webhooks import attempt_response, delivery_response
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.database import BATCH_GET_LIMIT
from latchhook.webhooks.attempts import MadeAttempt, Prepared, made_attempt
from latchhook.webhooks.delivery import MAX_ATTEMPTS, Attempt, LoggedAttempt
from latchhook.webhooks.event import MAX_BODY_BYTES, Event
from latchhook.webhooks.outcome import MAX_BODY_BYTES as MAX_ANSWER_BYTES
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, attempt, entry, event, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES, declared_tables

OTHER = "acct_other"
FAILED = attempt(
    status="failed",
    error_message="HTTP 500 from https://receiver.example/",
    response_status=500,
    next_attempt_at=NOW + SECOND,
)


# ---- Events ----


@pytest.mark.parametrize(
    "kept",
    [event(), event(external_id=None), event("a#b#c", body='{"text":"Zoë \\ud800"}')],
    ids=["plain", "no external id", "an id with #"],
)
def test_event_is_stored_as_it_was_accepted(store: Store, kept: Event) -> None:
    assert store.deliveries.record_once(kept, receipt="r1") == kept
    assert store.calls == {"PutItem": 1}
    assert store.deliveries.prepare([task(kept)])[0].event == kept


def test_repeated_message_returns_the_first_stored_event(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")

    again = store.deliveries.record_once(event(accepted_at=NOW + MILLISECOND, body="{}"), receipt="r1")

    assert again == event()


def test_same_event_id_with_another_receipt_is_a_repeated_event(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")

    assert store.deliveries.record_once(event(), receipt="r2") is None
    assert store.deliveries.record_once(event(), receipt="r1") == event()


def test_same_event_id_of_another_account_is_another_event(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    theirs = event(account_id=OTHER)

    assert store.deliveries.record_once(theirs, receipt="r2") == theirs


def test_event_id_can_be_reused_after_the_retention(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    end = NOW + timedelta(days=30)

    assert store.deliveries.record_once(event(accepted_at=end - SECOND), receipt="r2") is None
    assert store.deliveries.record_once(event(accepted_at=end), receipt="r3") == event(accepted_at=end)


def test_largest_event_can_be_stored(store: Store) -> None:
    largest = event("i" * 128, name="n" * 128, external_id="\U0001f3c1" * 255, body="x" * MAX_BODY_BYTES)

    assert store.deliveries.record_once(largest, receipt="r" * 36) == largest


def test_events_and_attempts_expire_by_ttl_after_the_retention(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    store.deliveries.record([attempt()])
    ttl = declared_tables()[DELIVERIES]["TimeToLiveSpecification"]

    items = store.items(DELIVERIES)

    assert ttl["Enabled"]
    assert [item[ttl["AttributeName"]] for item in items] == [to_millis(NOW + timedelta(days=30)) // 1000] * 2


# ---- Preparing attempts ----


def test_batch_of_tasks_is_prepared_in_order_with_one_batch_read(store: Store) -> None:
    webhooks = [webhook(number) for number in range(4)]
    for number, each in enumerate(webhooks):
        store.settings.add_webhook(each, entry(seed=number))
    store.deliveries.record_once(event(), receipt="r1")
    store.deliveries.record([replace(FAILED, task=task(event(), webhooks[2]))])
    store.calls.clear()

    prepared = store.deliveries.prepare([task(event(), each) for each in webhooks])

    assert store.calls == {"BatchGetItem": 1}
    made = MadeAttempt(500, NOW + SECOND, NOW)
    assert prepared == [Prepared(each, event(), made if number == 2 else None) for number, each in enumerate(webhooks)]


def test_missing_webhook_event_and_attempt_are_none(store: Store) -> None:
    assert store.deliveries.prepare([task()]) == [Prepared(None, None, None)]


def test_tasks_for_the_same_event_and_webhook_all_get_them(store: Store) -> None:
    store.settings.add_webhook(webhook(), entry())
    store.deliveries.record_once(event(), receipt="r1")

    assert store.deliveries.prepare([task(), task(), task(attempt=2)]) == [Prepared(webhook(), event(), None)] * 3


def test_webhook_and_event_of_another_account_are_none(store: Store) -> None:
    store.settings.add_webhook(webhook(account_id=OTHER), entry(OTHER))
    store.deliveries.record_once(event(account_id=OTHER), receipt="r1")

    assert store.deliveries.prepare([task(event(), webhook())]) == [Prepared(None, None, None)]


def test_ten_of_the_largest_events_can_be_prepared(store: Store) -> None:
    largest = [event(f"evt_{number}", body="x" * MAX_BODY_BYTES) for number in range(10)]
    for each in largest:
        store.deliveries.record_once(each, receipt="r1")

    prepared = store.deliveries.prepare([task(each) for each in largest])

    assert [each.event for each in prepared] == largest


def test_empty_list_of_tasks_makes_no_call(store: Store) -> None:
    assert store.deliveries.prepare([]) == []
    assert store.calls == {}


def test_thirty_three_tasks_fit_into_one_batch_read() -> None:
    assert BATCH_GET_LIMIT >= 33 * 3


# ---- Recording attempts ----


@pytest.mark.parametrize(
    "made",
    [
        attempt(),
        FAILED,
        attempt(
            external_id=None, response_status=None, response_headers=(), response_body=b"", status="failed",
            error_message="Connection refused", remote_address=None, timings_ms={}, trigger="retry",
        ),
        attempt(response_truncated=True, response_body=bytes(range(256)), next_attempt_at=NOW + MILLISECOND),
        attempt(replace(task(attempt=3), uncounted=2), trigger="manual"),
        attempt(note="The connection was closed"),
    ],
    ids=["success", "failure", "unreachable", "truncated", "manual", "with a note"],
)  # fmt: skip
def test_attempt_is_read_back_as_it_was_stored(store: Store, made: Attempt) -> None:
    assert store.deliveries.record([made]) == [
        MadeAttempt(made.response_status, made.next_attempt_at, made.attempted_at, made.status, made.task.uncounted)
    ]

    assert store.calls == {"BatchExecuteStatement": 1}
    assert _page(store).items == (made,)


def _page(store: Store, *, limit: int = 100, after: Position | None = None, account_id: str = ACCOUNT) -> Page[Attempt]:
    return store.deliveries.page_of_webhook(account_id, webhook().id, limit=limit, after=after)


def test_first_of_two_records_of_an_attempt_counts(store: Store) -> None:
    store.deliveries.record([FAILED])

    again = attempt(next_attempt_at=NOW + 9 * SECOND)
    assert store.deliveries.record([again]) == [MadeAttempt(500, NOW + SECOND, NOW)]
    assert _page(store).items == (FAILED,)


def test_attempts_are_recorded_in_one_write_with_separate_outcomes(store: Store) -> None:
    others = [replace(attempt(), task=task(event(f"evt_other_{number}"))) for number in range(24)]
    store.deliveries.record([FAILED])
    store.calls.clear()

    again = attempt(next_attempt_at=NOW + 9 * SECOND)
    kept = store.deliveries.record([*others[:12], again, *others[12:]])

    assert kept == [
        *[made_attempt(each) for each in others[:12]],
        made_attempt(FAILED),
        *map(made_attempt, others[12:]),
    ]
    assert store.calls == {"BatchExecuteStatement": 1, "BatchGetItem": 1}
    assert {each.task.delivery_id: each for each in _page(store).items} == {
        each.task.delivery_id: each for each in [FAILED, *others]
    }


def test_largest_response_can_be_stored(store: Store) -> None:
    largest = attempt(
        response_body=b"\xff" * MAX_ANSWER_BYTES,
        response_headers=tuple((f"X-{number}", "é" * 250) for number in range(64)),
        error_message="x" * 2_500,
        external_id="\U0001f3c1" * 255,
    )
    store.deliveries.record([largest])

    assert _page(store).items == (largest,)


# ---- Logs ----


def _fill(store: Store, count: int) -> list[Attempt]:
    """Record the attempts of `count` events. Each second event has two attempts."""
    made = []
    for number in range(count):
        at = NOW + number * SECOND
        first = attempt(task(event(f"evt_{number}", accepted_at=at)), attempted_at=at)
        made.append(first)
        if number % 2:
            made.append(replace(first, task=replace(first.task, attempt=2), attempted_at=at + 5 * SECOND))
    for each in made:
        store.deliveries.record([each])
    return made


def test_log_of_an_account_is_one_query_with_the_newest_first(store: Store) -> None:
    made = _fill(store, 5)
    store.deliveries.record([attempt(task(event(account_id=OTHER), webhook(2)))])
    newest_first = sorted(made, key=lambda each: each.attempted_at, reverse=True)
    store.calls.clear()

    log = store.deliveries.newest_of_account(ACCOUNT, limit=3)

    assert store.calls == {"Query": 1}
    assert [(each.id, each.attempted_at) for each in log] == [(each.id, each.attempted_at) for each in newest_first[:3]]


def test_log_entry_of_an_account_has_id_names_status_error_and_time(store: Store) -> None:
    store.deliveries.record([FAILED])

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == (
        LoggedAttempt(FAILED.id, "order-7", "order.paid", "failed", FAILED.error_message, NOW),
    )


def test_index_of_the_log_contains_no_bodies(store: Store) -> None:
    store.deliveries.record([FAILED])

    (logged,) = store.client.scan(TableName=DELIVERIES, IndexName="byAccount")["Items"]

    assert logged.keys() == {
        "pk", "sk", "accountId", "attemptedAt", "externalId", "eventName", "status", "errorMessage"
    }  # fmt: skip


def test_events_are_not_in_the_log(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == ()


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_log_of_a_webhook_is_paged_by_newest_event_and_attempt(store: Store, limit: int) -> None:
    made = _fill(store, 5)

    found: list[Attempt] = []
    after: Position | None = None
    while True:
        page = _page(store, limit=limit, after=after)
        assert len(page.items) <= limit
        found += page.items
        after = page.after
        if after is None:
            break

    assert [each.id for each in found] == [each.id for each in reversed(made)]


def test_page_of_the_largest_responses_fits_into_a_lambda_response(store: Store) -> None:
    """This includes bodies whose bytes become seven characters each in nested JSON. The next page has the rest."""
    largest = attempt(
        response_body=b"\x00" * MAX_ANSWER_BYTES,
        response_headers=tuple((f"X-{number}", "é" * 250) for number in range(64)),
    )
    made = [
        replace(largest, task=task(event(f"evt_{number}", accepted_at=NOW + number * SECOND))) for number in range(30)
    ]
    for each in made:
        store.deliveries.record([each])

    found: list[Attempt] = []
    after: Position | None = None
    while True:
        page = _page(store, limit=100, after=after)
        response = ok({"data": [attempt_response(each) for each in page.items], "nextCursor": "x" * 100})
        assert len(json.dumps(response.to_lambda(), ensure_ascii=False).encode()) < 6 * 1024 * 1024
        found += page.items
        after = page.after
        if after is None:
            break

    assert [each.id for each in found] == [each.id for each in reversed(made)]


# ---- One delivery ----


def _attempts(store: Store, *, limit: int = 100, account_id: str = ACCOUNT) -> tuple[Attempt, ...]:
    return store.deliveries.attempts(account_id, webhook().id, task().delivery_id, limit=limit)


@pytest.mark.parametrize("limit", [1, 2, 11, 12, 100])
def test_newest_attempts_of_a_delivery_are_one_query_newest_first(store: Store, limit: int) -> None:
    for number in (2, 1, *range(3, 12)):
        store.deliveries.record([replace(FAILED, task=task(attempt=number))])
    store.deliveries.record([replace(FAILED, task=task(event(accepted_at=NOW + MILLISECOND), attempt=12))])
    store.deliveries.record([replace(FAILED, task=task(event("evt_2"), attempt=12))])
    store.calls.clear()

    found = _attempts(store, limit=limit)

    assert store.calls == {"Query": 1}
    assert [each.task.attempt for each in found] == list(range(11, 0, -1))[:limit]
    assert found[0] == replace(FAILED, task=task(attempt=11))


def test_attempt_with_the_highest_number_is_the_newest(store: Store) -> None:
    for number in (998, MAX_ATTEMPTS, 99):
        store.deliveries.record([replace(FAILED, task=task(attempt=number))])

    assert [each.task.attempt for each in _attempts(store, limit=2)] == [MAX_ATTEMPTS, 998]


def test_delivery_without_attempts_has_an_empty_list(store: Store) -> None:
    assert _attempts(store) == ()


def test_delivery_of_another_account_has_no_attempts(store: Store) -> None:
    store.deliveries.record([attempt()])

    assert _attempts(store, account_id=OTHER) == ()


def test_delivery_with_the_largest_responses_fits_into_a_lambda_response(store: Store) -> None:
    for number in range(1, 31):
        store.deliveries.record([attempt(task(attempt=number), response_body=b"\x00" * MAX_ANSWER_BYTES)])
    body = "\x00" * MAX_BODY_BYTES

    found = _attempts(store)

    response = ok(delivery_response(found, body))
    assert len(json.dumps(response.to_lambda(), ensure_ascii=False).encode()) < 6 * 1024 * 1024
    assert found[0].task.attempt == 30
    assert len(found) > 1


def test_event_is_found_unchanged_and_only_by_its_account(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    store.calls.clear()

    assert store.deliveries.event(ACCOUNT, event().id) == event()
    assert store.deliveries.event(OTHER, event().id) is None
    assert store.deliveries.event(ACCOUNT, "evt_2") is None
    assert store.calls == {"GetItem": 3}


# ---- Separation of webhooks and accounts ----


def test_log_of_a_webhook_contains_only_its_own_attempts(store: Store) -> None:
    store.deliveries.record([attempt(task(event(), webhook(2)))])

    assert _page(store).items == ()


def test_attempts_of_another_account_are_not_shown(store: Store) -> None:
    store.deliveries.record([attempt()])

    assert _page(store, account_id=OTHER).items == ()


@pytest.mark.parametrize(
    "position",
    [(), ("x",), ("a", "b"), (f"{UUID(int=1)}#1",), (f"{UUID(int=1)}#0011",), (f"{UUID(int=1)}#٠٠١",), ("",)],
    ids=str,
)
def test_malformed_position_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        _page(store, after=position)
