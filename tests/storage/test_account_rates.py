"""Rate limits of accounts: exact under concurrent calls, and refused calls are not counted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest

from latchhook.rates import RateLimit
from latchhook.storage.account_rates import AccountRates
from tests.samples import ACCOUNT, NOW, SECOND
from tests.storage.conftest import Store
from tests.storage.keys import OTHER
from tests.template_tables import SETTINGS

LIMITS = {"write": RateLimit(6, 60, 3), "slow": RateLimit(60, 60, 1)}
TEN_SECONDS = 10 * SECOND


def rates(store: Store) -> AccountRates:
    return AccountRates(store.database, table=SETTINGS, limits=LIMITS)


def take(store: Store, now: datetime = NOW, *, account_id: str = ACCOUNT, kind: str = "write") -> int | None:
    return rates(store).take(account_id, kind, now=now)


def test_burst_is_accepted_at_once_and_then_the_even_rate(store: Store) -> None:
    assert [take(store) for _ in range(5)] == [None, None, None, 10, 10]
    assert take(store, NOW + 9 * SECOND) == 1
    assert [take(store, NOW + TEN_SECONDS) for _ in range(2)] == [None, 10]


def test_refused_calls_are_not_counted(store: Store) -> None:
    for _ in range(50):
        take(store)

    assert take(store, NOW + TEN_SECONDS) is None


def test_call_succeeds_after_the_reported_wait(store: Store) -> None:
    for _ in range(4):
        wait = take(store)

    assert wait is not None
    assert take(store, NOW + wait * SECOND) is None


def test_accounts_and_kinds_of_calls_have_separate_rates(store: Store) -> None:
    for _ in range(4):
        take(store)

    assert take(store, account_id=OTHER) is None
    assert [take(store, kind="slow") for _ in range(2)] == [None, 1]


def test_idle_account_costs_one_write_and_a_busy_account_two(store: Store) -> None:
    store.calls.clear()
    take(store)
    assert store.calls == {"UpdateItem": 1}
    take(store)
    assert store.calls == {"UpdateItem": 3}


def test_no_minute_exceeds_limit_plus_burst(store: Store) -> None:
    moments = _moments(Random(5))
    passed = [moment for moment in moments if take(store, moment) is None]

    for first in passed:
        within = [moment for moment in passed if first <= moment < first + timedelta(seconds=60)]
        assert len(within) <= LIMITS["write"].limit + LIMITS["write"].burst


def _moments(rng: Random) -> Iterator[datetime]:
    moment = NOW
    for _ in range(120):
        moment += timedelta(seconds=rng.choice([0, 0, 1, 3, 20]))
        yield moment


def test_item_expires_by_ttl_after_its_last_use(store: Store) -> None:
    take(store)
    (item,) = store.items(SETTINGS)

    assert item["ttl"] > (NOW + timedelta(hours=1)).timestamp()


@pytest.mark.parametrize("callers", [2, 24])
def test_rate_is_exact_under_concurrent_callers(store: Store, callers: int) -> None:
    shared = rates(store)
    with ThreadPoolExecutor(callers) as threads:
        outcomes = list(threads.map(lambda _: shared.take(ACCOUNT, "write", now=NOW), range(24)))

    assert outcomes.count(None) == 3
