"""How often a key was used, in answers."""

from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from latchhook.api_keys.usage import Usage, last_days
from latchhook.edge.answers.formats import Uuid


class DayOfUseAnswer(TypedDict):
    """One UTC day of a key."""

    day: Annotated[str, "date"]
    requests: int
    """Accepted requests; exact."""
    refused: dict[str, int]
    """Refused verifications by code."""


class UsageAnswer(TypedDict):
    """A key's use by day, the oldest first; the last one is today, as far as it has come."""

    keyId: Uuid
    requests: int
    """Accepted requests of all these days."""
    data: list[DayOfUseAnswer]


def usage_answer(key_id: UUID, usage: Usage, days: int, now: datetime) -> UsageAnswer:
    """The last `days` days, those without any use too."""
    data: list[DayOfUseAnswer] = []
    for moment in last_days(days, now=now):
        day = f"{moment:%Y%m%d}"
        refused = dict(sorted(usage.refused.get(day, {}).items()))
        data.append({"day": f"{moment:%Y-%m-%d}", "requests": usage.requests.get(day, 0), "refused": refused})
    return {"keyId": str(key_id), "requests": sum(one["requests"] for one in data), "data": data}
