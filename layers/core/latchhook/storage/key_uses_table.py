"""Uses of keys in the table ApiKeys: count, refuse, report and roll up.

Next to the key's item, two kinds of items have the same id: `USAGE#YYYYMM` (uses of a past month, attributes
`uYYYYMMDD`) and `REFUSED#YYYYMM` (refused verifications, attributes `dDD_CODE`). TTL deletes both when the last 90 days
no longer include them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.api_keys.usage import MAX_DAYS, Usage
from latchhook.api_keys.verification import Code, KeyQuery, Refusal, reason
from latchhook.audit import Origin, new_entry
from latchhook.clock import to_millis
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.identity.caller import system
from latchhook.storage.api_key_items import DAY, SHARDS, daily, primary_key, to_key, to_refusal, to_token_key
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import BATCH_GET_LIMIT, ConditionFailedError, Database
from latchhook.storage.key_conditions import UpdateVariant, form_for, use

_ATTEMPTS = 8
_USAGE, _REFUSED = "USAGE#", "REFUSED#"


class KeyUsesTable:
    """Counts, reads and rolls up the uses of keys."""

    shards = SHARDS

    def __init__(self, database: Database, *, table: str, audit: AuditItems, rng: Random) -> None:
        self._database = database
        self._table = table
        self._audit = audit
        self._rng = rng

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        """Verify and count one use with one conditional write. Return the key, a `Refusal`, or None if it is missing.

        A second write is needed if a rate-limited key was idle, or if a refill of credits is due.
        """
        form = UpdateVariant()
        for _ in range(_ATTEMPTS):
            try:
                item = self._database.update(self._table, primary_key(query.key_id), **use(query, form))
            except ConditionFailedError as failed:
                if failed.item is None:
                    return None
                stood = to_refusal(failed.item, query.key_hash)
                if reason(stood, query) is not None:
                    return stood
                form = form_for(stood.key, query.now)
            else:
                return to_token_key(item, query.key_hash) if query.is_token else to_key(item)
        raise DependencyUnavailableError("update_item: the limits of the key changed before every write")

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """Read the key, strongly consistent, and find which of its secrets was presented. Count nothing."""
        item = self._database.get(self._table, primary_key(query.key_id))
        return None if item is None else to_refusal(item, query.key_hash)

    def add_uses(self, key_id: UUID, *, day: str, uses: int) -> None:
        """Count uses that were accepted earlier, for the UTC day `YYYYMMDD`. A negative number removes uses."""
        try:
            self._database.update(
                self._table,
                primary_key(key_id),
                UpdateExpression="SET usedSince = if_not_exists(usedSince, :month) ADD #day :uses",
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeNames={"#day": f"{DAY}{day}"},
                ExpressionAttributeValues=to_item({":uses": uses, ":month": int(day[:6])}),
            )
        except ConditionFailedError:
            return

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        """Count a refused verification of a key whose secret was right."""
        self._database.update(
            self._table,
            primary_key(key.id, f"{_REFUSED}{now:%Y%m}"),
            UpdateExpression="SET #ttl = if_not_exists(#ttl, :ttl) ADD #count :one",
            ExpressionAttributeNames={"#ttl": "ttl", "#count": f"d{now:%d}_{code}"},
            ExpressionAttributeValues=to_item({":ttl": _kept_until(now), ":one": 1}),
        )

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        """Record `api_key.limit_reached` once until the key gets new credits. The entry becomes a system event."""
        origin = Origin(system(key.account_id, "limits"), "", "", now)
        refill_at = None if key.credits is None else key.credits.refill_at
        # New credits or a refill since then start a new count. Its last credit is a separate event.
        same = "attribute_not_exists(refillAt)" if refill_at is None else "refillAt = :seen"
        values = {":yes": True, ":version": key.version, ":seen": None if refill_at is None else to_millis(refill_at)}
        update = {
            "TableName": self._table,
            "Key": primary_key(key.id),
            "UpdateExpression": "SET limitTold = :yes",
            "ConditionExpression": (
                f"attribute_not_exists(limitTold) AND creditsLimited = :yes AND version = :version AND {same}"
            ),
            "ExpressionAttributeValues": to_item(values),
        }
        entry = new_entry(origin, "api_key.limit_reached", key.id, rng=self._rng)
        try:
            self._database.transact({"Update": update}, self._audit.put(entry))
        except ConditionFailedError:
            return

    def usage(self, account_id: str, key_id: UUID) -> Usage:
        """Read a key's uses and refusals by day. Raises `ApiKeyNotFoundError`."""
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues=to_item({":id": str(key_id)}),
            ConsistentRead=True,
        )
        items = [from_item(item) for item in response["Items"]]
        key = next((item for item in items if item["record"] == "KEY"), None)
        if key is None or key["accountId"] != account_id:
            raise ApiKeyNotFoundError
        requests: dict[str, int] = {}
        refused: dict[str, dict[str, int]] = {}
        for item in items:
            for day, uses in daily(item):
                requests[day] = requests.get(day, 0) + uses
            if item["record"].startswith(_REFUSED):
                for day, code, count in _refusals(item):
                    refused.setdefault(day, {})[code] = count
        return Usage(requests, refused)

    def closed_uses(self, key_ids: Sequence[UUID], months: Sequence[str]) -> Mapping[UUID, Mapping[str, int]]:
        """Read the daily counts of past months `YYYYMM` from the separate items. One batch read gets 100 items."""
        wanted = [primary_key(key_id, f"{_USAGE}{month}") for key_id in key_ids for month in months]
        uses: dict[UUID, dict[str, int]] = {key_id: {} for key_id in key_ids}
        for start in range(0, len(wanted), BATCH_GET_LIMIT):
            for item in self._database.batch_get({self._table: wanted[start : start + BATCH_GET_LIMIT]}):
                uses[UUID(item["id"])].update(daily(item))
        return uses

    def used_before(self, shard: str, *, month: int, limit: int) -> list[UUID]:
        """Return at most `limit` keys of a shard whose items contain counts of months before `month` (`YYYYMM`).

        The keys with the oldest counts come first.
        """
        response = self._database.query(
            TableName=self._table,
            IndexName="byUse",
            KeyConditionExpression="#shard = :shard AND usedSince < :month",
            ExpressionAttributeNames={"#shard": "shard"},
            ExpressionAttributeValues=to_item({":shard": shard, ":month": month}),
            Limit=limit,
        )
        return [UUID(item["id"]["S"]) for item in response["Items"]]

    def close_months(self, key_id: UUID, *, month: int, kept_from: Callable[[str], str] | None = None) -> bool:
        """Move the counts of each month before `month` from the key's item to a separate item.

        `kept_from` returns the first day, `YYYYMMDD`, that stays in the items of an account's keys. Each month is one
        transaction, so that no use is lost or counted twice. Return False if there was nothing to move, or if the
        counts changed at the same time.
        """
        item = self._database.get(self._table, primary_key(key_id))
        if item is None:
            return False
        first_kept = f"{month}01" if kept_from is None else min(kept_from(item["accountId"]), f"{month}01")
        months: dict[str, dict[str, int]] = {}
        for day, uses in daily(item):
            if day < first_kept:
                months.setdefault(day[:6], {})[day] = uses
        closed = sorted(months)
        # Kept days of past months wait for the next month, so that the index does not list the key again today.
        left = sorted(max(int(day[:6]), month) for day, _ in daily(item) if day >= first_kept)
        try:
            if left and not closed:
                self._wait_until(key_id, left[0])
            for at, name in enumerate(closed):
                since = left[0] if left and at == len(closed) - 1 else None
                oldest = int(closed[at + 1]) if at < len(closed) - 1 else since
                self._move(key_id, name, months[name], oldest=oldest, last_used_at=item.get("lastUsedAt"))
        except ConditionFailedError:
            return False
        return bool(closed)

    def _wait_until(self, key_id: UUID, month: int) -> None:
        """Hide the key from the index until the month after `month`."""
        self._database.update(
            self._table,
            primary_key(key_id),
            UpdateExpression="SET usedSince = :month",
            ConditionExpression="usedSince < :month",
            ExpressionAttributeValues=to_item({":month": month}),
        )

    def _move(
        self, key_id: UUID, month: str, days: Mapping[str, int], *, oldest: int | None, last_used_at: int | None
    ) -> None:
        names = {f"#u{day}": f"{DAY}{day}" for day in days}
        values: dict[str, int | None] = {f":u{day}": uses for day, uses in days.items()}
        ends = datetime(int(month[:4]), int(month[4:]), 28, tzinfo=UTC)
        add = ", ".join(f"#u{day} :u{day}" for day in days)
        same = " AND ".join(f"#u{day} = :u{day}" for day in days)
        changed, of_key = f"REMOVE {', '.join(names)}", {**values, ":oldest": oldest}
        if oldest is not None:
            changed = f"SET usedSince = :oldest {changed}"
        else:
            # A use since the read relies on `usedSince` being set. Then this write must fail.
            changed += ", usedSince"
            same += " AND " + ("attribute_not_exists(lastUsedAt)" if last_used_at is None else "lastUsedAt = :last")
            of_key[":last"] = last_used_at
        self._database.transact(
            {
                "Update": {
                    "TableName": self._table,
                    "Key": primary_key(key_id, f"{_USAGE}{month}"),
                    "UpdateExpression": f"SET #ttl = :ttl ADD {add}",
                    "ExpressionAttributeNames": {**names, "#ttl": "ttl"},
                    "ExpressionAttributeValues": to_item({**values, ":ttl": _kept_until(ends)}),
                }
            },
            {
                "Update": {
                    "TableName": self._table,
                    "Key": primary_key(key_id),
                    "UpdateExpression": changed,
                    "ConditionExpression": same,
                    "ExpressionAttributeNames": names,
                    "ExpressionAttributeValues": to_item(of_key),
                }
            },
        )


def _kept_until(moment: datetime) -> int:
    """The TTL of a month's item, in epoch seconds: the time when the last 90 days no longer include the month."""
    return to_millis(moment.replace(day=1) + timedelta(days=31 + MAX_DAYS + 1)) // 1000


def _refusals(item: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    month = item["record"].removeprefix(_REFUSED)
    return [
        (f"{month}{name[1:3]}", name[4:], count)
        for name, count in item.items()
        if name[0] == "d" and name[1:3].isdecimal()
    ]
