"""Expiring keys: one event seven days before the expiry and one at the expiry."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.due_keys import PAGE, TOGETHER, DueKey, sweep
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.storage.api_key_items import SHARDS
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, MovableClock, api_key
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, actions, add, add_many, change, query, revoke, verify
from tests.template_tables import API_KEYS

DAY = timedelta(days=1)
WEEK = 7 * DAY
TOLD = ("api_key.expiring", "api_key.expired")


def _sweep(store: Store, now: datetime = NOW) -> int:
    swept = sweep(store.due_keys, clock=MovableClock(now), may_go_on=lambda: True)
    assert swept.failures == []
    return swept.done


def _told(store: Store, account_id: str = ACCOUNT) -> list[tuple[str, str]]:
    """Return the expiry actions and their keys, oldest first."""
    log = store.audit_log(account_id)
    return [(logged["action"], logged["targetId"]) for logged in log if logged["action"] in TOLD]


def _due(store: Store) -> dict[str, int]:
    """Return the keys in the index of due keys, each with the days from now until it is due."""
    entries = store.client.scan(TableName=API_KEYS, IndexName="byDue")["Items"]
    return {item["id"]["S"]: (int(item["dueAt"]["N"]) - int(NOW.timestamp() * 1000)) // 86_400_000 for item in entries}


def _found(store: Store, key: ApiKey, now: datetime = NOW) -> list[DueKey]:
    found = store.due_keys.due(str(key.id)[0], now=now, limit=100, after=None)
    return [due for due in found if due.id == key.id]


def _status(store: Store, key: ApiKey) -> str:
    return store.keys.get(ACCOUNT, key.id).stored_status


# ---- Notice and expiry ----


def test_key_gets_one_notice_seven_days_before_and_expires_once(store: Store) -> None:
    key = api_key(expires_at=NOW + 30 * DAY)
    add(store, key)
    told, expires = NOW + 23 * DAY, NOW + 30 * DAY

    assert _sweep(store, told - MILLISECOND) == 0
    assert _sweep(store, told) == 1
    assert _sweep(store, told) == 0
    assert _sweep(store, expires - MILLISECOND) == 0
    assert (_told(store), _status(store, key)) == ([("api_key.expiring", str(key.id))], "active")

    assert _sweep(store, expires) == 1
    assert _sweep(store, expires + DAY) == 0
    assert _told(store) == [("api_key.expiring", str(key.id)), ("api_key.expired", str(key.id))]
    kept = store.keys.get(ACCOUNT, key.id)
    assert (kept.stored_status, kept.updated_at, kept.version) == ("expired", expires, 1)
    assert _due(store) == {}


def test_notice_does_not_change_the_visible_key(store: Store) -> None:
    key = api_key(expires_at=NOW + 30 * DAY)
    text = add(store, key)
    before = store.keys.get(ACCOUNT, key.id)
    _sweep(store, NOW + 23 * DAY)

    assert store.keys.get(ACCOUNT, key.id) == before
    assert verify(store, text, now=NOW + 23 * DAY).valid
    change(store, before, name="Another")


def test_expiry_is_audited_with_its_time_and_as_a_system_action(store: Store) -> None:
    key = api_key(expires_at=NOW + SECOND)
    add(store, key)
    _sweep(store, NOW + DAY)

    (logged,) = [logged for logged in store.audit_log(ACCOUNT) if logged["action"] == "api_key.expired"]
    assert (logged["actorKind"], logged["actorId"], logged["sourceIp"]) == ("system", "expiry", "")
    assert int(logged["sk"].split("#")[0]) == int((NOW + DAY).timestamp() * 1000)


@pytest.mark.parametrize(
    ("lives", "told"),
    [(WEEK - MILLISECOND, 1), (WEEK, 1), (WEEK + MILLISECOND, 2), (SECOND, 1)],
    ids=["a little less than a week", "a week", "a little more than a week", "a second"],
)
def test_key_created_with_a_week_or_less_gets_no_notice(store: Store, lives: timedelta, told: int) -> None:
    key = api_key(expires_at=NOW + lives)
    add(store, key)
    for moment in (NOW, NOW + MILLISECOND, NOW + lives - MILLISECOND, NOW + lives):
        _sweep(store, moment)

    assert [action for action, _ in _told(store)] == list(TOLD[-told:])


def test_key_whose_notice_was_missed_expires_without_it(store: Store) -> None:
    add(store, api_key(expires_at=NOW + 30 * DAY))

    assert _sweep(store, NOW + 40 * DAY) == 1
    assert [action for action, _ in _told(store)] == ["api_key.expired"]


# ---- Changed keys ----


def test_changed_expiry_gets_its_own_notice(store: Store) -> None:
    key = api_key(expires_at=NOW + 10 * DAY)
    add(store, key)
    assert _sweep(store, NOW + 4 * DAY) == 1

    change(store, key, at=NOW + 5 * DAY, expires_at=NOW + 40 * DAY)

    assert _sweep(store, NOW + 10 * DAY) == 0
    assert _sweep(store, NOW + 33 * DAY) == 1
    assert _sweep(store, NOW + 40 * DAY) == 1
    assert [action for action, _ in _told(store)] == ["api_key.expiring", "api_key.expiring", "api_key.expired"]


def test_other_changes_keep_the_due_time(store: Store) -> None:
    key = api_key(expires_at=NOW + 10 * DAY)
    add(store, key)
    _sweep(store, NOW + 4 * DAY)
    change(store, key, at=NOW + 4 * DAY, name="Another")

    assert _due(store) == {str(key.id): 10}


def test_reactivated_key_gets_another_notice_and_expires_again(store: Store) -> None:
    key = api_key(expires_at=NOW + DAY)
    text = add(store, key)
    _sweep(store, NOW + DAY)
    expired = store.keys.get(ACCOUNT, key.id)
    assert verify(store, text, now=NOW + DAY).code == "EXPIRED"

    change(store, expired, at=NOW + 2 * DAY, expires_at=NOW + 30 * DAY, stored_status="active")

    assert verify(store, text, now=NOW + 2 * DAY).code == "VALID"
    assert (_sweep(store, NOW + 23 * DAY), _sweep(store, NOW + 30 * DAY)) == (1, 1)


def test_key_without_an_expiry_is_not_due(store: Store) -> None:
    key = api_key(expires_at=NOW + 10 * DAY)
    add(store, key)
    change(store, key, expires_at=None)

    assert _due(store) == {}
    assert _sweep(store, NOW + 99 * DAY) == 0


@pytest.mark.parametrize("expires", [3 * DAY, 30 * DAY], ids=["soon", "later"])
def test_disabled_key_does_not_expire_until_it_is_enabled(store: Store, expires: timedelta) -> None:
    key = api_key(expires_at=NOW + expires)
    add(store, key)
    disabled = change(store, key, stored_status="disabled")
    assert _due(store) == {}
    assert _sweep(store, NOW + 99 * DAY) == 0

    change(store, disabled, at=NOW + DAY, stored_status="active")

    assert _sweep(store, NOW + 99 * DAY) == 1
    assert _told(store) == [("api_key.expired", str(key.id))]
    assert _status(store, key) == "expired"


def test_revoked_key_gets_no_notice(store: Store) -> None:
    key = api_key(expires_at=NOW + 10 * DAY)
    add(store, key)
    revoke(store, key)

    assert _due(store) == {}
    assert _sweep(store, NOW + 99 * DAY) == 0
    assert _status(store, key) == "revoked"


def test_uses_do_not_conflict_with_the_expiry(store: Store) -> None:
    key = api_key(expires_at=NOW)
    add(store, key)
    (due,) = _found(store, key)
    store.uses.record_use(query(key, now=NOW - SECOND))

    assert store.due_keys.settle([due], now=NOW) == 1


# ---- The index of due keys ----


def test_index_contains_only_active_keys_with_an_expiry(store: Store) -> None:
    forever, mortal = api_key(1), api_key(2, expires_at=NOW + SECOND)
    for key in (forever, mortal, api_key(3, expires_at=NOW, stored_status="disabled")):
        add(store, key)

    assert _due(store) == {str(mortal.id): 0}


def test_due_keys_are_paged_with_the_longest_due_first(store: Store) -> None:
    keys = [api_key(UUID(int=number), expires_at=NOW - (5 - number // 2) * SECOND) for number in range(6)]
    later = api_key(UUID(int=6), expires_at=NOW + MILLISECOND)
    add_many(store, [*keys, later])

    found: list[DueKey] = []
    after: DueKey | None = None
    while page := store.due_keys.due("0", now=NOW, limit=2, after=after):
        found += page
        after = page[-1]

    assert sorted(due.id for due in found) == [key.id for key in keys]
    assert [due.id.int // 2 for due in found] == [0, 0, 1, 1, 2, 2]
    assert {(due.account_id, due.due_at) for due in found} == {(ACCOUNT, due.expires_at) for due in found}


# ---- Many keys in one transaction ----


def _fifty(store: Store) -> tuple[list[ApiKey], list[DueKey]]:
    keys = [api_key(UUID(int=number), expires_at=NOW) for number in range(TOGETHER)]
    add_many(store, keys)
    due = store.due_keys.due("0", now=NOW, limit=100, after=None)
    assert len(due) == TOGETHER
    return keys, list(due)


def test_fifty_keys_are_settled_in_one_transaction(store: Store) -> None:
    _, due = _fifty(store)
    store.calls.clear()

    assert store.due_keys.settle(due, now=NOW) == TOGETHER

    assert store.calls == {"TransactWriteItems": 1}
    assert len(_told(store)) == len(set(_told(store))) == TOGETHER
    assert _due(store) == {}


@pytest.mark.parametrize("changed", ["revoked", "disabled", "another expiry", "settled"])
def test_concurrently_changed_key_does_not_block_the_other_49(store: Store, changed: str) -> None:
    keys, due = _fifty(store)
    if changed == "revoked":
        revoke(store, keys[17])
    elif changed == "disabled":
        change(store, keys[17], stored_status="disabled")
    elif changed == "another expiry":
        change(store, keys[17], expires_at=NOW + DAY)
    else:
        assert store.due_keys.settle([due[17]], now=NOW) == 1

    assert store.due_keys.settle(due, now=NOW) == TOGETHER - 1

    statuses = Counter(item["status"] for item in store.items(API_KEYS))
    assert statuses["expired"] == TOGETHER - (changed != "settled")
    assert len(_told(store)) == len(set(_told(store))) == statuses["expired"]
    assert store.due_keys.settle(due, now=NOW) == 0


def test_keys_are_audited_in_their_own_accounts(store: Store) -> None:
    for number, account_id in enumerate([ACCOUNT, OTHER, ACCOUNT]):
        add(store, api_key(UUID(int=number), account_id=account_id, expires_at=NOW))

    assert _sweep(store) == 3
    assert (len(_told(store)), len(_told(store, OTHER))) == (2, 1)


# ---- The scheduled job ----


def test_job_settles_all_due_keys_and_no_others(store: Store) -> None:
    rng = Random(1)
    due = [api_key(10 + n, expires_at=NOW - rng.randrange(5) * SECOND) for n in range(120)]
    later = api_key(2, expires_at=NOW + MILLISECOND)
    add_many(store, [*due, later])

    assert _sweep(store) == 120

    assert {item["status"] for item in store.items(API_KEYS) if item["id"] != str(later.id)} == {"expired"}
    assert _status(store, later) == "active"
    assert _due(store) == {str(later.id): 0}
    assert _sweep(store) == 0


def test_job_reads_one_index_and_never_scans(store: Store) -> None:
    add(store, api_key(expires_at=NOW))
    store.calls.clear()

    _sweep(store)

    assert store.calls == {"Query": len(SHARDS), "TransactWriteItems": 1}


def test_two_concurrent_runs_settle_each_key_once(store: Store) -> None:
    keys = [api_key(n, expires_at=NOW + (n % 2) * WEEK, updated_at=NOW - DAY) for n in range(1, 301)]
    add_many(store, keys)

    with ThreadPoolExecutor(2) as threads:
        done = [each.result() for each in [threads.submit(_sweep, store) for _ in range(2)]]

    assert sum(done) == 300
    told = Counter(_told(store))
    assert set(told.values()) == {1}
    assert Counter(action for action, _ in told) == {"api_key.expired": 150, "api_key.expiring": 150}
    assert {key.id for key in keys} == {UUID(key_id) for _, key_id in told}


def test_failed_batch_does_not_block_others_and_is_retried_next_time(
    store: Store,
) -> None:
    add_many(store, [api_key(UUID(int=number), expires_at=NOW) for number in range(3 * TOGETHER)])
    broken = DependencyUnavailableError("transact_write_items: InternalServerError")
    settled: list[int] = []

    class Breaks(type(store.due_keys)):  # type: ignore[misc]
        def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
            settled.append(len(keys))
            if UUID(int=0) in {key.id for key in keys}:
                raise broken
            return int(super().settle(keys, now=now))

    keys = store.due_keys
    breaking = Breaks(store.database, table=API_KEYS, audit=store.audit_items, rng=Random(9))

    swept = sweep(breaking, clock=MovableClock(), may_go_on=lambda: True)

    assert (swept.done, swept.failures) == (3 * TOGETHER - 1, [broken])
    assert (settled[0], min(settled)) == (TOGETHER, 1)
    assert sweep(keys, clock=MovableClock(), may_go_on=lambda: True).done == 1
    assert Counter(actions(store)) == {"api_key.expired": 3 * TOGETHER}


def test_one_run_settles_a_thousand_keys(store: Store) -> None:
    many = 1_000
    add_many(store, [api_key(n, account_id=f"acct_{n % 50}", expires_at=NOW) for n in range(1, many + 1)])
    assert _sweep(store) == many
    assert _due(store) == {}


# ---- 100,000 keys in runs with a limit ----


class KeysInMemory:
    """An in-memory index of due keys that is always up to date."""

    shards = SHARDS

    def __init__(self, count: int) -> None:
        rng = Random(1)
        self.left: Mapping[str, dict[tuple[datetime, UUID], DueKey]] = {shard: {} for shard in SHARDS}
        self.settled: Counter[UUID] = Counter()
        self.largest_page = self.calls = 0
        for _ in range(count):
            key_id, due_at = UUID(int=rng.getrandbits(128), version=4), NOW - rng.randrange(10_000) * SECOND
            self.left[str(key_id)[0]][due_at, key_id] = DueKey(key_id, ACCOUNT, due_at, due_at)
        self._sorted = {shard: sorted(keys) for shard, keys in self.left.items()}

    def due(self, shard: str, *, now: datetime, limit: int, after: DueKey | None) -> Sequence[DueKey]:
        self.calls += 1
        start = None if after is None else (after.due_at, after.id)
        keys = self.left[shard]
        found: list[DueKey] = []
        for place in self._sorted[shard]:
            if place in keys and place[0] <= now and (start is None or place > start):
                found.append(keys[place])
                if len(found) == limit:
                    break
        self.largest_page = max(self.largest_page, len(found))
        return found

    def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
        self.calls += 1
        assert len(keys) <= TOGETHER
        for key in keys:
            assert key.due_at <= now
            del self.left[str(key.id)[0]][key.due_at, key.id]
            self.settled[key.id] += 1
        return len(keys)


def _fewer(keys: KeysInMemory, calls: int) -> bool:
    return keys.calls < calls


def test_forty_thousand_due_keys_are_settled_in_limited_runs() -> None:
    keys = KeysInMemory(40_000)
    done: list[int] = []
    while not done or done[-1]:
        ends = keys.calls + 600

        swept = sweep(keys, clock=MovableClock(), may_go_on=partial(_fewer, keys, ends))

        assert keys.calls <= ends
        assert not swept.failures
        done.append(swept.done)

    assert sum(done) == len(keys.settled) == 40_000
    assert set(keys.settled.values()) == {1}
    assert keys.largest_page == PAGE
    # A third of the 600 calls read pages, because a run does not read the keys again that it has settled.
    assert done[0] >= 19_000


def test_run_without_remaining_time_makes_no_call() -> None:
    keys = KeysInMemory(5_000)

    assert sweep(keys, clock=MovableClock(), may_go_on=lambda: False).done == 0
    assert keys.calls == 0
