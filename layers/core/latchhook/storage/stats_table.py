"""Counts of attempts, in the table Deliveries: an item for each webhook and UTC day on which it was called.

Primary key `STATS#<account>` / `<YYYYMMDD>#<webhook>`; attributes `aHH` (attempts of an hour), `fHH` (failures), `bN`
(answers, by bucket of their duration) and the marks below. A batch of the table's stream is one write for each webhook
and day in it, of one write unit: an item that is busy at every hour and at every speed has 1,001 bytes, and 1,293,
which is two units, where events of five days are attempted, as by a receiver that fails all the time (measured in
tests/storage/test_stats_table.py). Nothing is written for the account as a whole, which would be a transaction, of four
units: what it comes to is added up when somebody looks, in one query over all its webhooks. Items go by `ttl` when no
list of the last 90 days shows them any more.

Counted once, though records come at least once: an item says how far it has counted (`mYYYYMMDD`: the position of the
last record whose event was accepted on that day), and each write asks that all it adds lies behind. Where it doesn't,
the item that stands there tells what to leave out. That suffices because attempts that share a mark reach us in the
order of their positions: those of one webhook have one partition key, their records stand in one shard, or in its
child, whose numbers go on, and Lambda hands a shard over in order (with a `ParallelizationFactor` above one it keeps
the order of each item only). A position begins with the stream's label, which is its time, so a stream that was turned
on anew, or a restored table's, goes on where the old one ended.

DynamoDB may split one key's items over two partitions, at a sort key, once they are above 10 GB or very busy; their
shards count apart. Sort keys begin with the event's time: so there is a mark for each day of events, and only attempts
at events of the very day that was split in two could be left out then.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.dependency_errors import ConflictRetriesExhaustedError
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.webhooks.errors import TooMuchToAddUpError
from latchhook.webhooks.stats import MAX_DAYS, CountedAttempt, DayCounts, PlacedAttempt, tally

MAX_PAGES = 10
"""Of 1 MB: fifty webhooks that are busy all day take seven for 90 days. More have only accounts that change theirs."""

_ATTEMPTS = 8

MOST_MARKS = 32
"""Of one write: DynamoDB takes 4 KB of an expression, and a mark takes 71 bytes of the condition. Retries alone are of
twelve days of events; a recovery has attempts made at events of all the days that are kept, at most a year."""


class StatsTable:
    """Every access to the counts."""

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table

    def count(self, records: Sequence[PlacedAttempt]) -> None:
        """Counts attempts of one webhook and UTC day, in the order of the stream: one write, or none for a repetition.

        A second one where some of them were counted before; and so for each `MOST_MARKS` days of events among them.
        """
        days = sorted({each.attempt.event_day for each in records})
        for start in range(0, len(days), MOST_MARKS):
            some = set(days[start : start + MOST_MARKS])
            self._count([each for each in records if each.attempt.event_day in some])

    def of_webhook(self, account_id: str, webhook_id: UUID, days: Sequence[date]) -> Mapping[date, DayCounts]:
        """A webhook's counts of at most 100 days, strongly consistent: one batch read."""
        keys = [_key(account_id, day, webhook_id) for day in days]
        return {_day_and_webhook(item)[0]: _to_counts(item) for item in self._database.batch_get({self._table: keys})}

    def of_account(self, account_id: str, first: date, last: date) -> Mapping[UUID, Mapping[date, DayCounts]]:
        """The counts of all webhooks that the account has or had, from one day to another: one query for each MB.

        Raises `TooMuchToAddUpError` where that were more than `MAX_PAGES`.
        """
        found: dict[UUID, dict[date, DayCounts]] = {}
        start: dict[str, Any] = {}
        for _ in range(MAX_PAGES):
            response = self._database.query(
                TableName=self._table,
                KeyConditionExpression="#pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeNames={"#pk": "pk"},
                ExpressionAttributeValues=to_item(
                    {":pk": f"STATS#{account_id}", ":first": f"{first:%Y%m%d}#", ":last": f"{last:%Y%m%d}#~"}
                ),
                **start,
            )
            for item in map(from_item, response["Items"]):
                day, webhook_id = _day_and_webhook(item)
                found.setdefault(webhook_id, {})[day] = _to_counts(item)
            if "LastEvaluatedKey" not in response:
                return found
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
        raise TooMuchToAddUpError

    def _count(self, records: Sequence[PlacedAttempt]) -> None:
        for _ in range(_ATTEMPTS):
            try:
                self._add(records)
            except ConditionFailedError as failed:
                stood = failed.item or {}
                records = [each for each in records if each.position > stood.get(_mark(each.attempt), "")]
                if not records:
                    return
            else:
                return
        raise ConflictRetriesExhaustedError("update_item: somebody else counts the same attempts all the time")

    def _add(self, records: Sequence[PlacedAttempt]) -> None:
        attempts = [each.attempt for each in records]
        day, counts = attempts[0].attempted_at.date(), tally(attempts)
        added = {
            **{f"a{hour:02d}": count for hour, count in counts.attempts.items()},
            **{f"f{hour:02d}": count for hour, count in counts.failures.items()},
            **{f"b{bucket}": count for bucket, count in counts.latencies.items()},
        }
        last = {_mark(each.attempt): each.position for each in records}
        first = {_mark(each.attempt): each.position for each in reversed(records)}
        self._database.update(
            self._table,
            _key(attempts[0].account_id, day, attempts[0].webhook_id),
            UpdateExpression=(
                f"SET #ttl = :ttl, {', '.join(f'{mark} = :last_{mark}' for mark in last)}"
                f" ADD {', '.join(f'{name} :{name}' for name in added)}"
            ),
            ConditionExpression=" AND ".join(
                f"(attribute_not_exists({mark}) OR {mark} < :first_{mark})" for mark in first
            ),
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues=to_item(
                {
                    ":ttl": _kept_until(day),
                    **{f":{name}": count for name, count in added.items()},
                    **{f":last_{mark}": position for mark, position in last.items()},
                    **{f":first_{mark}": position for mark, position in first.items()},
                }
            ),
        )


def attempt_from_image(image: Mapping[str, Any]) -> CountedAttempt | None:
    """What is counted of an attempt by its image in the table's stream; raises for an image of anything else.

    None for a test: it says nothing of how deliveries go, and somebody who mends a receiver sends many.
    """
    if image["trigger"]["S"] == "test":
        return None
    delivery_id = UUID(image["sk"]["S"].partition("#")[0])
    return CountedAttempt(
        account_id=image["accountId"]["S"],
        webhook_id=UUID(image["pk"]["S"].removeprefix("WEBHOOK#")),
        event_day=from_millis(delivery_id.int >> 80).date(),
        attempted_at=from_millis(int(image["attemptedAt"]["N"])),
        failed=image["status"]["S"] != "success",
        latency_ms=float(json.loads(image["timingsMs"]["S"])["total"]) if "responseStatus" in image else None,
    )


def _key(account_id: str, day: date, webhook_id: UUID) -> Item:
    return to_item({"pk": f"STATS#{account_id}", "sk": f"{day:%Y%m%d}#{webhook_id}"})


def _day_and_webhook(item: Mapping[str, Any]) -> tuple[date, UUID]:
    day, _, webhook_id = item["sk"].partition("#")
    return date(int(day[:4]), int(day[4:6]), int(day[6:])), UUID(webhook_id)


def _mark(attempt: CountedAttempt) -> str:
    return f"m{attempt.event_day:%Y%m%d}"


def _to_counts(item: Mapping[str, Any]) -> DayCounts:
    counts: dict[str, dict[int, int]] = {"a": {}, "f": {}, "b": {}}
    for name, value in item.items():
        if name[0] in counts and name[1:].isdecimal():
            counts[name[0]][int(name[1:])] = value
    return DayCounts(attempts=counts["a"], failures=counts["f"], latencies=counts["b"])


def _kept_until(day: date) -> int:
    """When a day's counts may go, in epoch seconds: no list reaches them then."""
    return to_millis(datetime.combine(day, time(), UTC) + timedelta(days=MAX_DAYS + 1)) // 1000
