"""Counts of attempts: each attempt is counted once even if its record is repeated."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latchhook.clock import to_millis
from latchhook.storage import stats_table
from latchhook.storage.stats_table import MOST_MARKS, StatsTable, attempt_from_image
from latchhook.webhooks.errors import TooMuchToAddUpError
from latchhook.webhooks.stats import LAST_BUCKET, MAX_DAYS, CountedAttempt, DayCounts, PlacedAttempt, bucket, tally
from tests.samples import ACCOUNT, NOW, SECOND, attempt, event, task, webhook
from tests.storage.conftest import Store
from tests.storage.test_key_prices import item_size
from tests.template_tables import DELIVERIES, declared_tables

OTHER = "acct_other"
WEBHOOK = UUID(int=7)
OTHER_WEBHOOK = UUID(int=8)
DAY = NOW.date()
unused = count(1_000)
STREAM = "2027-03-01T09:00:00.000"
TYPICAL_ACCOUNT = "6f0f5c1e-52f6-4a58-9d5c-0a5b7e1c9f11"


@pytest.fixture
def stats(store: Store) -> StatsTable:
    return StatsTable(store.database, table=DELIVERIES)


def placed(
    number: int,
    *,
    stream: str = STREAM,
    account_id: str = ACCOUNT,
    webhook_id: UUID = WEBHOOK,
    event_day: date = DAY,
    attempted_at: datetime = NOW,
    failed: bool = False,
    latency_ms: float | None = 100.0,
) -> PlacedAttempt:
    counted = CountedAttempt(account_id, webhook_id, event_day, attempted_at, failed, latency_ms)
    return PlacedAttempt(f"{stream}/{number:040d}", counted)


def attempts(stats: StatsTable, *, day: date = DAY) -> int:
    return stats.of_webhook(ACCOUNT, WEBHOOK, [day]).get(day, DayCounts()).attempted


# ---- Counting ----


def test_attempts_of_a_webhook_and_day_are_added_in_one_write(store: Store, stats: StatsTable) -> None:
    made = [
        placed(number, attempted_at=NOW + timedelta(hours=number % 3), failed=number % 4 == 0, latency_ms=number * 9.0)
        for number in range(1, 101)
    ]
    stats.count(made)
    assert store.calls == {"UpdateItem": 1}
    assert stats.of_webhook(ACCOUNT, WEBHOOK, [DAY]) == {DAY: tally(each.attempt for each in made)}


def test_later_attempts_are_added(stats: StatsTable) -> None:
    stats.count([placed(1), placed(2, failed=True, latency_ms=None)])
    stats.count([placed(3, failed=True)])
    assert stats.of_webhook(ACCOUNT, WEBHOOK, [DAY]) == {
        DAY: DayCounts(attempts={12: 3}, failures={12: 2}, latencies={bucket(100): 2})
    }


def test_repeated_batch_is_not_counted_and_costs_one_refused_write(store: Store, stats: StatsTable) -> None:
    made = [placed(1), placed(2), placed(3)]
    stats.count(made)
    store.calls.clear()
    stats.count(made)
    assert store.calls == {"UpdateItem": 1}
    assert attempts(stats) == 3


@pytest.mark.parametrize(
    ("again", "total"),
    [([2, 3], 3), ([3, 4, 5], 5), ([1, 2, 3, 4], 4), ([1], 3), ([4], 4)],
    ids=["end", "end and more", "all and more", "start", "next"],
)
def test_only_new_attempts_of_an_overlapping_batch_are_counted(
    again: Sequence[int], total: int, stats: StatsTable
) -> None:
    stats.count([placed(number) for number in (1, 2, 3)])
    stats.count([placed(number) for number in again])
    assert attempts(stats) == total


def test_sequence_numbers_of_different_lengths_are_ordered(stats: StatsTable) -> None:
    stats.count([placed(999_999_999_999_999_999_999)])
    stats.count([placed(1_000_000_000_000_000_000_000)])
    assert attempts(stats) == 2


def test_batch_across_midnight_is_tracked_per_day(stats: StatsTable) -> None:
    today = [placed(number) for number in (1, 2, 5)]
    tomorrow = [placed(number, attempted_at=NOW + timedelta(days=1)) for number in (3, 4, 6)]
    for made in (today[:2], tomorrow[:1], tomorrow, today, today):
        stats.count(made)
    assert (attempts(stats), attempts(stats, day=DAY + timedelta(days=1))) == (3, 3)


def test_shards_of_a_split_key_are_counted_separately(stats: StatsTable) -> None:
    """The split is between yesterday's and today's events. The sequence numbers of the two shards are independent."""
    yesterday = DAY - timedelta(days=1)
    new, old = [placed(900), placed(901)], [placed(5, event_day=yesterday), placed(6, event_day=yesterday)]
    for made in (new, old, new, old, [placed(902)], [placed(7, event_day=yesterday)]):
        stats.count(made)
    assert attempts(stats) == 6


def test_write_for_several_days_skips_the_counted_attempts_of_each(stats: StatsTable) -> None:
    days = [DAY - timedelta(days=back) for back in (0, 1, 2)]
    made = [placed(number, event_day=days[number % 3]) for number in range(1, 10)]
    stats.count([each for each in made if each.attempt.event_day == days[1]][:2])
    stats.count(made[3:])
    stats.count(made)
    # Attempts 1 and 4 were counted first. Attempts 2 and 3 follow higher numbers of their days and are not counted.
    assert attempts(stats) == 9 - 2


def test_restarted_stream_is_counted_by_its_own_sequence_numbers(stats: StatsTable) -> None:
    stats.count([placed(1_000)])
    stats.count([placed(1, stream="2027-03-15T11:00:00.000")])
    stats.count([placed(1_000), placed(1, stream="2027-03-15T11:00:00.000")])
    assert attempts(stats) == 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_repeated_batches_of_a_stream_are_counted_exactly(data: st.DataObject, store: Store) -> None:
    """Lambda delivers a shard in order, and delivers unconfirmed records again in batches of any size."""
    webhook_id = UUID(int=next(unused))
    stats = StatsTable(store.database, table=DELIVERIES)
    length = data.draw(st.integers(1, 12))
    made = [
        placed(number, webhook_id=webhook_id, event_day=DAY - timedelta(days=number % 2)) for number in range(length)
    ]
    done = 0
    while done < length:
        end = data.draw(st.integers(done + 1, length))
        stats.count(made[done:end])
        done = data.draw(st.integers(done, end)) if data.draw(st.booleans()) else end
    counted = stats.of_webhook(ACCOUNT, webhook_id, [DAY])[DAY]
    assert (counted.attempted, sum(counted.latencies.values())) == (length, length)


@pytest.mark.parametrize(("days", "writes"), [(MOST_MARKS, 1), (MOST_MARKS + 1, 2), (366, 12)])
def test_attempts_for_many_event_days_take_few_writes(days: int, writes: int, store: Store) -> None:
    """A recovery with a long retention makes such attempts."""
    stats = StatsTable(store.database, table=DELIVERIES)
    made = [
        placed(
            number,
            event_day=DAY - timedelta(days=number % days),
            attempted_at=NOW.replace(hour=number % 24),
            failed=number % 2 == 0,
            latency_ms=2 ** (number % 64 / 4),
        )
        for number in range(1, 1_001)
    ]
    for _ in range(2):
        store.calls.clear()
        stats.count(made)
        assert store.calls == {"UpdateItem": writes}
    assert attempts(stats) == 1_000


def test_concurrent_workers_count_the_same_attempts_once(store: Store) -> None:
    stats = StatsTable(store.database, table=DELIVERIES)
    made = [placed(number) for number in range(50)]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda length: stats.count(made[:length]), [10, 20, 50] * 16))
    assert attempts(stats) == 50


# ---- Cost ----


def busy(events_of: int = 1) -> list[PlacedAttempt]:
    """Return attempts of every hour and every latency up to the timeout of a delivery. Half of them failed."""
    return [
        placed(
            hour * 1_000 + number,
            account_id=TYPICAL_ACCOUNT,
            attempted_at=datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=hour),
            event_day=DAY - timedelta(days=number % events_of),
            failed=number % 2 == 0,
            latency_ms=2 ** (number / 4),
        )
        for hour in range(24)
        for number in range(bucket(15_000) + 1)
    ]


def test_item_of_a_webhook_with_some_calls_costs_one_write_unit(store: Store) -> None:
    stats = StatsTable(store.database, table=DELIVERIES)
    made = [
        placed(
            hour, account_id=TYPICAL_ACCOUNT, attempted_at=NOW.replace(hour=hour), failed=hour == 9, latency_ms=2.0**n
        )
        for hour in range(24)
        for n in (6.1, 6.5, 7, 7.5, 8, 9, 10)
    ]
    with store.consumed() as told:
        stats.count(made)
        stats.count([placed(100, account_id=TYPICAL_ACCOUNT)])
    assert [each["CapacityUnits"] for each in told] == [1, 1]


@pytest.mark.parametrize(("events_of", "size"), [(1, 995), (5, 1_287)])
def test_item_of_the_busiest_day_costs_one_or_two_write_units(
    events_of: int, size: int, store: Store, stats: StatsTable
) -> None:
    stats.count(busy(events_of))
    (item,) = store.client.scan(TableName=DELIVERIES)["Items"]
    millions = {
        name: {"N": "1234567"} if name[0] in "afb" and name[1:].isdecimal() else value for name, value in item.items()
    }
    assert item_size(dict(millions)) == size


def test_longest_update_stays_within_the_expression_limit(stats: StatsTable) -> None:
    """The limit is 4 KB (DynamoDB developer guide, "Quotas"). The batch has attempts for events of 30 days."""
    stats.count(busy(30))
    assert stats.of_webhook(TYPICAL_ACCOUNT, WEBHOOK, [DAY])[DAY].attempted == 24 * 57


def test_counts_expire_by_ttl_after_the_longest_report(store: Store, stats: StatsTable) -> None:
    stats.count([placed(1)])
    (item,) = store.items(DELIVERIES)
    kept_until = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(days=MAX_DAYS + 1)
    assert (
        item[declared_tables()[DELIVERIES]["TimeToLiveSpecification"]["AttributeName"]] == to_millis(kept_until) // 1000
    )


# ---- Reading ----


def test_counts_of_a_webhook_are_one_batch_read(store: Store, stats: StatsTable) -> None:
    days = [DAY - timedelta(days=back) for back in range(MAX_DAYS)]
    for number, day in enumerate(days):
        moment = datetime.combine(day, datetime.min.time(), UTC)
        stats.count([placed(number, attempted_at=moment), placed(number + 1, attempted_at=moment)])
    store.calls.clear()
    found = stats.of_webhook(ACCOUNT, WEBHOOK, days)
    assert store.calls == {"BatchGetItem": 1}
    assert {day: counts.attempted for day, counts in found.items()} == dict.fromkeys(days, 2)
    assert list(stats.of_webhook(ACCOUNT, WEBHOOK, days[3:4])) == [days[3]]


def test_counts_of_an_account_are_one_query_over_its_webhooks(store: Store, stats: StatsTable) -> None:
    later = NOW + timedelta(days=1)
    for each in (
        placed(1),
        placed(1, webhook_id=OTHER_WEBHOOK),
        placed(2, webhook_id=OTHER_WEBHOOK, attempted_at=later),
        placed(1, account_id=OTHER),
        placed(3, attempted_at=NOW - timedelta(days=1)),
        placed(4, attempted_at=NOW + timedelta(days=2)),
    ):
        stats.count([each])
    store.calls.clear()
    one = DayCounts({12: 1}, {}, {bucket(100): 1})
    assert stats.of_account(ACCOUNT, DAY, later.date()) == {
        WEBHOOK: {DAY: one},
        OTHER_WEBHOOK: {DAY: one, later.date(): one},
    }
    assert store.calls == {"Query": 1}
    assert stats.of_account(ACCOUNT, DAY, DAY) == {WEBHOOK: {DAY: one}, OTHER_WEBHOOK: {DAY: one}}
    assert stats.of_account("acct", DAY, DAY) == {}


def test_counts_of_an_account_are_read_up_to_a_limit_of_pages(
    store: Store, stats: StatsTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a query has at most 1 MB. The test makes the items large, so that few items fill a page."""
    for number in range(8):
        webhook_id = UUID(int=number)
        stats.count([placed(1, webhook_id=webhook_id)])
        store.client.update_item(
            TableName=DELIVERIES,
            Key={"pk": {"S": f"STATS#{ACCOUNT}"}, "sk": {"S": f"{DAY:%Y%m%d}#{webhook_id}"}},
            UpdateExpression="SET padding = :padding",
            ExpressionAttributeValues={":padding": {"S": "x" * 390_000}},
        )
    store.calls.clear()
    assert len(stats.of_account(ACCOUNT, DAY, DAY)) == 8
    pages = store.calls["Query"]
    assert pages > 1
    monkeypatch.setattr(stats_table, "MAX_PAGES", pages)
    assert len(stats.of_account(ACCOUNT, DAY, DAY)) == 8
    monkeypatch.setattr(stats_table, "MAX_PAGES", pages - 1)
    with pytest.raises(TooMuchToAddUpError):
        stats.of_account(ACCOUNT, DAY, DAY)


def test_page_limit_is_above_the_counts_of_fifty_busy_webhooks() -> None:
    assert stats_table.MAX_PAGES * 1024 * 1024 > 50 * MAX_DAYS * 1_500


# ---- Reading the record of an attempt ----


def image(store: Store) -> dict[str, object]:
    (item,) = store.client.scan(TableName=DELIVERIES)["Items"]
    return dict(item)


@pytest.mark.parametrize(
    ("changes", "failed", "latency"),
    [
        ({}, False, 12.5),
        ({"status": "failed", "response_status": 500}, True, 12.5),
        ({"status": "failed", "response_status": None}, True, None),
        ({"trigger": "manual"}, False, 12.5),
        ({"trigger": "recover"}, False, 12.5),
    ],
    ids=str,
)
def test_stream_image_of_an_attempt_contains_the_counted_values(
    changes: dict[str, object], failed: bool, latency: float | None, store: Store
) -> None:
    accepted = NOW - timedelta(days=2)
    made = attempt(task(event(accepted_at=accepted)), timings_ms={"dns": 1.0, "total": 12.5}, **changes)
    store.deliveries.record([replace(made, attempted_at=NOW + SECOND)])
    assert attempt_from_image(image(store)) == CountedAttempt(
        ACCOUNT, webhook().id, accepted.date(), NOW + SECOND, failed, latency
    )


def test_test_deliveries_are_not_counted(store: Store) -> None:
    store.deliveries.record([attempt(trigger="test")])
    assert attempt_from_image(image(store)) is None


@pytest.mark.parametrize("missing", ["accountId", "attemptedAt", "status", "trigger", "sk", "pk"])
def test_stream_image_without_a_required_attribute_is_refused(missing: str, store: Store) -> None:
    store.deliveries.record([attempt()])
    found = image(store)
    del found[missing]
    with pytest.raises(KeyError):
        attempt_from_image(found)


def test_last_bucket_is_stored_like_any_other(stats: StatsTable) -> None:
    stats.count([placed(1, latency_ms=1e9)])
    assert stats.of_webhook(ACCOUNT, WEBHOOK, [DAY])[DAY].latencies == {LAST_BUCKET: 1}
