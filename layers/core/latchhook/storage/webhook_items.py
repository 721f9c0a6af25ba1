"""Convert webhooks to items of the table Settings and back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.rates import RateLimit
from latchhook.storage.attributes import Item, to_attribute, to_item
from latchhook.webhooks.custom_headers import CustomHeader
from latchhook.webhooks.key_pairs import StoredKeyPair
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook


def webhook_key(account_id: str, webhook_id: UUID) -> Item:
    """A webhook's primary key."""
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": f"WEBHOOK#{webhook_id}"})


def to_webhook(item: Mapping[str, Any]) -> Webhook:
    """Build the webhook from its item."""
    return Webhook(
        id=UUID(item["sk"].removeprefix("WEBHOOK#")),
        account_id=item["pk"].removeprefix("ACCOUNT#"),
        url=item["url"],
        events=tuple(item["events"]),
        description=item.get("description"),
        status=item["status"],
        secrets=tuple(_to_secret(secret) for secret in item["secrets"]),
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        filter=json.loads(item["filter"]) if "filter" in item else None,
        headers=tuple(_to_header(header) for header in item.get("headers", ())),
        retry_schedule_seconds=tuple(item["retrySchedule"]) if "retrySchedule" in item else None,
        disabled_reason=item.get("disabledReason"),
        failing_since=from_millis(item["failingSince"]) if "failingSince" in item else None,
        failures=item.get("failures", 0),
        failing_notified="failingTold" in item,
        key_pairs=tuple(_to_key_pair(pair) for pair in item.get("keyPairs", ())),
        disabled_at=from_millis(item["disabledAt"]) if "disabledAt" in item else None,
        recover_since=from_millis(item["recoverSince"]) if "recoverSince" in item else None,
        rate_limit=_to_rate_limit(item["rateLimit"]) if "rateLimit" in item else None,
        slow_seconds=item.get("slowSeconds"),
        version=item["version"],
    )


def webhook_item(webhook: Webhook) -> Item:
    """Build the item of a new webhook."""
    attributes = {name: value for name, value in webhook_attributes(webhook).items() if value is not None}
    created_at = to_attribute(to_millis(webhook.created_at))
    return {**webhook_key(webhook.account_id, webhook.id), **attributes, "createdAt": created_at}


def webhook_attributes(webhook: Webhook) -> dict[str, dict[str, Any] | None]:
    """The attributes of a webhook that can change. None for a missing attribute."""
    schedule, rate = webhook.retry_schedule_seconds, webhook.rate_limit
    values: dict[str, Any] = {
        "events": webhook.events,
        "description": webhook.description,
        "status": webhook.status,
        "secrets": [_secret_map(secret) for secret in webhook.secrets],
        "updatedAt": to_millis(webhook.updated_at),
        "filter": None if webhook.filter is None else json.dumps(webhook.filter, ensure_ascii=False),
        "headers": [_header_map(header) for header in webhook.headers] or None,
        "retrySchedule": schedule,
        "disabledReason": webhook.disabled_reason,
        "failingSince": since_millis(webhook),
        "failures": webhook.failures or None,
        "failingTold": webhook.failing_notified or None,
        "keyPairs": [_key_pair_map(pair) for pair in webhook.key_pairs] or None,
        "disabledAt": None if webhook.disabled_at is None else to_millis(webhook.disabled_at),
        "recoverSince": None if webhook.recover_since is None else to_millis(webhook.recover_since),
        "rateLimit": None if rate is None else [rate.limit, rate.window_seconds],
        "slowSeconds": webhook.slow_seconds,
        "version": webhook.version,
    }
    return {
        **{name: None if value is None else to_attribute(value) for name, value in values.items()},
        "url": {"NULL": True} if webhook.url is None else {"S": webhook.url},
    }


def since_millis(webhook: Webhook) -> int | None:
    """The time since which the webhook fails, in epoch milliseconds."""
    return None if webhook.failing_since is None else to_millis(webhook.failing_since)


def _to_rate_limit(values: Sequence[int]) -> RateLimit:
    limit, window_seconds = values
    return RateLimit(limit, window_seconds, burst=1)


def _secret_map(secret: StoredSecret) -> dict[str, Any]:
    until = secret.signs_until
    return {"ciphertext": secret.ciphertext} | ({} if until is None else {"signsUntil": to_millis(until)})


def _to_secret(secret: Mapping[str, Any]) -> StoredSecret:
    until = secret.get("signsUntil")
    return StoredSecret(secret["ciphertext"], None if until is None else from_millis(until))


def _key_pair_map(pair: StoredKeyPair) -> dict[str, Any]:
    return {**_secret_map(pair), "publicKey": pair.public_key}


def _to_key_pair(pair: Mapping[str, Any]) -> StoredKeyPair:
    private = _to_secret(pair)
    return StoredKeyPair(private.ciphertext, private.signs_until, public_key=pair["publicKey"])


def _header_map(header: CustomHeader) -> dict[str, Any]:
    if header.sealed is not None:
        return {"name": header.name, "sealed": header.sealed.ciphertext}
    return {"name": header.name, "value": header.value or ""}


def _to_header(header: Mapping[str, Any]) -> CustomHeader:
    sealed = header.get("sealed")
    return CustomHeader(header["name"], header.get("value"), None if sealed is None else StoredSecret(sealed))
