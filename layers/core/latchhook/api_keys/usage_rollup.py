"""The usage rollup: move the daily counts of past months from the keys' items to separate items.

Every verification writes the key's item, so it must stay small: it contains only the current month and the current
billing period. The separate items expire when the API no longer shows them.
"""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.billing import CALENDAR_MONTHS, BillingDays
from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError

PAGE = 100


class UsedKeys(Protocol):
    """The index of keys by the oldest month in their items."""

    shards: Sequence[str]

    def used_before(self, shard: str, *, month: int, limit: int) -> Sequence[UUID]:
        """Return keys whose items contain counts of months before `month` (`YYYYMM`), the oldest first."""

    def close_months(self, key_id: UUID, *, month: int, kept_from: Callable[[str], str]) -> bool:
        """Move counts of months before `month` out of the key's item. Return False if nothing was moved.

        `kept_from` returns the first day, `YYYYMMDD`, that stays in the items of an account's keys.
        """


def close_months(
    keys: UsedKeys, *, clock: Clock, may_go_on: Callable[[], bool], billing_days: BillingDays = CALENDAR_MONTHS
) -> Swept:
    """Roll up past months of all keys while `may_go_on` returns true. The next run repeats failed keys.

    The days of an account's current billing period stay. A period never starts earlier than an earlier read of its
    start, so a change of the billing day during the run needs no moved day back.
    """
    now = clock()
    month = int(f"{now:%Y%m}")
    starts: dict[str, str] = {}

    def kept_from(account_id: str) -> str:
        if account_id not in starts:
            starts[account_id] = f"{billing_days.of(account_id).start(now):%Y%m%d}"
        return starts[account_id]

    swept = Swept()
    for shard in keys.shards:
        seen: set[UUID] = set()
        # The index still lists a processed key for a short time. Skip keys that were seen before.
        while new := [key_id for key_id in keys.used_before(shard, month=month, limit=PAGE) if key_id not in seen]:
            for key_id in new:
                if not may_go_on():
                    return swept
                try:
                    swept.done += keys.close_months(key_id, month=month, kept_from=kept_from)
                except DependencyUnavailableError as error:
                    swept.failures.append(error)
            seen |= set(new)
    return swept
