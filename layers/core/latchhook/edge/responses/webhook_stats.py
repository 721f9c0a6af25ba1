"""Response bodies with the statistics of webhooks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, TypedDict
from uuid import UUID

from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.webhooks.stats import (
    NOTHING,
    DayCounts,
    last_24_hours,
    percentiles,
    together,
)


class LatencyResponse(TypedDict):
    """Percentiles of the duration of a whole request, in milliseconds. They are exact to within 10 %."""

    p50: float
    p90: float
    p95: float
    p99: float


class DayOfAttemptsResponse(TypedDict):
    """The attempts of one UTC day."""

    date: Annotated[str, "date"]
    attempts: int
    """The number of attempts. Each retry is counted, test deliveries are not."""
    succeeded: int
    failed: int
    successRate: float | None
    """The successful fraction of the attempts, from 0 to 1; null without attempts."""
    latencyMs: LatencyResponse | None
    """The latency of attempts with a response of any status; null without responses."""


class WebhookStatsResponse(TypedDict):
    """The attempts of a webhook by UTC day."""

    webhookId: Uuid
    data: list[DayOfAttemptsResponse]
    """The days, oldest first. The last day is today and not complete."""


class HourOfAttemptsResponse(TypedDict):
    """The attempts of one hour."""

    hour: Moment
    """The start of the hour."""
    attempts: int
    failed: int


class WebhookInStatsResponse(TypedDict):
    """The attempts of one webhook."""

    id: Uuid
    attempts: int
    """The number of attempts on all requested days."""
    failed: int
    """The number of failed attempts on all requested days."""
    last24Hours: list[HourOfAttemptsResponse]
    """The current hour and the 23 hours before it, oldest first."""


class AccountStatsResponse(TypedDict):
    """The attempts of an account by UTC day, and of each of its webhooks."""

    data: list[DayOfAttemptsResponse]
    """The days, oldest first, with the attempts of deleted webhooks. The last day is today and not complete."""
    webhooks: list[WebhookInStatsResponse]
    """The webhooks that exist now."""


def days_response(counts: Mapping[date, DayCounts], days: Iterable[date]) -> list[DayOfAttemptsResponse]:
    """Return the response body of each day, days without attempts included."""
    return [_day(day, counts.get(day, NOTHING)) for day in days]


def account_stats_response(
    webhook_ids: Iterable[UUID],
    counts: Mapping[UUID, Mapping[date, DayCounts]],
    days: Sequence[date],
    now: datetime,
) -> AccountStatsResponse:
    """Return the response body of an account's statistics.

    `counts` contains the days of all webhooks, deleted ones included, and always yesterday and today.
    """
    of_day = {day: together(of_webhook[day] for of_webhook in counts.values() if day in of_webhook) for day in days}
    return {
        "data": days_response(of_day, days),
        "webhooks": [_webhook(webhook_id, counts.get(webhook_id, {}), days, now) for webhook_id in webhook_ids],
    }


def _webhook(
    webhook_id: UUID, counts: Mapping[date, DayCounts], days: Iterable[date], now: datetime
) -> WebhookInStatsResponse:
    of_days = [counts[day] for day in days if day in counts]
    return {
        "id": str(webhook_id),
        "attempts": sum(each.attempted for each in of_days),
        "failed": sum(each.failed for each in of_days),
        "last24Hours": [
            {"hour": rfc3339(hour.start), "attempts": hour.attempts, "failed": hour.failed}
            for hour in last_24_hours(counts, now=now)
        ],
    }


def _day(day: date, counts: DayCounts) -> DayOfAttemptsResponse:
    attempts, failed = counts.attempted, counts.failed
    latency = percentiles(counts.latencies)
    return {
        "date": f"{day:%Y-%m-%d}",
        "attempts": attempts,
        "succeeded": attempts - failed,
        "failed": failed,
        "successRate": (attempts - failed) / attempts if attempts else None,
        "latencyMs": None
        if latency is None
        else {"p50": latency.p50, "p90": latency.p90, "p95": latency.p95, "p99": latency.p99},
    }
