"""Webhooks, in the table Settings.

Primary key `pk` / `sk`: a webhook is `ACCOUNT#<account>` / `WEBHOOK#<id>`; account_items.py counts them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from latchhook.audit import AuditEntry, Origin
from latchhook.clock import to_millis
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import Page, Position
from latchhook.storage.account_items import all_items, one_less, one_more, page_of
from latchhook.storage.attributes import to_attribute, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done, raise_if_remembered
from latchhook.storage.webhook_items import since_millis, to_webhook, webhook_attributes, webhook_item, webhook_key
from latchhook.webhooks.errors import TooManyWebhooksError, WebhookChangedError, WebhookNotFoundError
from latchhook.webhooks.health import FAILING
from latchhook.webhooks.secrets import previous_until
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT, Webhook

_COUNTER = "webhooks"


class WebhooksTable:
    """Every access to webhooks, and entries of the audit log that stand alone."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        """Stores a new webhook, counts it and records who made it: one transaction. False if its id is there already.

        Raises `TooManyWebhooksError` and `AlreadyCompletedError`.
        """
        # In front: the last webhook that an account may have can be asked for again.
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
        """All webhooks of the account, strongly consistent, by their ids: one query, or more if they are large."""
        items = all_items(self._database, self._table, account_id, "WEBHOOK#", limit=MAX_WEBHOOKS_PER_ACCOUNT)
        return [to_webhook(item) for item in items]

    def page(self, account_id: str, *, limit: int, after: Position | None) -> Page[Webhook]:
        """The account's webhooks, newest first. All of them are read for each page: there are at most fifty."""
        return page_of(self.of_account(account_id), limit=limit, after=after)

    def delete_webhook(self, account_id: str, webhook_id: UUID, entry: AuditEntry) -> None:
        """Deletes a webhook; raises `WebhookNotFoundError`."""
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
        """Stores what has changed, in one transaction with who did it.

        Raises `WebhookChangedError` if the webhook is not as `before` any more, `WebhookNotFoundError` and
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

    def refuse_repeated_key(self, idempotency_key: IdempotencyKey, origin: Origin) -> None:
        """Raises `AlreadyCompletedError` where the caller's request of that name was done in the last 24 hours."""
        raise_if_remembered(self._database, self._table, origin.caller.account_id, idempotency_key, now=origin.at)

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        """Counts a failure and gives the webhook as it is then; None if it is not there, or not active."""
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
        """Forgets a webhook's failures; of later ones, where others forgot these already, nothing."""
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
        """Records once, for failures since that moment, that the account is told."""
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
        """Records the class of a webhook's receiver: a higher one than is kept, or a lower one if none came between."""
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
        """Disables an active webhook unless people changed it after `as_of`, or, if it fails, it has recovered."""
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
        """Those of the webhooks, named by account and id, that there are, strongly consistent; at most 100."""
        keys = [webhook_key(*name) for name in dict.fromkeys(webhooks)]
        found = (to_webhook(item) for item in self._database.batch_get({self._table: keys}))
        return {webhook.id: webhook for webhook in found}

    def record(self, entry: AuditEntry) -> None:
        """Records what was done where nothing changed: the reading of a secret."""
        self._database.put(self._table, self._audit.item(entry))
