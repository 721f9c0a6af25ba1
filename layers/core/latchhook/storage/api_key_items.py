"""The item of an API key in the table ApiKeys. Every verification reads and writes it.

The primary key is `id` / `record`, and `record` is `KEY`. A use changes `lastUsedAt`, `uYYYYMMDD` (uses of a day),
`tat` and `readyAt` (state of the rate limit, epoch microseconds), `creditsLeft`, and once a month `usedSince`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.key_format import LEADING, display_prefix, leading_characters, token_name
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.verification import Refusal
from latchhook.clock import from_millis, to_millis
from latchhook.rates import RateLimit
from latchhook.storage.attributes import Item, to_attribute, to_item

RECORD = "KEY"

DAY = "u"
"""Prefix of the daily counters `uYYYYMMDD`. One `ADD` counts a use for the day and for the billing period."""

NOTICE = timedelta(days=7)
"""The event `api_key.expiring` is published this long before the expiry."""


def primary_key(key_id: UUID | str, record: str = RECORD) -> Item:
    """The primary key of a key's item, or of another record of the key."""
    return to_item({"id": str(key_id), "record": record})


SHARDS: Sequence[str] = tuple("0123456789abcdef")
"""The partitions of the indexes for scheduled jobs."""


def shard(key_id: UUID) -> str:
    """The partition of a key in the indexes for scheduled jobs: the first digit of its id."""
    return str(key_id)[0]


def new_item(key: ApiKey, key_hash: bytes, text_prefix: str) -> Item:
    """Build the item of a new key. `text_prefix` is the deployment's `ApiKeyPrefix`. The item stores it."""
    return {
        **primary_key(key.id),
        **to_item(
            {
                "shard": shard(key.id),
                "accountId": key.account_id,
                "liveAccountId": key.account_id,
                "userId": key.user_id,
                "textPrefix": text_prefix,
                # Only for an imported key. For every other key the prefix is computed.
                "shownPrefix": None if key.prefix == display_prefix(text_prefix, key.id) else key.prefix,
                "secretHash": key_hash,
                "createdAt": to_millis(key.created_at),
                "version": key.version,
            }
        ),
        **{name: value for name, value in settings_attributes(key).items() if value is not None},
        **{name: value for name, value in starting_attributes(key).items() if value is not None},
        **{name: value for name, value in due_attributes(key).items() if value is not None},
    }


def settings_attributes(key: ApiKey) -> dict[str, dict[str, Any] | None]:
    """The attributes of the settings. None for a missing attribute."""
    rate, refill = key.rate_limit, None if key.credits is None else key.credits.refill
    blocks = key.ip_allow_list
    values: dict[str, Any] = {
        "name": key.name,
        "description": key.description,
        "scopes": key.scopes,
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "status": key.stored_status,
        "updatedAt": to_millis(key.updated_at),
        "expiresAt": None if key.expires_at is None else to_millis(key.expires_at),
        "ownerUserId": key.other_owner_id,
        "followedUserId": key.followed_user_id,
        "metadata": json.dumps(dict(key.metadata), ensure_ascii=False) if key.metadata else None,
        "rateLimit": None if rate is None else [rate.limit, rate.window_seconds, rate.burst],
        "rateStep": None if rate is None else rate.step_micros,
        "removedRateStep": key.removed_rate_step_micros,
        "rateIdle": None if rate is None else rate.step_micros - rate.tolerance_micros,
        "refill": None if refill is None else [refill.amount, refill.interval],
        "ipAllowList": blocks or None,
        "ipRanges": [end for pair in ip_ranges.ranges(blocks) for end in pair] if blocks else None,
    }
    return {name: None if value is None else to_attribute(value) for name, value in values.items()}


def starting_attributes(key: ApiKey) -> dict[str, dict[str, Any] | None]:
    """The initial values of the attributes that uses change."""
    left = key.credits
    values: dict[str, Any] = {
        "tat": None if key.rate_limit is None else 0,
        "readyAt": None if key.rate_limit is None else 0,
        "creditsLimited": None if left is None else True,
        "creditsLeft": None if left is None else left.stored,
        "refillAt": None if left is None or left.refill_at is None else to_millis(left.refill_at),
        # No use spent the last credit if the credits start at zero.
        "limitTold": True if left is not None and left.stored == 0 else None,
    }
    return {name: None if value is None else to_attribute(value) for name, value in values.items()}


def due_attributes(key: ApiKey) -> dict[str, dict[str, Any] | None]:
    """The time at which the scheduled job processes the key: `NOTICE` before the expiry, or else at the expiry."""
    if key.stored_status != "active" or key.expires_at is None:
        return {"dueAt": None}
    notice = key.expires_at - NOTICE
    return {"dueAt": to_attribute(to_millis(notice if notice > key.updated_at else key.expires_at))}


def is_grant(item: Mapping[str, Any]) -> bool:
    """Return whether an item of the table is an OAuth grant (oauth_grant_items.py) and not an API key."""
    return "clientId" in item


def to_key(item: Mapping[str, Any]) -> ApiKey:
    """Build the key from its item."""
    key_id = UUID(item["id"])
    shown = item.get("shownPrefix")
    return ApiKey(
        id=key_id,
        account_id=item["accountId"],
        user_id=item["userId"],
        name=item["name"],
        description=item.get("description"),
        prefix=display_prefix(item["textPrefix"], key_id) if shown is None else shown,
        key_prefix=leading_characters(item["textPrefix"], key_id) if shown is None else shown[:LEADING],
        scopes=tuple(item["scopes"]),
        stored_status=item["status"],
        created_at=from_millis(item["grantedAt" if is_grant(item) else "createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        expires_at=moment(item, "expiresAt"),
        last_used_at=moment(item, "lastUsedAt"),
        revoked_at=moment(item, "revokedAt"),
        rotated_at=moment(item, "rotatedAt"),
        other_owner_id=item.get("ownerUserId"),
        follows_owner="followedUserId" in item,
        profile_id=UUID(item["profileId"]) if "profileId" in item else None,
        rate_limit=RateLimit(*item["rateLimit"]) if "rateLimit" in item else None,
        rate_full_at_micros=item.get("tat", 0),
        removed_rate_step_micros=item.get("removedRateStep"),
        credits=_credits(item) if "creditsLimited" in item else None,
        ip_allow_list=tuple(item.get("ipAllowList", ())),
        daily_requests=dict(daily(item)),
        metadata=json.loads(item["metadata"]) if "metadata" in item else {},
        limit_notified="limitTold" in item,
        version=item["version"],
        client_id=UUID(item["clientId"]) if is_grant(item) else None,
        resource=item.get("audience"),
    )


def to_token_key(item: Mapping[str, Any], key_hash: bytes) -> ApiKey:
    """Build the key from the item of an OAuth grant. It expires with the access token that has this hash."""
    return replace(to_key(item), expires_at=from_millis(item["tokens"][token_name(key_hash)]))


def to_refusal(item: Mapping[str, Any], key_hash: bytes) -> Refusal:
    """Build the key from its item, and find which of its secrets has this hash.

    An access token of an OAuth grant is a secret with an end, like the previous secret of a key.
    """
    if is_grant(item):
        ends_at = item["tokens"].get(token_name(key_hash))
        known = ends_at is not None
        return Refusal(to_key(item), "previous" if known else "unknown", from_millis(ends_at) if known else None)
    until = item.get("previousUntil")
    if item["secretHash"] == key_hash:
        return Refusal(to_key(item), "current", None)
    if item.get("previousHash") == key_hash and until is not None:
        return Refusal(to_key(item), "previous", from_millis(until))
    return Refusal(to_key(item), "unknown", None)


def moment(item: Mapping[str, Any], name: str) -> datetime | None:
    """A time attribute of the item. None if it is missing."""
    return from_millis(item[name]) if name in item else None


def daily(item: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The daily counts of an item: day `YYYYMMDD` and number of uses."""
    for name, value in item.items():
        if name[0] == DAY and name[1:].isdecimal():
            yield name[1:], value


def _credits(item: Mapping[str, Any]) -> Credits:
    refill = Refill(*item["refill"]) if "refill" in item else None
    return Credits(item["creditsLeft"], refill, moment(item, "refillAt"))
