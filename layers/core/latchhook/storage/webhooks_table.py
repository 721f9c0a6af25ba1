"""Webhooks in the table Settings: `ACCOUNT#<account>` / `WEBHOOK#<id>`. account_items.py counts them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import Page, Position
from latchhook.storage.account_items import all_items, one_less, one_more, page_of
from latchhook.storage.attributes import to_attribute, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done
from latchhook.storage.webhook_items import since_millis, to_webhook, webhook_attributes, webhook_item, webhook_key
from latchhook.webhooks.errors import TooManyWebhooksError, WebhookChangedError, WebhookNotFoundError
from latchhook.webhooks.health import FAILING
from latchhook.webhooks.secrets import previous_until
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT, Webhook

_COUNTER = "webhooks"


class WebhooksTable:
    """Reads and writes webhooks, and writes audit entries that belong to no transaction."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        """Store and count a new webhook, in one transaction with the audit entry. Return False if its id exists.

        Raises `TooManyWebhooksError` and `AlreadyCompletedError`.
        """
        # First, so that a repeated request gets its result even if the account is full now.
        idempotency_records = idempotency_puts(self._table, idempotency_key, entry)
        put = {
            "TableName": self._table,
            "Item": webhook_item(webhook),
            "ConditionExpression": "attribute_not_exists(sk)",
        }
        count = one_more(self._table, webhook.account_id, _COUNTER, limit=MAX_WEBHOOKS_PER_ACCOUNT)
        try:
            self._database.transact(*idempotency_records, {"Put": put}, count, self._audit.put(entry))
        except ConditionFailedError as failed:
            raise_if_done(failed)
            if failed.position == len(idempotency_records) + 1:
                raise TooManyWebhooksError from None
            return False
        return True

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """Read one webhook of the account. None if it does not exist."""
        item = self._database.get(self._table, webhook_key(account_id, webhook_id))
        return None if item is None else to_webhook(item)

    def webhook(self, account_id: str, webhook_id: UUID) -> Webhook:
        """Read one webhook of the account. Raises `WebhookNotFoundError`."""
        found = self.find_webhook(account_id, webhook_id)
        if found is None:
            raise WebhookNotFoundError
        return found

    def of_account(self, account_id: str) -> Sequence[Webhook]:
        """Return all webhooks of the account by id, strongly consistent. Large webhooks may need several queries."""
        items = all_items(self._database, self._table, account_id, "WEBHOOK#", limit=MAX_WEBHOOKS_PER_ACCOUNT)
        return [to_webhook(item) for item in items]

    def page(self, account_id: str, *, limit: int, after: Position | None) -> Page[Webhook]:
        """Return a page of the account's webhooks, newest first. Each page reads all webhooks, at most 50."""
        return page_of(self.of_account(account_id), limit=limit, after=after)

    def delete_webhook(self, account_id: str, webhook_id: UUID, entry: AuditEntry) -> None:
        """Delete a webhook. Raises `WebhookNotFoundError`."""
        delete = {
            "TableName": self._table,
            "Key": webhook_key(account_id, webhook_id),
            "ConditionExpression": "attribute_exists(sk)",
        }
        count = one_less(self._table, account_id, _COUNTER)
        try:
            self._database.transact({"Delete": delete}, count, self._audit.put(entry))
        except ConditionFailedError:
            raise WebhookNotFoundError from None

    def replace(
        self, before: Webhook, after: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        """Write the differences between `before` and `after`, in one transaction with the audit entry.

        Raises `WebhookChangedError` if the stored webhook differs from `before`, `WebhookNotFoundError` and
        `AlreadyCompletedError`.
        """
        was, new = webhook_attributes(before), webhook_attributes(after)
        changes = {name: value for name, value in new.items() if value != was[name]}
        kept = {name: value for name, value in changes.items() if value is not None}
        gone = [f"#{name}" for name, value in changes.items() if value is None]
        update = {
            "TableName": self._table,
            "Key": webhook_key(before.account_id, before.id),
            "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in kept)}"
            + (f" REMOVE {', '.join(gone)}" if gone else ""),
            "ConditionExpression": "version = :before",
            "ExpressionAttributeNames": {f"#{name}": name for name in changes},
            "ExpressionAttributeValues": {
                **{f":{name}": value for name, value in kept.items()},
                ":before": to_attribute(before.version),
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        idempotency_records = idempotency_puts(self._table, idempotency_key, entry, previous_until(after.secrets))
        try:
            self._database.transact({"Update": update}, self._audit.put(entry), *idempotency_records)
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise (WebhookNotFoundError if failed.item is None else WebhookChangedError) from None

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        """Count a failure and return the new webhook. None if the webhook is missing or not active."""
        try:
            item = self._database.update(
                self._table,
                webhook_key(webhook.account_id, webhook.id),
                UpdateExpression="SET failingSince = if_not_exists(failingSince, :now) ADD failures :one",
                ConditionExpression="#status = :active",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item({":active": "active", ":now": to_millis(now), ":one": 1}),
            )
        except ConditionFailedError:
            return None
        return to_webhook(item)

    def note_success(self, webhook: Webhook) -> None:
        """Reset a webhook's failures. Do nothing if they were reset since the read and have started again."""
        try:
            self._database.update(
                self._table,
                webhook_key(webhook.account_id, webhook.id),
                UpdateExpression="REMOVE failingSince, failures, failingTold",
                ConditionExpression="failingSince = :seen",
                ExpressionAttributeValues=to_item({":seen": since_millis(webhook)}),
            )
        except ConditionFailedError:
            return

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        """Record once, for the current series of failures, that the account is notified."""
        update = {
            "TableName": self._table,
            "Key": webhook_key(webhook.account_id, webhook.id),
            "UpdateExpression": "SET failingTold = :yes",
            "ConditionExpression": "failingSince = :seen AND attribute_not_exists(failingTold)",
            "ExpressionAttributeValues": to_item({":seen": since_millis(webhook), ":yes": True}),
        }
        try:
            self._database.transact({"Update": update}, self._audit.put(entry))
        except ConditionFailedError:
            return

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        """Record the speed class of a webhook's receiver.

        A slower class than the stored class is always written. A faster class is written only if the stored class is
        still the class of `webhook`.
        """
        known = webhook.slow_seconds
        higher = slow_seconds is not None and (known is None or slow_seconds > known)
        try:
            self._database.update(
                self._table,
                webhook_key(webhook.account_id, webhook.id),
                UpdateExpression="REMOVE slowSeconds" if slow_seconds is None else "SET slowSeconds = :slow",
                ConditionExpression="attribute_exists(sk) AND"
                " (attribute_not_exists(slowSeconds) OR slowSeconds < :slow)"
                if higher
                else "slowSeconds = :seen",
                ExpressionAttributeValues=to_item({":slow": slow_seconds, ":seen": None if higher else known}),
            )
        except ConditionFailedError:
            return

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        """Disable an active webhook, unless a caller changed it after `as_of`, or a failing webhook has recovered."""
        recovered = " AND failingSince = :seen" if reason == FAILING else ""
        update = {
            "TableName": self._table,
            "Key": webhook_key(webhook.account_id, webhook.id),
            "UpdateExpression": (
                "SET #status = :disabled, disabledReason = :reason, disabledAt = :now, updatedAt = :now, "
                "version = version + :one"
            ),
            "ConditionExpression": f"#status = :active AND updatedAt <= :asOf{recovered}",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": to_item(
                {
                    ":disabled": "disabled",
                    ":active": "active",
                    ":reason": reason,
                    ":now": to_millis(entry.origin.at),
                    ":asOf": to_millis(as_of),
                    ":seen": since_millis(webhook) if recovered else None,
                    ":one": 1,
                }
            ),
        }
        try:
            self._database.transact({"Update": update}, self._audit.put(entry))
        except ConditionFailedError:
            return

    def named(self, webhooks: Iterable[tuple[str, UUID]]) -> Mapping[UUID, Webhook]:
        """Return the existing webhooks among at most 100 pairs of account and id, strongly consistent."""
        keys = [webhook_key(*name) for name in dict.fromkeys(webhooks)]
        found = (to_webhook(item) for item in self._database.batch_get({self._table: keys}))
        return {webhook.id: webhook for webhook in found}

    def record(self, entry: AuditEntry) -> None:
        """Write an entry for an action without a change: the read of a secret."""
        self._database.put(self._table, self._audit.item(entry))
