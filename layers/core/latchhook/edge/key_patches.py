"""`PATCH /api-keys/{id}`: a merge patch over the key's configuration. The result is validated like a `PUT` body."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.changing import Configuration, settings_of
from latchhook.clock import rfc3339
from latchhook.edge.merge_patch import check_removals, merged
from latchhook.edge.schemas.key_changes import ReplaceKeyBody
from latchhook.edge.schemas.validation import validate

_REMOVABLE: Mapping[str, Collection[str] | None] = {
    **dict.fromkeys(["description", "scopes", "profileId", "expiresAt", "ownerUserId", "metadata", "ipAllowList"]),
    "rateLimit": ("burst",),
    "credits": ("refill",),
}
"""The fields that a patch can set to null."""


def patched(key: ApiKey, patch: Mapping[str, Any], now: datetime) -> Configuration:
    """Return the key's configuration after the patch. Raises `InvalidFieldsError`."""
    check_removals(patch, _REMOVABLE)
    return validate(ReplaceKeyBody, merged(_configuration(key, now), patch)).configuration()


def _configuration(key: ApiKey, now: datetime) -> dict[str, Any]:
    """Return the `PUT` body of the key's current configuration."""
    chosen = settings_of(key, now)
    rate, spendable = chosen.rate_limit, chosen.credits
    document: dict[str, Any] = {
        "name": chosen.name,
        "description": chosen.description,
        "scopes": list(chosen.scopes),
        "profileId": None if chosen.profile_id is None else str(chosen.profile_id),
        "expiresAt": None if chosen.expires_at is None else rfc3339(chosen.expires_at),
        "ownerUserId": chosen.owner_user_id,
        "followsOwner": chosen.follows_owner,
        "metadata": dict(chosen.metadata),
        "ipAllowList": list(chosen.ip_allow_list),
    }
    if rate is not None:
        document["rateLimit"] = {"limit": rate.limit, "windowSeconds": rate.window_seconds}
        if rate.burst != rate.limit:  # the default burst is the limit
            document["rateLimit"]["burst"] = rate.burst
    if spendable is not None:
        document["credits"] = {"remaining": spendable.remaining}
        if spendable.refill is not None:
            document["credits"]["refill"] = {"amount": spendable.refill.amount, "interval": spendable.refill.interval}
    return document
