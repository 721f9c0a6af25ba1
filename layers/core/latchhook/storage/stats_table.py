"""Counts of attempts, in the table Deliveries: one item per webhook and UTC day.

The item is `STATS#<account>` / `<YYYYMMDD>#<webhook>`. Its attributes are `aHH` (attempts of an hour), `fHH`
(failures), `bN` (responses, by bucket of their duration) and the marks below. A batch of the table's stream needs one
write per webhook and day, of one write unit. An item with attempts in every hour and every bucket has 1,001 bytes. It
has 1,293 bytes, which is two units, if a receiver that always fails has attempts of events from five days (measured in
tests/storage/test_stats_table.py). There is no item for the whole account, because it would need a transaction of four
units. A read adds up all webhooks of the account with one query. Items expire by `ttl` when the last 90 days no longer
include them.

The stream delivers records at least once, and each record is counted once. A mark `mYYYYMMDD` is the position of the
last counted record whose event was accepted on that day. Each write requires that all its records come after the marks.
If not, the stored item shows which records to skip. This works because attempts with the same mark arrive in the order
of their positions: the attempts of one webhook have one partition key, so their records are in one shard, or in its
child with higher numbers, and Lambda reads a shard in order (with a `ParallelizationFactor` above one, it keeps only
the order per item). A position begins with the stream's label, which is a time. A new stream of the table, or the
stream of a restored table, therefore continues after the old positions.

DynamoDB may split the items of one key into two partitions at a sort key, if they exceed 10 GB or are very busy. The
shards of the two partitions have independent positions. Sort keys begin with the event's time, and each day of events
has its own mark. Therefore only attempts of events from the day of the split could be skipped.
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
"""The most pages of 1 MB. 50 webhooks that are busy all day need seven pages for 90 days. Only an account that replaced
webhooks can need more."""

_ATTEMPTS = 8

MOST_MARKS = 32
"""The most marks of one write. A DynamoDB expression has at most 4 KB, and a mark takes 71 bytes of the condition.
Retries contain events of at most twelve days. A recovery can contain events of all retained days, at most a year."""


class StatsTable:
    """Reads and writes the counts."""

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table

    def count(self, records: Sequence[PlacedAttempt]) -> None:
        """Count attempts of one webhook and UTC day, in the order of the stream.

        Needs one write for each `MOST_MARKS` days of events, and a second one if some attempts were counted before. A
        repetition counts nothing.
        """
        days = sorted({each.attempt.event_day for each in records})
        for start in range(0, len(days), MOST_MARKS):
            some = set(days[start : start + MOST_MARKS])
            self._count([each for each in records if each.attempt.event_day in some])

    def of_webhook(self, account_id: str, webhook_id: UUID, days: Sequence[date]) -> Mapping[date, DayCounts]:
        """Return a webhook's counts of at most 100 days, with one strongly consistent batch read."""
        keys = [_key(account_id, day, webhook_id) for day in days]
        return {_day_and_webhook(item)[0]: _to_counts(item) for item in self._database.batch_get({self._table: keys})}

    def of_account(self, account_id: str, first: date, last: date) -> Mapping[UUID, Mapping[date, DayCounts]]:
        """Return the counts of all existing and deleted webhooks of the account, from day `first` to day `last`.

        Needs one query per MB. Raises `TooMuchToAddUpError` above `MAX_PAGES` queries.
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
        raise ConflictRetriesExhaustedError("update_item: another writer counted the same attempts each time")

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
    """Build the counted facts of an attempt from its image in the table's stream. Raises for any other image.

    Return None for a test delivery. Tests are not counted, because a developer sends many while fixing a receiver.
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
    """The TTL of a day's counts, in epoch seconds: the time when no list includes the day."""
    return to_millis(datetime.combine(day, time(), UTC) + timedelta(days=MAX_DAYS + 1)) // 1000
