"""Checks that only some requests need: the rate limits of accounts and repeated requests."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.rates import RateLimit
from latchhook.storage.account_rates import AccountRates
from latchhook.storage.idempotency_items import CompletedRequestsTable


@cache
def account_rates() -> AccountRates:
    """The rate limits of accounts' calls."""
    writes, slow = settings().writes_per_minute, settings().slow_calls_per_minute
    limits = {"write": RateLimit(writes, 60, writes), "slow": RateLimit(slow, 60, max(1, slow // 3))}
    return AccountRates(database(), table=settings().settings_table, limits=limits)


@cache
def completed_requests() -> CompletedRequestsTable:
    """Records of requests with an `Idempotency-Key`."""
    return CompletedRequestsTable(database(), table=settings().settings_table)
