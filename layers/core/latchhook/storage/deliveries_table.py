"""The table Deliveries: accepted events, and every attempt to deliver one.

Primary key `pk` / `sk`: an event is `EVENT#<account>#<id>` / `EVENT`, an attempt `WEBHOOK#<webhook>` /
`<delivery>#<attempt, three digits>`, a task that waits while its webhook is paused `HELD#<webhook>` / the same and
`#<hold>`, a delivery that was not attempted, its webhook being disabled, `MISSED#<webhook>` / `<delivery>`. A
delivery's id begins with its event's time, so a webhook's attempts stand in order, a delivery's attempts stand
together, and a task knows the key of its own record. The index `byAccount` (`accountId`, `attemptedAt`) holds what
document 000's log shows: attempts, and nothing else. Items go by `ttl`.
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
from latchhook.storage.task_items import task_values, to_task
from latchhook.storage.webhook_items import to_webhook, webhook_key
from latchhook.webhooks.attempts import MadeAttempt, Prepared, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask, LoggedAttempt, accepted_at
from latchhook.webhooks.event import Event
from latchhook.webhooks.held_deliveries import HeldTask

_THING = re.compile(r"[0-9a-f-]{36}#[0-9]{3}")


class DeliveriesTable:
    """Every access to events and attempts; `settings_table` is where the webhooks are that an attempt needs."""

    def __init__(self, database: Database, *, table: str, settings_table: str, retention_days: int) -> None:
        self._database = database
        self._table = table
        self._settings_table = settings_table
        self._retention = timedelta(days=retention_days)

    def record_once(self, event: Event, *, receipt: str) -> Event | None:
        """Keeps the event under its id for the retention time; see `fan_out.EventRecords`."""
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
            # DynamoDB deletes up to days after `ttl`; the id is free again from `ttl` on, as the settings say.
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
        """All that the attempts of at most 33 tasks need, in the order of the tasks: one batch read over two tables."""
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
        """Keeps at most 25 attempts, no two of them the same, in one write; gives what is kept, in their order.

        If one is kept already, that one stays and is what counts: it is read. In the place of one that was not kept
        stands why. Raises `DependencyUnavailableError` if of some it is not known whether they are kept.
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

    def hold(self, task: DeliveryTask, event: Event, *, hold_id: UUID) -> bool:
        """Keeps a task until its webhook is resumed, as long as its event is kept: one write, and a look.

        False if the webhook is not paused any more. Kept first and looked at after: whoever resumes it later finds the
        task, and of one that was resumed before nothing stays held. (A transaction with the webhook in it would do the
        same, but all that a busy webhook's holds do at once would be in conflict with one another.)
        """
        held = HeldTask(task, hold_id, event.accepted_at + self._retention)
        item = {
            **_held_key(held),
            **to_item({**task_values(task), "ttl": to_millis(held.until) // 1000}),
        }
        self._database.put(self._table, item)
        webhook = self._database.get(self._settings_table, webhook_key(task.account_id, task.webhook_id))
        if webhook is not None and webhook["status"] == "paused":
            return True
        self.let_go([held])
        return False

    def held(self, webhook_id: UUID, *, limit: int) -> tuple[HeldTask, ...]:
        """At most `limit` tasks that are held for a webhook, the oldest event's first, strongly consistent."""
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": f"HELD#{webhook_id}"}),
            ConsistentRead=True,
            Limit=limit,
        )
        return tuple(_to_held(from_item(item)) for item in response["Items"])

    def let_go(self, tasks: Sequence[HeldTask]) -> None:
        """Holds these no more: one batch write for each twenty-five."""
        self._database.batch_delete(self._table, [_held_key(each) for each in tasks])

    def miss(self, tasks: Sequence[DeliveryTask]) -> None:
        """Keeps deliveries that are not attempted now, for a recovery, as long as their events are kept.

        One batch write for each twenty-five; kept twice, one is kept once.
        """
        self._database.batch_put(self._table, [self._missed_item(task) for task in tasks])

    def newest_of_account(self, account_id: str, *, limit: int) -> tuple[LoggedAttempt, ...]:
        """The newest attempts over all webhooks of the account, newest first: one query."""
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
        """At most `limit` of a webhook's attempts, newest event first, an event's newest attempt first: one query.

        The caller has made sure that the webhook is the account's.
        """
        found, more = newest_first(
            self._database, self._table, attempts_pk(webhook_id), limit=limit, after=after, thing=_THING
        )
        items = found[: fitting(found)]
        end = (items[-1]["sk"],) if more or len(items) < len(found) else None
        return Page(tuple(to_attempt(item) for item in items if item["accountId"] == account_id), end)

    def event(self, account_id: str, event_id: str) -> Event | None:
        """One accepted event, strongly consistent; None if it is not there, or not any more."""
        item = self._database.get(self._table, _event_key(account_id, event_id))
        return None if item is None else _to_event(item)

    def attempts(self, account_id: str, webhook_id: UUID, delivery_id: UUID, *, limit: int) -> tuple[Attempt, ...]:
        """The newest `limit` attempts of one delivery, the newest first, strongly consistent; there may be none."""
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

    def _missed_item(self, task: DeliveryTask) -> Item:
        until = accepted_at(task.delivery_id) + self._retention
        return to_item(
            {
                "pk": missed_pk(task.webhook_id),
                "sk": str(task.delivery_id),
                "eventId": task.event_id,
                "ttl": to_millis(until) // 1000,
            }
        )


def _event_key(account_id: str, event_id: str) -> Item:
    return to_item({"pk": f"EVENT#{account_id}#{event_id}", "sk": "EVENT"})


def missed_pk(webhook_id: UUID) -> str:
    """The partition of what a webhook missed."""
    return f"MISSED#{webhook_id}"


def _by_key(items: Sequence[Mapping[str, Any]]) -> Callable[[Item], Mapping[str, Any] | None]:
    """What finds an item of these by its primary key."""
    found = {(item["pk"], item["sk"]): item for item in items}
    return lambda key: found.get((key["pk"]["S"], key["sk"]["S"]))


def _held_key(held: HeldTask) -> Item:
    task = held.task
    thing = f"{task.delivery_id}#{task.attempt:03d}#{held.hold_id}"
    return to_item({"pk": f"HELD#{task.webhook_id}", "sk": thing})


def _to_held(item: Mapping[str, Any]) -> HeldTask:
    delivery_id, attempt, hold_id = item["sk"].split("#")
    webhook_id = UUID(item["pk"].removeprefix("HELD#"))
    task = to_task(item, webhook_id=webhook_id, delivery_id=UUID(delivery_id), attempt=int(attempt))
    return HeldTask(task, UUID(hold_id), from_millis(item["ttl"] * 1000))


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
