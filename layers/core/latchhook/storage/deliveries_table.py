"""The table Deliveries: accepted events and attempts. parked_deliveries.py has its parked deliveries.

Items by primary key `pk` / `sk`:
- an event: `EVENT#<account>#<id>` / `EVENT`
- an attempt: `WEBHOOK#<webhook>` / `<delivery>#<attempt, three digits>`

The id of a delivery begins with the time of its event. A webhook's attempts are therefore sorted by time, and the
attempts of one delivery are adjacent. The index `byAccount` (`accountId`, `attemptedAt`) contains only attempts. Items
expire by `ttl`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.pages import Page, Position
from latchhook.storage.attempt_items import (
    attempt_item,
    attempt_key,
    attempts_pk,
    key_of_task,
    to_attempt,
    to_logged,
    to_made,
)
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.newest_first import newest_first
from latchhook.storage.response_bodies import fitting
from latchhook.storage.webhook_items import to_webhook, webhook_key
from latchhook.webhooks.attempts import MadeAttempt, Prepared, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask, LoggedAttempt
from latchhook.webhooks.event import Event

_THING = re.compile(r"[0-9a-f-]{36}#[0-9]{3}")


class DeliveriesTable:
    """Reads and writes events and attempts.

    `settings_table` contains the webhooks, which attempts need.
    """

    def __init__(self, database: Database, *, table: str, settings_table: str, retention_days: int) -> None:
        self._database = database
        self._table = table
        self._settings_table = settings_table
        self._retention = timedelta(days=retention_days)

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Store the event under its id for the retention time. See `fan_out.EventRecords`."""
        item = {
            **_event_key(event.account_id, event.id),
            **to_item(
                {
                    "name": event.name,
                    "externalId": event.external_id,
                    "acceptedAt": to_millis(event.accepted_at),
                    "body": event.body,
                    "receipt": receipt,
                    "ttl": to_millis(event.accepted_at + self._retention) // 1000,
                }
            ),
        }
        try:
            # DynamoDB may delete an item days after its `ttl`. The id may be used again from `ttl` on.
            self._database.put(
                self._table,
                item,
                condition="attribute_not_exists(sk) OR #ttl <= :accepted",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues=to_item({":accepted": to_millis(event.accepted_at) // 1000}),
            )
        except ConditionFailedError as failed:
            kept = failed.item
            return _to_event(kept) if kept is not None and kept["receipt"] == receipt else None
        return event

    def prepare(self, tasks: Sequence[DeliveryTask]) -> list[Prepared]:
        """Read webhook, event and earlier attempt of at most 33 tasks, in their order, with one batch read."""
        webhook_keys = {(task.account_id, task.webhook_id): None for task in tasks}
        event_keys = {(task.account_id, task.event_id): None for task in tasks}
        attempt_keys = {(task.webhook_id, task.delivery_id, task.attempt): None for task in tasks}
        items = self._database.batch_get(
            {
                self._settings_table: [webhook_key(*key) for key in webhook_keys],
                self._table: [
                    *(_event_key(*key) for key in event_keys),
                    *(attempt_key(*key) for key in attempt_keys),
                ],
            }
        )
        look_up = _by_key(items)
        return [
            Prepared(
                webhook=to_webhook(webhook)
                if (webhook := look_up(webhook_key(task.account_id, task.webhook_id)))
                else None,
                event=_to_event(event) if (event := look_up(_event_key(task.account_id, task.event_id))) else None,
                made=to_made(made) if (made := look_up(key_of_task(task))) else None,
            )
            for task in tasks
        ]

    def record(self, attempts: Sequence[Attempt]) -> list[MadeAttempt | DependencyUnavailableError]:
        """Store at most 25 different attempts in one call. Return the stored attempts, in the same order.

        An attempt that is already stored is not changed; it is read and returned. For an attempt that could not be
        stored, the result is the error. Raises `DependencyUnavailableError` if the result of some attempts is unknown.
        """
        outcomes = self._database.insert(
            self._table, [attempt_item(each, retention=self._retention) for each in attempts]
        )
        if all(outcome == "inserted" for outcome in outcomes):
            return [made_attempt(each) for each in attempts]
        stand = [key_of_task(each.task) for each, how in zip(attempts, outcomes, strict=True) if how == "exists"]
        look_up = _by_key(self._database.batch_get({self._table: stand}))

        def kept(attempt: Attempt) -> MadeAttempt:
            item = look_up(key_of_task(attempt.task))
            return made_attempt(attempt) if item is None else to_made(item)

        return [
            outcome if isinstance(outcome, DependencyUnavailableError) else kept(attempt)
            for attempt, outcome in zip(attempts, outcomes, strict=True)
        ]

    def newest_of_account(self, account_id: str, *, limit: int) -> tuple[LoggedAttempt, ...]:
        """Return the newest attempts of all webhooks of the account, newest first, with one query."""
        response = self._database.query(
            TableName=self._table,
            IndexName="byAccount",
            KeyConditionExpression="accountId = :account",
            ExpressionAttributeValues=to_item({":account": account_id}),
            ScanIndexForward=False,
            Limit=limit,
        )
        return tuple(to_logged(from_item(item)) for item in response["Items"])

    def page_of_webhook(
        self, account_id: str, webhook_id: UUID, *, limit: int, after: Position | None
    ) -> Page[Attempt]:
        """Return at most `limit` of a webhook's attempts with one query: newest event first, its newest attempt first.

        The caller must check that the webhook belongs to the account.
        """
        found, more = newest_first(
            self._database, self._table, attempts_pk(webhook_id), limit=limit, after=after, thing=_THING
        )
        items = found[: fitting(found)]
        end = (items[-1]["sk"],) if more or len(items) < len(found) else None
        return Page(tuple(to_attempt(item) for item in items if item["accountId"] == account_id), end)

    def event(self, account_id: str, event_id: str) -> Event | None:
        """Read one accepted event, strongly consistent. None if it does not exist or has expired."""
        item = self._database.get(self._table, _event_key(account_id, event_id))
        return None if item is None else _to_event(item)

    def attempts(self, account_id: str, webhook_id: UUID, delivery_id: UUID, *, limit: int) -> tuple[Attempt, ...]:
        """Return the newest `limit` attempts of one delivery, newest first, strongly consistent. May be empty."""
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk AND begins_with(sk, :delivery)",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": f"WEBHOOK#{webhook_id}", ":delivery": f"{delivery_id}#"}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
        )
        found = [from_item(item) for item in response["Items"]]
        shown = found[: fitting(found)]
        return tuple(to_attempt(item) for item in shown if item["accountId"] == account_id)


def _event_key(account_id: str, event_id: str) -> Item:
    return to_item({"pk": f"EVENT#{account_id}#{event_id}", "sk": "EVENT"})


def _by_key(items: Sequence[Mapping[str, Any]]) -> Callable[[Item], Mapping[str, Any] | None]:
    """Return a function that finds one of these items by its primary key."""
    found = {(item["pk"], item["sk"]): item for item in items}
    return lambda key: found.get((key["pk"]["S"], key["sk"]["S"]))


def _to_event(item: Mapping[str, Any]) -> Event:
    _, account_id, event_id = item["pk"].split("#", 2)
    return Event(
        id=event_id,
        account_id=account_id,
        name=item["name"],
        external_id=item.get("externalId"),
        accepted_at=from_millis(item["acceptedAt"]),
        body=item["body"],
    )
