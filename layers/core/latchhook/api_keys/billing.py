"""Billing periods: a key's `requestCount` counts the accepted uses of the current period.

A period is a calendar month in UTC, or starts on the account's billing day. In a month with fewer days, it starts on
the last day. A change of the day starts a new period on the day of the change, so that no period is longer than 31
days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

MAX_DAY = 31

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BillingDay:
    """The day of the month on which an account's billing periods start, at 00:00 UTC."""

    day: int = 1
    since: datetime | None = None
    """The start of the day of the last change. No period starts earlier. None if the day never changed."""

    def start(self, now: datetime) -> datetime:
        """The start of the period that contains `now`."""
        started = self._in_month_of(now)
        if started > now:
            started = self._in_month_of(now.replace(day=1) - _DAY)
        return started if self.since is None else max(started, self.since)

    def end(self, now: datetime) -> datetime:
        """The end of the period that contains `now`: the start of the next period."""
        ends = self._in_month_of(now)
        return ends if ends > now else self._in_month_of(_next_month(now))

    def _in_month_of(self, moment: datetime) -> datetime:
        first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        last_day = (_next_month(first) - _DAY).day
        return first.replace(day=min(self.day, last_day))


CALENDAR_MONTH = BillingDay()


class BillingDays(Protocol):
    """The billing days of accounts."""

    def of(self, account_id: str) -> BillingDay:
        """Return the account's billing day."""


class CalendarMonths:
    """Every account's billing period is the calendar month."""

    def of(self, account_id: str) -> BillingDay:  # noqa: ARG002  # the same for every account
        """Return the first day of the month."""
        return CALENDAR_MONTH


CALENDAR_MONTHS = CalendarMonths()


def _next_month(moment: datetime) -> datetime:
    """The first day of the next month, at the same time of day."""
    return (moment.replace(day=28) + 4 * _DAY).replace(day=1)
