"""The grace period of a rotation, in which the previous secret still works."""

from datetime import datetime, timedelta

from latchhook.api_keys.api_key import ApiKey

MAX_GRACE_SECONDS = 604_800
"""Seven days."""


def grace_end(key: ApiKey, *, grace_seconds: int, now: datetime) -> datetime:
    """The time from which the previous secret is refused: the end of the grace period, or the key's earlier expiry."""
    end = now + timedelta(seconds=grace_seconds)
    return end if key.expires_at is None else min(end, key.expires_at)
