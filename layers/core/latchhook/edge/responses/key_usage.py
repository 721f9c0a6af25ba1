"""Response bodies with the daily uses of API keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.usage import Usage, last_days
from latchhook.edge.responses.formats import Uuid


class DayOfUseResponse(TypedDict):
    """The uses and refusals of a key on one UTC day."""

    day: Annotated[str, "date"]
    requests: int
    """The exact number of accepted requests."""
    refused: dict[str, int]
    """The number of refused verifications for each code."""


class UsageResponse(TypedDict):
    """The uses and refusals of a key by UTC day."""

    keyId: Uuid
    requests: int
    """The number of accepted requests on all these days."""
    data: list[DayOfUseResponse]
    """The days, oldest first. The last day is today and not complete."""


class DayResponse(TypedDict):
    """The uses of a key on one UTC day."""

    day: Annotated[str, "date"]
    requests: int
    """The exact number of accepted requests."""


class UsedKeyResponse(TypedDict):
    """The uses of a key by UTC day."""

    keyId: Uuid
    name: str
    prefix: str
    requests: int
    """The number of accepted requests on all these days."""
    data: list[DayResponse]
    """The days, oldest first. The last day is today and not complete."""


class UsageListResponse(TypedDict):
    """The uses of several keys, newest key first."""

    data: list[UsedKeyResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


def usage_response(key_id: UUID, usage: Usage, days: int, now: datetime) -> UsageResponse:
    """Return the response body of a key's last `days` days, days without uses included."""
    data: list[DayOfUseResponse] = []
    for moment in last_days(days, now=now):
        day = f"{moment:%Y%m%d}"
        refused = dict(sorted(usage.refused.get(day, {}).items()))
        data.append({"day": f"{moment:%Y-%m-%d}", "requests": usage.requests.get(day, 0), "refused": refused})
    return {"keyId": str(key_id), "requests": sum(one["requests"] for one in data), "data": data}


def used_key_response(key: ApiKey, closed: Mapping[str, int], days: int, now: datetime) -> UsedKeyResponse:
    """Return the response body of a key's last `days` days. `closed` contains the uses from the usage rollup by day."""
    data: list[DayResponse] = []
    for moment in last_days(days, now=now):
        day = f"{moment:%Y%m%d}"
        requests = key.daily_requests.get(day, 0) + closed.get(day, 0)
        data.append({"day": f"{moment:%Y-%m-%d}", "requests": requests})
    total = sum(one["requests"] for one in data)
    return {"keyId": str(key.id), "name": key.name, "prefix": key.prefix, "requests": total, "data": data}
