"""The table Settings: an account's webhooks, and the audit log.

Primary key `owner` / `thing`: a webhook is `ACCOUNT#<account>` / `WEBHOOK#<id>`, an audit entry as audit_items.py has
it; account_things.py counts the webhooks, profiles_table.py has the permission profiles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.storage.account_things import all_things, one_less, one_more
from latchhook.storage.attributes import Item, to_attribute, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.webhooks.errors import TooManyWebhooksError, WebhookNotFoundError
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT, Webhook

_COUNTER = "webhooks"


class SettingsTable:
    """Every access to webhooks, and entries of the audit log that stand alone."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def add_webhook(self, webhook: Webhook, entry: AuditEntry) -> bool:
        """Stores a new webhook, counts it and records who made it: one transaction. False if its id is there already.

        Raises `TooManyWebhooksError`.
        """
        put = {
            "TableName": self._table,
            "Item": _webhook_item(webhook),
            "ConditionExpression": "attribute_not_exists(thing)",
        }
        count = one_more(self._table, webhook.account_id, _COUNTER, limit=MAX_WEBHOOKS_PER_ACCOUNT)
        try:
            self._database.transact({"Put": put}, count, self._audit.put(entry))
        except ConditionFailedError as failed:
            if failed.position == 1:
                raise TooManyWebhooksError from None
            return False
        return True

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """One webhook of the account, or None."""
        item = self._database.get(self._table, webhook_key(account_id, webhook_id))
        return None if item is None else to_webhook(item)

    def webhook(self, account_id: str, webhook_id: UUID) -> Webhook:
        """One webhook of the account; raises `WebhookNotFoundError`."""
        found = self.find_webhook(account_id, webhook_id)
        if found is None:
            raise WebhookNotFoundError
        return found

    def of_account(self, account_id: str) -> Sequence[Webhook]:
        """All webhooks of the account, strongly consistent, in the order of their ids.

        One query: fifty of the largest webhooks come close to the megabyte that one brings.
        """
        items = all_things(self._database, self._table, account_id, "WEBHOOK#", limit=MAX_WEBHOOKS_PER_ACCOUNT)
        return [to_webhook(item) for item in items]

    def delete_webhook(self, account_id: str, webhook_id: UUID, entry: AuditEntry) -> None:
        """Deletes a webhook; raises `WebhookNotFoundError`."""
        delete = {
            "TableName": self._table,
            "Key": webhook_key(account_id, webhook_id),
            "ConditionExpression": "attribute_exists(thing)",
        }
        count = one_less(self._table, account_id, _COUNTER)
        try:
            self._database.transact({"Delete": delete}, count, self._audit.put(entry))
        except ConditionFailedError:
            raise WebhookNotFoundError from None

    def set_url(self, webhook: Webhook, url: str | None, *, now: datetime, entry: AuditEntry) -> Webhook:
        """Changes where a webhook goes; None keeps the webhook and sends nothing. Raises `WebhookNotFoundError`.

        A receiver that was gone gets a second chance at its new place: a disabled webhook is active again.
        """
        self._change(
            webhook,
            "SET #url = :url, #status = :active, updatedAt = :now REMOVE disabledReason",
            {"#url": "url", "#status": "status"},
            {":url": {"NULL": True} if url is None else {"S": url}, ":active": {"S": "active"}},
            now,
            entry,
        )
        return replace(webhook, url=url, status="active", updated_at=now)

    def replace_secrets(
        self, webhook: Webhook, secrets: Sequence[StoredSecret], *, now: datetime, entry: AuditEntry
    ) -> None:
        """Makes `secrets` the ones that sign, newest first. Raises `WebhookNotFoundError`."""
        self._change(
            webhook,
            "SET secrets = :secrets, updatedAt = :now",
            {},
            {":secrets": to_attribute([_secret_map(secret) for secret in secrets])},
            now,
            entry,
        )

    def disable(self, account_id: str, webhook_id: UUID, *, reason: str, now: datetime) -> None:
        """Disables a webhook that is active and unchanged since `now`: a receiver that was gone may be back by now."""
        try:
            self._database.update(
                self._table,
                webhook_key(account_id, webhook_id),
                UpdateExpression="SET #status = :disabled, disabledReason = :reason, updatedAt = :now",
                ConditionExpression="#status = :active AND updatedAt <= :now",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item(
                    {":disabled": "disabled", ":active": "active", ":reason": reason, ":now": to_millis(now)}
                ),
            )
        except ConditionFailedError:
            return

    def record(self, entry: AuditEntry) -> None:
        """Records what was done where nothing changed: the reading of a secret."""
        self._database.put(self._table, self._audit.item(entry))

    def _change(
        self,
        webhook: Webhook,
        expression: str,
        names: Mapping[str, str],
        values: Item,
        now: datetime,
        entry: AuditEntry,
    ) -> None:
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": webhook_key(webhook.account_id, webhook.id),
            "UpdateExpression": expression,
            "ConditionExpression": "attribute_exists(thing)",
            "ExpressionAttributeValues": {**values, ":now": to_attribute(to_millis(now))},
        }
        if names:
            update["ExpressionAttributeNames"] = dict(names)
        try:
            self._database.transact({"Update": update}, self._audit.put(entry))
        except ConditionFailedError:
            raise WebhookNotFoundError from None


def webhook_key(account_id: str, webhook_id: UUID) -> Item:
    """A webhook's primary key."""
    return to_item({"owner": f"ACCOUNT#{account_id}", "thing": f"WEBHOOK#{webhook_id}"})


def to_webhook(item: Mapping[str, Any]) -> Webhook:
    """A webhook from its item."""
    return Webhook(
        id=UUID(item["thing"].removeprefix("WEBHOOK#")),
        account_id=item["owner"].removeprefix("ACCOUNT#"),
        url=item["url"],
        events=tuple(item["events"]),
        description=item.get("description"),
        status=item["status"],
        secrets=tuple(
            StoredSecret(secret["ciphertext"], from_millis(secret["signsUntil"]) if "signsUntil" in secret else None)
            for secret in item["secrets"]
        ),
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
    )


def _webhook_item(webhook: Webhook) -> Item:
    return {
        **webhook_key(webhook.account_id, webhook.id),
        **to_item(
            {
                "events": webhook.events,
                "description": webhook.description,
                "status": webhook.status,
                "secrets": [_secret_map(secret) for secret in webhook.secrets],
                "createdAt": to_millis(webhook.created_at),
                "updatedAt": to_millis(webhook.updated_at),
            }
        ),
        "url": {"NULL": True} if webhook.url is None else {"S": webhook.url},
    }


def _secret_map(secret: StoredSecret) -> dict[str, Any]:
    until = secret.signs_until
    return {"ciphertext": secret.ciphertext} | ({} if until is None else {"signsUntil": to_millis(until)})
