"""Rates of accounts' calls: exact under any number of callers, and nothing is counted over the limit."""

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


def test_burst_comes_at_once_and_then_the_rate(store: Store) -> None:
    assert [take(store) for _ in range(5)] == [None, None, None, 10, 10]
    assert take(store, NOW + 9 * SECOND) == 1
    assert [take(store, NOW + TEN_SECONDS) for _ in range(2)] == [None, 10]


def test_call_over_the_limit_counts_nothing(store: Store) -> None:
    for _ in range(50):
        take(store)

    assert take(store, NOW + TEN_SECONDS) is None


def test_wait_is_as_long_as_it_says(store: Store) -> None:
    for _ in range(4):
        wait = take(store)

    assert wait is not None
    assert take(store, NOW + wait * SECOND) is None


def test_accounts_and_kinds_have_rates_of_their_own(store: Store) -> None:
    for _ in range(4):
        take(store)

    assert take(store, account_id=OTHER) is None
    assert [take(store, kind="slow") for _ in range(2)] == [None, 1]


def test_quiet_account_costs_one_write_and_a_busy_one_two(store: Store) -> None:
    store.calls.clear()
    take(store)
    assert store.calls == {"UpdateItem": 1}
    take(store)
    assert store.calls == {"UpdateItem": 3}


def test_no_minute_has_more_than_limit_and_burst(store: Store) -> None:
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


def test_item_goes_by_ttl_after_its_use(store: Store) -> None:
    take(store)
    (item,) = store.items(SETTINGS)

    assert item["ttl"] > (NOW + timedelta(hours=1)).timestamp()


@pytest.mark.parametrize("callers", [2, 24])
def test_rate_is_exact_under_concurrent_callers(amazon_store: Store, callers: int) -> None:
    shared = rates(amazon_store)
    with ThreadPoolExecutor(callers) as threads:
        outcomes = list(threads.map(lambda _: shared.take(ACCOUNT, "write", now=NOW), range(24)))

    assert outcomes.count(None) == 3
