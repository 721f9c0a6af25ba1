"""Reading the audit log: filters, time ranges and pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry, new_entry, refused_entry
from latchhook.audit_log import AuditEvent, AuditFilter
from latchhook.identity import caller
from latchhook.pages import InvalidPositionError, Position
from latchhook.storage.audit_items import audit_event_from_image
from latchhook.storage.audit_log import MAX_EXAMINED
from latchhook.storage.webhooks_table import WebhooksTable
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, origin
from tests.storage.conftest import Store
from tests.template_tables import SETTINGS

OTHER = "acct_other"
ALL = AuditFilter()


def _entry(at: int = 0, *, action: str = "api_key.created", account_id: str = ACCOUNT, **changes: Any) -> AuditEntry:
    """Return an entry of `at` milliseconds after `NOW`."""
    entry = new_entry(origin(account_id, at=NOW + at * MILLISECOND), action, UUID(int=1), rng=Random(at))
    return replace(entry, **changes)


def _add(store: Store, *entries: AuditEntry) -> None:
    for entry in entries:
        store.audit.record(entry)


def _fill(store: Store, count: int, action: str = "api_key.created") -> None:
    """Store many entries with a distance of one millisecond."""
    items = [store.audit_items.item(_entry(at, action=action)) for at in range(count)]
    for start in range(0, count, 25):
        puts: Any = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        store.client.batch_write_item(RequestItems={SETTINGS: puts})


def _pages(store: Store, wanted: AuditFilter, *, limit: int) -> Iterator[tuple[AuditEvent, ...]]:
    after: Position | None = None
    while True:
        page = store.audit.page(ACCOUNT, wanted, limit=limit, after=after)
        yield page.items
        after = page.after
        if after is None:
            return


def _ids(store: Store, wanted: AuditFilter, account_id: str = ACCOUNT) -> list[UUID]:
    page = store.audit.page(account_id, wanted, limit=100, after=None)
    assert page.after is None
    return [event.id for event in page.items]


def test_entry_is_read_back_as_it_was_stored(store: Store) -> None:
    entry = _entry(250, details={"name": "Zoë", "before": None, "list": [1, True]})
    _add(store, entry)

    (event,) = store.audit.page(ACCOUNT, ALL, limit=100, after=None).items
    assert event == AuditEvent(
        id=entry.id,
        account_id=ACCOUNT,
        action="api_key.created",
        target_id=str(UUID(int=1)),
        actor_kind="user",
        actor_id="user_1",
        source_ip="203.0.113.9",
        request_id="request-1",
        occurred_at=NOW + 250 * MILLISECOND,
        details={"name": "Zoë", "before": None, "list": [1, True]},
    )


def test_entry_of_the_acting_operator_names_operator_and_user(store: Store) -> None:
    by = caller.acting(caller.service(), account_id=ACCOUNT, user_id="user_7", operator_account_id="")
    _add(store, _entry(origin=origin(by=by)))

    (event,) = store.audit.page(ACCOUNT, ALL, limit=100, after=None).items
    assert (event.actor_kind, event.actor_id) == ("service", "service_role")
    assert (event.is_operator, event.acting_user_id) == (True, "user_7")


def test_entry_of_a_scheduled_job_has_neither_address_nor_request_id(store: Store) -> None:
    by = caller.system(ACCOUNT, "expiry-sweep")
    _add(store, _entry(origin=replace(origin(by=by), source_ip="", request_id="")))

    (event,) = store.audit.page(ACCOUNT, ALL, limit=100, after=None).items
    assert (event.actor_kind, event.actor_id, event.source_ip, event.request_id) == ("system", "expiry-sweep", "", "")


def test_empty_details_are_not_stored(store: Store) -> None:
    _add(store, _entry())

    assert "details" not in store.audit_log(ACCOUNT)[0]
    assert store.audit.page(ACCOUNT, ALL, limit=100, after=None).items[0].details == {}


def test_stream_image_is_converted_to_the_entry(store: Store) -> None:
    entry = _entry(details={"previousKeyExpiresAt": "2027-03-15T12:05:00Z"})
    _add(store, entry)
    key = {"pk": {"S": f"AUDIT#{ACCOUNT}"}, "sk": {"S": store.audit_log(ACCOUNT)[0]["sk"]}}
    image = store.client.get_item(TableName=SETTINGS, Key=key)["Item"]

    assert audit_event_from_image(image) == store.audit.page(ACCOUNT, ALL, limit=100, after=None).items[0]


def test_log_is_newest_first_and_contains_one_account(store: Store) -> None:
    entries = [_entry(at) for at in (0, 1, 999, 60_000)]
    _add(store, *entries, _entry(5, account_id=OTHER))

    assert _ids(store, ALL) == [entry.id for entry in reversed(entries)]


def test_refused_requests_of_one_minute_share_one_entry(store: Store) -> None:
    for second in range(3):
        _add(store, refused_entry(origin(at=NOW + second * SECOND), route="POST /api-keys", code="insufficient_scope"))

    (event,) = store.audit.page(ACCOUNT, ALL, limit=100, after=None).items
    assert (event.action, event.occurred_at) == ("request.refused", NOW)


# ---- Filters ----


def test_actions_are_filtered_by_name_and_by_prefix(store: Store) -> None:
    actions = ["api_key.created", "api_key.revoked", "api_keys.imported", "webhook.created", "api_key.created.twice"]
    made = {action: _entry(at, action=action) for at, action in enumerate(actions)}
    _add(store, *made.values())

    def found(asked: str) -> set[str]:
        return {action for action in made if made[action].id in _ids(store, AuditFilter(action=asked))}

    for asked, expected in {
        "api_key.created": {"api_key.created"},
        "api_key.*": {"api_key.created", "api_key.revoked", "api_key.created.twice"},
        "webhook.*": {"webhook.created"},
        "nothing.*": set(),
        "api_key": set(),
    }.items():
        assert found(asked) == expected, asked


def test_entry_must_match_all_filters(store: Store) -> None:
    by = caller.system(ACCOUNT, "sweep")
    ours = _entry(1, target_id="t-1", origin=origin(by=by, at=NOW))
    _add(store, ours, _entry(2, target_id="t-1"), _entry(3, origin=origin(by=by, at=NOW + 3 * MILLISECOND)))

    assert _ids(store, AuditFilter(actor_id="sweep", target_id="t-1")) == [ours.id]
    assert _ids(store, AuditFilter(actor_id="sweep", target_id="t-1", action="webhook.*")) == []
    assert len(_ids(store, AuditFilter(actor_id="sweep"))) == 2
    assert len(_ids(store, AuditFilter(target_id="t-1"))) == 2


def test_since_is_inclusive_and_until_is_exclusive(store: Store) -> None:
    entries = [_entry(at) for at in range(5)]
    _add(store, *entries)
    ids = [entry.id for entry in entries]

    def moment(at: int) -> datetime:
        return NOW + at * MILLISECOND

    assert _ids(store, AuditFilter(since=moment(3))) == [ids[4], ids[3]]
    assert _ids(store, AuditFilter(until=moment(2))) == [ids[1], ids[0]]
    assert _ids(store, AuditFilter(since=moment(1), until=moment(3))) == [ids[2], ids[1]]
    assert _ids(store, AuditFilter(since=moment(2), until=moment(2))) == []
    assert _ids(store, AuditFilter(since=moment(3), until=moment(2))) == []


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), 1),
        (datetime(2300, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), 0),
        (datetime.min.replace(tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC), 0),
    ],
)
def test_time_range_can_have_any_bounds(store: Store, since: datetime, until: datetime, found: int) -> None:
    _add(store, _entry())

    assert len(_ids(store, AuditFilter(since=since, until=until))) == found


# ---- Pages ----


@pytest.mark.parametrize(
    ("entries", "limit", "sizes"), [(0, 2, [0]), (2, 2, [2]), (5, 2, [2, 2, 1]), (3, 1, [1, 1, 1])]
)
@pytest.mark.parametrize("wanted", [ALL, AuditFilter(action="api_key.*")], ids=["all", "filtered"])
def test_pages_contain_every_entry_once(
    store: Store, entries: int, limit: int, sizes: list[int], wanted: AuditFilter
) -> None:
    _fill(store, entries)

    pages = list(_pages(store, wanted, limit=limit))

    assert [len(page) for page in pages] == sizes
    times = [event.occurred_at for page in pages for event in page]
    assert times == sorted(set(times), reverse=True)


def test_pages_within_a_time_range_contain_every_entry_once(store: Store) -> None:
    _fill(store, 9)
    wanted = AuditFilter(since=NOW + 2 * MILLISECOND, until=NOW + 7 * MILLISECOND)

    assert [len(page) for page in _pages(store, wanted, limit=2)] == [2, 2, 1]


def test_page_without_a_filter_reads_only_its_own_entries(store: Store) -> None:
    _fill(store, 30)
    store.calls.clear()

    page = store.audit.page(ACCOUNT, ALL, limit=10, after=None)

    assert len(page.items) == 10
    assert store.calls == {"Query": 1}


def test_page_examines_a_limited_number_and_the_next_page_continues(store: Store) -> None:
    _fill(store, MAX_EXAMINED + 5)
    rare = _entry(2, action="webhook.created")
    _add(store, rare)
    wanted = AuditFilter(action="webhook.*")
    store.calls.clear()

    first = store.audit.page(ACCOUNT, wanted, limit=50, after=None)

    assert (first.items, store.calls) == ((), {"Query": 4})
    assert first.after is not None
    second = store.audit.page(ACCOUNT, wanted, limit=50, after=first.after)
    assert ([event.id for event in second.items], second.after) == ([rare.id], None)


@pytest.mark.parametrize(
    "after",
    [
        (),
        ("x",),
        ("1", "2"),
        ("1805112000000#x",),
        (f"1805112000000#{UUID(int=1)}#",),
        (f"01805112000000#{UUID(int=1)}",),
        (f"1805112000000#{UUID(int=1)}" + "0" * 2000,),
    ],
    ids=str,
)
def test_malformed_position_is_refused(store: Store, after: Position) -> None:
    with pytest.raises(InvalidPositionError):
        store.audit.page(ACCOUNT, ALL, limit=1, after=after)


def test_position_outside_the_time_range_is_refused(store: Store) -> None:
    _fill(store, 5)
    after = store.audit.page(ACCOUNT, ALL, limit=1, after=None).after

    for wanted in (AuditFilter(until=NOW), AuditFilter(since=NOW + SECOND)):
        with pytest.raises(InvalidPositionError):
            store.audit.page(ACCOUNT, wanted, limit=1, after=after)


def test_reads_of_secrets_are_in_the_same_log(store: Store) -> None:
    """WebhooksTable writes these entries."""
    WebhooksTable(store.database, audit=store.audit_items).record(_entry(action="webhook.secret_read"))

    assert [event.action for event in store.audit.page(ACCOUNT, ALL, limit=9, after=None).items] == [
        "webhook.secret_read"
    ]
