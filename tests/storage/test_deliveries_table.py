"""Events and attempts as they are kept; on moto and on DynamoDB Local."""

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
def test_an_event_is_recorded_as_it_was_accepted(store: Store, kept: Event) -> None:
    assert store.deliveries.record_once(kept, receipt="r1") == kept
    assert store.calls == {"PutItem": 1}
    assert store.deliveries.prepare([task(kept)])[0].event == kept


def test_a_run_that_is_repeated_finds_the_event_as_it_was_kept_first(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")

    again = store.deliveries.record_once(event(accepted_at=NOW + MILLISECOND, body="{}"), receipt="r1")

    assert again == event()


def test_the_same_id_under_another_receipt_is_a_repeated_event(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")

    assert store.deliveries.record_once(event(), receipt="r2") is None
    assert store.deliveries.record_once(event(), receipt="r1") == event()


def test_the_same_id_of_another_account_is_another_event(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    theirs = event(account_id=OTHER)

    assert store.deliveries.record_once(theirs, receipt="r2") == theirs


def test_an_events_id_is_free_again_from_the_moment_that_its_retention_ends(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    end = NOW + timedelta(days=30)

    assert store.deliveries.record_once(event(accepted_at=end - SECOND), receipt="r2") is None
    assert store.deliveries.record_once(event(accepted_at=end), receipt="r3") == event(accepted_at=end)


def test_the_largest_event_is_kept(store: Store) -> None:
    largest = event("i" * 128, name="n" * 128, external_id="\U0001f3c1" * 255, body="x" * MAX_BODY_BYTES)

    assert store.deliveries.record_once(largest, receipt="r" * 36) == largest


def test_events_and_attempts_go_by_the_tables_ttl_after_the_retention(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    store.deliveries.record([attempt()])
    ttl = declared_tables()[DELIVERIES]["TimeToLiveSpecification"]

    items = store.items(DELIVERIES)

    assert ttl["Enabled"]
    assert [item[ttl["AttributeName"]] for item in items] == [to_millis(NOW + timedelta(days=30)) // 1000] * 2


# ---- Preparing attempts ----


def test_all_that_a_batch_needs_is_one_batch_read_in_the_order_of_its_tasks(store: Store) -> None:
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


def test_what_does_not_exist_is_none(store: Store) -> None:
    assert store.deliveries.prepare([task()]) == [Prepared(None, None, None)]


def test_tasks_that_need_the_same_things_get_them_all(store: Store) -> None:
    store.settings.add_webhook(webhook(), entry())
    store.deliveries.record_once(event(), receipt="r1")

    assert store.deliveries.prepare([task(), task(), task(attempt=2)]) == [Prepared(webhook(), event(), None)] * 3


def test_another_accounts_webhook_and_event_are_none(store: Store) -> None:
    store.settings.add_webhook(webhook(account_id=OTHER), entry(OTHER))
    store.deliveries.record_once(event(account_id=OTHER), receipt="r1")

    assert store.deliveries.prepare([task(event(), webhook())]) == [Prepared(None, None, None)]


def test_ten_of_the_largest_events_are_prepared(store: Store) -> None:
    largest = [event(f"evt_{number}", body="x" * MAX_BODY_BYTES) for number in range(10)]
    for each in largest:
        store.deliveries.record_once(each, receipt="r1")

    prepared = store.deliveries.prepare([task(each) for each in largest])

    assert [each.event for each in prepared] == largest


def test_no_tasks_are_no_call(store: Store) -> None:
    assert store.deliveries.prepare([]) == []
    assert store.calls == {}


def test_thirty_three_tasks_are_within_one_batch_read() -> None:
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
    ids=["success", "failure", "unreached", "cut", "by hand", "with a note"],
)  # fmt: skip
def test_an_attempt_is_read_back_as_it_was_made(store: Store, made: Attempt) -> None:
    assert store.deliveries.record([made]) == [
        MadeAttempt(made.response_status, made.next_attempt_at, made.attempted_at, made.status, made.task.uncounted)
    ]

    assert store.calls == {"BatchExecuteStatement": 1}
    assert _page(store).items == (made,)


def _page(store: Store, *, limit: int = 100, after: Position | None = None, account_id: str = ACCOUNT) -> Page[Attempt]:
    return store.deliveries.page_of_webhook(account_id, webhook().id, limit=limit, after=after)


def test_of_two_records_of_an_attempt_the_first_counts(store: Store) -> None:
    store.deliveries.record([FAILED])

    again = attempt(next_attempt_at=NOW + 9 * SECOND)
    assert store.deliveries.record([again]) == [MadeAttempt(500, NOW + SECOND, NOW)]
    assert _page(store).items == (FAILED,)


def test_attempts_are_recorded_in_one_write_and_each_for_itself(store: Store) -> None:
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


def test_the_largest_answer_is_kept(store: Store) -> None:
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
    """Attempts of as many events, one after another; each second one failed and was made again."""
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


def test_the_accounts_log_is_its_newest_attempts_newest_first_in_one_query(store: Store) -> None:
    made = _fill(store, 5)
    store.deliveries.record([attempt(task(event(account_id=OTHER), webhook(2)))])
    newest_first = sorted(made, key=lambda each: each.attempted_at, reverse=True)
    store.calls.clear()

    log = store.deliveries.newest_of_account(ACCOUNT, limit=3)

    assert store.calls == {"Query": 1}
    assert [(each.id, each.attempted_at) for each in log] == [(each.id, each.attempted_at) for each in newest_first[:3]]


def test_the_accounts_log_shows_what_document_000_shows(store: Store) -> None:
    store.deliveries.record([FAILED])

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == (
        LoggedAttempt(FAILED.id, "order-7", "order.paid", "failed", FAILED.error_message, NOW),
    )


def test_the_index_of_the_log_holds_no_bodies(store: Store) -> None:
    store.deliveries.record([FAILED])

    (logged,) = store.client.scan(TableName=DELIVERIES, IndexName="byAccount")["Items"]

    assert logged.keys() == {
        "pk", "sk", "accountId", "attemptedAt", "externalId", "eventName", "status", "errorMessage"
    }  # fmt: skip


def test_events_do_not_stand_in_the_log(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == ()


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_a_webhooks_log_comes_page_by_page_newest_event_first_newest_attempt_first(store: Store, limit: int) -> None:
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


def test_a_page_of_the_largest_answers_fits_into_what_lambda_can_answer(store: Store) -> None:
    """Also where each byte becomes seven in JSON within JSON; what does not fit is on the next page."""
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
def test_a_deliverys_newest_attempts_come_newest_first_in_one_query(store: Store, limit: int) -> None:
    for number in (2, 1, *range(3, 12)):
        store.deliveries.record([replace(FAILED, task=task(attempt=number))])
    store.deliveries.record([replace(FAILED, task=task(event(accepted_at=NOW + MILLISECOND), attempt=12))])
    store.deliveries.record([replace(FAILED, task=task(event("evt_2"), attempt=12))])
    store.calls.clear()

    found = _attempts(store, limit=limit)

    assert store.calls == {"Query": 1}
    assert [each.task.attempt for each in found] == list(range(11, 0, -1))[:limit]
    assert found[0] == replace(FAILED, task=task(attempt=11))


def test_the_last_attempt_that_a_delivery_may_have_is_the_newest(store: Store) -> None:
    for number in (998, MAX_ATTEMPTS, 99):
        store.deliveries.record([replace(FAILED, task=task(attempt=number))])

    assert [each.task.attempt for each in _attempts(store, limit=2)] == [MAX_ATTEMPTS, 998]


def test_a_delivery_that_was_not_attempted_has_no_attempts(store: Store) -> None:
    assert _attempts(store) == ()


def test_another_accounts_delivery_has_no_attempts(store: Store) -> None:
    store.deliveries.record([attempt()])

    assert _attempts(store, account_id=OTHER) == ()


def test_a_delivery_whose_attempts_got_the_largest_answers_fits_into_what_lambda_can_answer(store: Store) -> None:
    for number in range(1, 31):
        store.deliveries.record([attempt(task(attempt=number), response_body=b"\x00" * MAX_ANSWER_BYTES)])
    body = "\x00" * MAX_BODY_BYTES

    found = _attempts(store)

    response = ok(delivery_response(found, body))
    assert len(json.dumps(response.to_lambda(), ensure_ascii=False).encode()) < 6 * 1024 * 1024
    assert found[0].task.attempt == 30
    assert len(found) > 1


def test_an_event_is_found_as_it_was_accepted_by_its_own_account(store: Store) -> None:
    store.deliveries.record_once(event(), receipt="r1")
    store.calls.clear()

    assert store.deliveries.event(ACCOUNT, event().id) == event()
    assert store.deliveries.event(OTHER, event().id) is None
    assert store.deliveries.event(ACCOUNT, "evt_2") is None
    assert store.calls == {"GetItem": 3}


# ---- Whose logs ----


def test_a_webhooks_log_is_its_own(store: Store) -> None:
    store.deliveries.record([attempt(task(event(), webhook(2)))])

    assert _page(store).items == ()


def test_another_accounts_attempts_are_not_shown(store: Store) -> None:
    store.deliveries.record([attempt()])

    assert _page(store, account_id=OTHER).items == ()


@pytest.mark.parametrize(
    "position",
    [(), ("x",), ("a", "b"), (f"{UUID(int=1)}#1",), (f"{UUID(int=1)}#0011",), (f"{UUID(int=1)}#٠٠١",), ("",)],
    ids=str,
)
def test_a_position_that_no_log_gave_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        _page(store, after=position)
