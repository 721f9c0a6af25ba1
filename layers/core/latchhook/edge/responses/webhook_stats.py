"""How deliveries to webhooks went, in answers."""

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
    """Durations of whole calls in milliseconds that so many percent of the answers did not exceed, within 10 %."""

    p50: float
    p90: float
    p95: float
    p99: float


class DayOfAttemptsResponse(TypedDict):
    """One UTC day."""

    date: Annotated[str, "date"]
    attempts: int
    """Attempts, each retry one of them; tests are not counted."""
    succeeded: int
    failed: int
    successRate: float | None
    """From 0 to 1; null without attempts."""
    latencyMs: LatencyResponse | None
    """Of attempts that got an answer, whatever its status; null if none did."""


class WebhookStatsResponse(TypedDict):
    """A webhook's attempts by day, the oldest first; the last one is today, as far as it has come."""

    webhookId: Uuid
    data: list[DayOfAttemptsResponse]


class HourOfAttemptsResponse(TypedDict):
    """One hour."""

    hour: Moment
    """When it began."""
    attempts: int
    failed: int


class WebhookInStatsResponse(TypedDict):
    """One webhook."""

    id: Uuid
    attempts: int
    """Attempts of all the days."""
    failed: int
    last24Hours: list[HourOfAttemptsResponse]
    """The hour that runs and the 23 before it, the oldest first."""


class AccountStatsResponse(TypedDict):
    """The attempts of an account by day, the oldest first; the last one is today, as far as it has come."""

    data: list[DayOfAttemptsResponse]
    """Webhooks that are deleted count, too."""
    webhooks: list[WebhookInStatsResponse]
    """Every webhook that there is, by its id."""


def days_response(counts: Mapping[date, DayCounts], days: Iterable[date]) -> list[DayOfAttemptsResponse]:
    """Each of the days, those without attempts too."""
    return [_day(day, counts.get(day, NOTHING)) for day in days]


def account_stats_response(
    webhook_ids: Iterable[UUID],
    counts: Mapping[UUID, Mapping[date, DayCounts]],
    days: Sequence[date],
    now: datetime,
) -> AccountStatsResponse:
    """`counts` are by webhook and day, of all webhooks that there were, yesterday and today among the days."""
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
