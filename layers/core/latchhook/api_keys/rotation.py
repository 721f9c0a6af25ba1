"""Rotating a key: a new secret for the same key, and how long the old one still holds."""

from datetime import datetime, timedelta

from latchhook.api_keys.api_key import ApiKey

MAX_GRACE_SECONDS = 604_800
"""Seven days (contracts.md)."""


def grace_end(key: ApiKey, *, grace_seconds: int, now: datetime) -> datetime:
    """The first moment at which the old secret is refused: after the grace, and never past the key's own expiry."""
    end = now + timedelta(seconds=grace_seconds)
    return end if key.expires_at is None else min(end, key.expires_at)
