"""How often keys were used, in answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.usage import Usage, last_days
from latchhook.edge.responses.formats import Uuid


class DayOfUseResponse(TypedDict):
    """One UTC day of a key."""

    day: Annotated[str, "date"]
    requests: int
    """Accepted requests; exact."""
    refused: dict[str, int]
    """Refused verifications by code."""


class UsageResponse(TypedDict):
    """A key's use by day, the oldest first; the last one is today, as far as it has come."""

    keyId: Uuid
    requests: int
    """Accepted requests of all these days."""
    data: list[DayOfUseResponse]


class DayResponse(TypedDict):
    """One UTC day of a key."""

    day: Annotated[str, "date"]
    requests: int
    """Accepted requests; exact."""


class UsedKeyResponse(TypedDict):
    """A key and its use by day, the oldest first; the last one is today, as far as it has come."""

    keyId: Uuid
    name: str
    prefix: str
    requests: int
    """Accepted requests of all these days."""
    data: list[DayResponse]


class UsageListResponse(TypedDict):
    """A page of keys, newest first, with their use by day."""

    data: list[UsedKeyResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


def usage_response(key_id: UUID, usage: Usage, days: int, now: datetime) -> UsageResponse:
    """The last `days` days, those without any use too."""
    data: list[DayOfUseResponse] = []
    for moment in last_days(days, now=now):
        day = f"{moment:%Y%m%d}"
        refused = dict(sorted(usage.refused.get(day, {}).items()))
        data.append({"day": f"{moment:%Y-%m-%d}", "requests": usage.requests.get(day, 0), "refused": refused})
    return {"keyId": str(key_id), "requests": sum(one["requests"] for one in data), "data": data}


def used_key_response(key: ApiKey, closed: Mapping[str, int], days: int, now: datetime) -> UsedKeyResponse:
    """The last `days` days of a key; `closed` are the uses that have left its item."""
    data: list[DayResponse] = []
    for moment in last_days(days, now=now):
        day = f"{moment:%Y%m%d}"
        requests = key.daily_requests.get(day, 0) + closed.get(day, 0)
        data.append({"day": f"{moment:%Y-%m-%d}", "requests": requests})
    total = sum(one["requests"] for one in data)
    return {"keyId": str(key.id), "name": key.name, "prefix": key.prefix, "requests": total, "data": data}
