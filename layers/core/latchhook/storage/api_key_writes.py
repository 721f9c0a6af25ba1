"""The writes of API keys: new keys, changed settings, new secrets and revocations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.storage.api_key_items import due_attributes, primary_key, settings_attributes, starting_attributes
from latchhook.storage.attributes import to_attribute, to_item


def key_put(table: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Build the write of a new key."""
    return {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(id)"}


def key_change(table: str, before: ApiKey, after: ApiKey) -> dict[str, Any]:
    """Build the change of a key's settings. Its condition is that no other change came first."""
    changes = _changed_attributes(before, after)
    names = {f"#{name}": name for name in changes}
    # If a use has written the refill since the read, the change must not repeat the refill.
    refill_at = None if before.credits is None else before.credits.refill_at
    no_refill = "" if "creditsLeft" not in changes or refill_at is None else " AND refillAt = :refillSeen"
    kept = {name: value for name, value in changes.items() if value is not None}
    sets = ["version = version + :one", *(f"#{name} = :{name}" for name in kept)]
    moved = _moved_rate(before, after)
    if moved:
        sets += ["tat = if_not_exists(tat, :zero) + :moved", "readyAt = if_not_exists(tat, :zero) + :readyMoved"]
    gone = [f"#{name}" for name, value in changes.items() if value is None]
    update: dict[str, Any] = {
        "TableName": table,
        "Key": primary_key(before.id),
        "UpdateExpression": f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(gone)}" if gone else ""),
        "ConditionExpression": f"accountId = :account AND version = :before{no_refill}",
        "ExpressionAttributeValues": {
            **{f":{name}": value for name, value in kept.items()},
            **to_item({":account": before.account_id, ":before": before.version, ":one": 1, **moved}),
        },
    }
    if no_refill and refill_at is not None:
        update["ExpressionAttributeValues"][":refillSeen"] = to_attribute(to_millis(refill_at))
    if names:
        update["ExpressionAttributeNames"] = names
    return update


def secret_change(
    table: str, key: ApiKey, key_hash: bytes, previous_until: datetime, now: datetime, kept_hash: bytes | None
) -> dict[str, Any]:
    """Build the replacement of a key's secret. The current secret, or `kept_hash`, works until `previous_until`."""
    kept = "secretHash" if kept_hash is None else ":kept"
    return {
        "TableName": table,
        "Key": primary_key(key.id),
        "UpdateExpression": (
            f"SET previousHash = {kept}, previousUntil = :until, secretHash = :hash, updatedAt = :now,"
            " rotatedAt = :now, version = version + :one REMOVE shownPrefix"
        ),
        "ConditionExpression": "accountId = :account AND version = :version",
        "ExpressionAttributeValues": to_item(
            {
                ":account": key.account_id,
                ":version": key.version,
                ":until": to_millis(previous_until),
                ":hash": key_hash,
                ":kept": kept_hash,
                ":now": to_millis(now),
                ":one": 1,
            }
        ),
    }


def revocation(table: str, account_id: str, key_id: UUID, profile_id: str | None, entry: AuditEntry) -> dict[str, Any]:
    """Build the revocation of a key of this account, not yet revoked, with this profile."""
    same = "attribute_not_exists(profileId)" if profile_id is None else "profileId = :profile"
    return {
        "Update": {
            "TableName": table,
            "Key": primary_key(key_id),
            "UpdateExpression": (
                "SET #status = :revoked, revokedAt = :now, updatedAt = :now, version = version + :one"
                " REMOVE liveAccountId, dueAt"
            ),
            "ConditionExpression": (
                f"accountId = :account AND #status <> :revoked AND attribute_not_exists(clientId) AND {same}"
            ),
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": to_item(
                {
                    ":account": account_id,
                    ":revoked": "revoked",
                    ":now": to_millis(entry.origin.at),
                    ":one": 1,
                    ":profile": profile_id,
                }
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _changed_attributes(before: ApiKey, after: ApiKey) -> Mapping[str, dict[str, Any] | None]:
    was, new = settings_attributes(before), settings_attributes(after)
    changes = {name: value for name, value in new.items() if value != was[name]}
    if after.credits != before.credits:
        changes |= _changed_credits(before, after)
    if (after.expires_at, after.stored_status) != (before.expires_at, before.stored_status):
        changes |= due_attributes(after)
    return changes


def _moved_rate(before: ApiKey, after: ApiKey) -> dict[str, int]:
    """Return the differences by which a change of the rate limit moves its state.

    The update adds the differences instead of setting values, so that uses since the read of `before` still count.
    """
    limit = after.rate_limit
    if limit is None or limit == before.rate_limit:
        return {}
    moved = after.rate_full_at_micros - before.rate_full_at_micros
    return {":moved": moved, ":readyMoved": moved - limit.tolerance_micros, ":zero": 0}


def _changed_credits(before: ApiKey, after: ApiKey) -> dict[str, dict[str, Any] | None]:
    """Return only the changed attributes of the credits, because uses may spend credits at the same time."""
    was, new = starting_attributes(before), starting_attributes(after)
    names = ("creditsLimited", "creditsLeft", "refillAt")
    changes = {name: new[name] for name in names if new[name] != was[name]}
    return {**changes, "limitTold": new["limitTold"]} if "creditsLeft" in changes else changes
