"""API keys as they are kept: created, verified, revoked, rotated, listed, expired; on moto and on DynamoDB Local."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ReadTimeoutError

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError, ApiKeyRevokedError
from latchhook.api_keys.expiry_sweep import sweep
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.verification import MAX_REQUIRED_SCOPES, Question, Verdict, verify
from latchhook.clock import to_millis
from latchhook.outages import StoreUnavailableError
from latchhook.pages import InvalidPositionError, Position
from latchhook.storage.database import ConditionFailedError
from tests.samples import ACCOUNT, MILLISECOND, NOW, PREFIX, SECOND, MovableClock, api_key, entry, key_text
from tests.storage.conftest import Store
from tests.template_tables import API_KEYS, SETTINGS

OTHER = "acct_other"


def _add(store: Store, key: ApiKey, *, secret: int = 1) -> str:
    """Stores the key and gives its text."""
    text = key_text(key, secret)
    store.keys.add(key, hash_key_text(text), entry(key.account_id, action="api_key.created", seed=key.id.int))
    return text


def _verify(store: Store, text: str, *required: str, now: datetime = NOW) -> Verdict:
    return verify(text, prefix=PREFIX, required_scopes=required, now=now, checks=store.keys)


def _revoke(store: Store, key: ApiKey, *, account_id: str = ACCOUNT, now: datetime = NOW) -> None:
    store.keys.revoke(account_id, key.id, now=now, entry=entry(account_id, action="api_key.revoked", seed=2, at=now))


def _rotate(store: Store, key: ApiKey, *, secret: int, grace: timedelta, now: datetime = NOW) -> str:
    text = key_text(key, secret)
    store.keys.replace_secret(
        key,
        key_hash=hash_key_text(text),
        previous_until=now + grace,
        now=now,
        entry=entry(key.account_id, action="api_key.rotated", seed=secret, at=now),
    )
    return text


# ---- Creating and reading ----


def test_a_key_is_read_back_as_it_was_made(store: Store) -> None:
    key = api_key(
        name="Shop — Zoë \U0001f3c1",
        description="sync",
        scopes=("orders:read", "orders:write"),
        expires_at=NOW + SECOND,
        metadata={"team": "blü", "deep": [{"n": 1.5, "none": None, "yes": True}]},
    )
    _add(store, key)

    assert store.keys.get(ACCOUNT, key.id) == key


def test_a_key_without_settings_is_read_back_as_it_was_made(store: Store) -> None:
    key = api_key()
    _add(store, key)

    assert store.keys.get(ACCOUNT, key.id) == key


def test_a_key_is_one_item_of_less_than_a_kibibyte_and_holds_no_secret(store: Store) -> None:
    key = api_key(scopes=("orders:read", "orders:write"), expires_at=NOW + SECOND, metadata={"team": "blue"})
    text = _add(store, key)

    (item,) = store.items(API_KEYS)
    assert text not in repr(item)
    assert text[-38:-6] not in repr(item)
    assert len(repr(item)) < 1024


def test_a_key_and_its_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    key = api_key()
    store.calls.clear()
    _add(store, key)

    assert store.calls == {"TransactWriteItems": 1}
    (logged,) = store.audit_log(ACCOUNT)
    assert (logged["action"], logged["targetId"]) == ("api_key.created", str(UUID(int=key.id.int)))
    assert (logged["actorKind"], logged["actorId"]) == ("user", "user_1")
    assert (logged["sourceIp"], logged["requestId"]) == ("203.0.113.9", "request-1")
    assert logged["ttl"] == to_millis(NOW + timedelta(days=365)) // 1000


def test_a_key_that_cannot_be_stored_leaves_no_audit_entry(store: Store) -> None:
    key = api_key()
    _add(store, key)
    before = store.audit_log(ACCOUNT)

    with pytest.raises(ConditionFailedError):
        store.keys.add(replace(key, name="another"), b"hash", entry(seed=99))

    assert store.audit_log(ACCOUNT) == before
    assert store.keys.get(ACCOUNT, key.id).name == key.name


def test_a_missing_key_and_another_accounts_key_are_the_same(store: Store) -> None:
    theirs = api_key(account_id=OTHER)
    _add(store, theirs)

    for key_id in (theirs.id, api_key(2).id):
        with pytest.raises(ApiKeyNotFoundError):
            store.keys.get(ACCOUNT, key_id)


# ---- Verifying ----


def test_a_good_key_is_valid_in_one_write(store: Store) -> None:
    key = api_key(scopes=("orders:read",), metadata={"team": "blue"})
    text = _add(store, key)
    store.calls.clear()

    verdict = _verify(store, text)

    assert verdict.code == "VALID"
    assert verdict.key is not None
    assert replace(verdict.key, daily_requests={}, last_used_at=None) == key
    assert store.calls == {"UpdateItem": 1}


def test_every_use_is_counted_for_its_day_and_its_month(store: Store) -> None:
    text = _add(store, api_key())
    key = None
    for day in (1, 1, 31, 32):
        key = _verify(store, text, now=datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=day - 1)).key

    assert key is not None
    assert key.daily_requests == {"20270301": 2, "20270331": 1, "20270401": 1}
    assert key.request_count_at(NOW) == 3


def test_the_last_use_is_kept(store: Store) -> None:
    key = api_key()
    text = _add(store, key)
    _verify(store, text, now=NOW + MILLISECOND)

    assert store.keys.get(ACCOUNT, key.id).last_used_at == NOW + MILLISECOND


def test_a_key_that_is_not_there_is_not_found(store: Store) -> None:
    assert _verify(store, key_text(api_key())) == Verdict("NOT_FOUND")


def test_another_secret_with_the_same_id_is_not_found(store: Store) -> None:
    key = api_key()
    _add(store, key, secret=1)

    assert _verify(store, key_text(key, 2)) == Verdict("NOT_FOUND")


@pytest.mark.parametrize("status", ["revoked", "disabled", "expired"])
def test_a_key_with_another_status_than_active_is_refused(store: Store, status: Any) -> None:
    text = _add(store, api_key(stored_status=status))

    verdict = _verify(store, text)

    assert verdict.code == status.upper()
    assert verdict.key is not None


def test_a_key_is_refused_from_the_very_second_of_its_expiry_without_any_sweep(store: Store) -> None:
    text = _add(store, api_key(expires_at=NOW))

    assert _verify(store, text, now=NOW - MILLISECOND).code == "VALID"
    assert _verify(store, text, now=NOW).code == "EXPIRED"


def test_a_refused_use_is_not_counted(store: Store) -> None:
    key = api_key(scopes=("orders:read",), expires_at=NOW + SECOND)
    text = _add(store, key)
    _verify(store, text, "orders:write")
    _verify(store, key_text(key, 2))
    _verify(store, text, now=NOW + SECOND)

    kept = store.keys.get(ACCOUNT, key.id)
    assert (kept.daily_requests, kept.last_used_at) == ({}, None)


@pytest.mark.parametrize(
    ("held", "required", "code"),
    [
        (("orders:read",), ("orders:read",), "VALID"),
        (("orders:read", "orders:write"), ("orders:write", "orders:read"), "VALID"),
        (("orders:read",), ("orders:read", "orders:write"), "INSUFFICIENT_SCOPE"),
        (("orders:*",), ("orders:read", "orders:write"), "VALID"),
        (("orders:*",), ("products:read",), "INSUFFICIENT_SCOPE"),
        (("*",), ("orders:read", "a:b:c:d"), "VALID"),
        (("a:b:*",), ("a:b:c:d",), "VALID"),
        (("a:b:*",), ("a:c:d",), "INSUFFICIENT_SCOPE"),
        (("orders:readonly",), ("orders:read",), "INSUFFICIENT_SCOPE"),
        ((), ("orders:read",), "INSUFFICIENT_SCOPE"),
        ((), (), "VALID"),
    ],
    ids=str,
)
def test_scopes_are_held_by_name_or_by_wildcard(
    store: Store, held: tuple[str, ...], required: tuple[str, ...], code: str
) -> None:
    text = _add(store, api_key(scopes=held))

    assert _verify(store, text, *required).code == code


def test_as_many_scopes_as_a_request_may_require_can_be_asked_for(store: Store) -> None:
    longest = tuple(f"{'r' * 60}{number:02d}:{'b' * 45}:{'c' * 45}:{'d' * 44}" for number in range(MAX_REQUIRED_SCOPES))
    text = _add(store, api_key(scopes=longest))

    assert _verify(store, text, *longest).code == "VALID"
    assert _verify(store, text, *longest[1:], "no:such:scope:at-all").code == "INSUFFICIENT_SCOPE"


# ---- Revoking ----


def test_a_revoked_key_is_refused_on_the_next_request(store: Store) -> None:
    key = api_key()
    text = _add(store, key)
    _revoke(store, key)

    assert _verify(store, text).code == "REVOKED"


def test_a_revocation_is_kept_with_its_moment_and_audited(store: Store) -> None:
    key = api_key(expires_at=NOW + timedelta(days=1))
    _add(store, key)
    store.calls.clear()
    _revoke(store, key, now=NOW + SECOND)

    assert store.calls == {"TransactWriteItems": 1}
    kept = store.keys.get(ACCOUNT, key.id)
    assert (kept.stored_status, kept.revoked_at, kept.updated_at) == ("revoked", NOW + SECOND, NOW + SECOND)
    assert [logged["action"] for logged in store.audit_log(ACCOUNT)] == ["api_key.created", "api_key.revoked"]


def test_revoking_twice_keeps_the_first_moment_and_is_no_error(store: Store) -> None:
    key = api_key()
    _add(store, key)
    _revoke(store, key, now=NOW)
    log = store.audit_log(ACCOUNT)
    _revoke(store, key, now=NOW + SECOND)

    assert store.keys.get(ACCOUNT, key.id).revoked_at == NOW
    assert store.audit_log(ACCOUNT) == log


def test_another_accounts_key_is_not_revoked(store: Store) -> None:
    theirs = api_key(account_id=OTHER)
    text = _add(store, theirs)

    for key in (theirs, api_key(2)):
        with pytest.raises(ApiKeyNotFoundError):
            _revoke(store, key)

    assert _verify(store, text).code == "VALID"
    assert store.audit_log(ACCOUNT) == []


def test_another_accounts_revoked_key_is_not_found_either(store: Store) -> None:
    theirs = api_key(account_id=OTHER)
    _add(store, theirs)
    _revoke(store, theirs, account_id=OTHER)

    with pytest.raises(ApiKeyNotFoundError):
        _revoke(store, theirs)


# ---- Rotating ----


def test_after_a_rotation_the_new_secret_holds_and_the_old_one_until_the_grace_ends(store: Store) -> None:
    key = api_key(scopes=("orders:read",))
    old = _add(store, key, secret=1)
    new = _rotate(store, key, secret=2, grace=300 * SECOND)

    for text in (old, new):
        assert _verify(store, text, "orders:read", now=NOW + 300 * SECOND - MILLISECOND).code == "VALID"
    assert _verify(store, old, now=NOW + 300 * SECOND).code == "EXPIRED"
    assert _verify(store, new, now=NOW + 300 * SECOND).code == "VALID"


def test_without_grace_the_old_secret_ends_at_once(store: Store) -> None:
    key = api_key()
    old = _add(store, key, secret=1)
    new = _rotate(store, key, secret=2, grace=timedelta())

    assert (_verify(store, old).code, _verify(store, new).code) == ("EXPIRED", "VALID")


def test_a_second_rotation_ends_the_older_grace(store: Store) -> None:
    key = api_key()
    first = _add(store, key, secret=1)
    second = _rotate(store, key, secret=2, grace=timedelta(days=7))
    third = _rotate(store, key, secret=3, grace=timedelta(days=7))

    assert [_verify(store, text).code for text in (first, second, third)] == ["NOT_FOUND", "VALID", "VALID"]


def test_both_secrets_count_on_the_same_key(store: Store) -> None:
    key = api_key()
    old = _add(store, key, secret=1)
    new = _rotate(store, key, secret=2, grace=300 * SECOND)
    _verify(store, old)
    _verify(store, new)

    assert store.keys.get(ACCOUNT, key.id).request_count_at(NOW) == 2


def test_revoking_ends_every_secret(store: Store) -> None:
    key = api_key()
    old = _add(store, key, secret=1)
    new = _rotate(store, key, secret=2, grace=300 * SECOND)
    _revoke(store, key)

    assert [_verify(store, text).code for text in (old, new)] == ["REVOKED", "REVOKED"]


def test_a_grace_lacks_what_the_key_lacks(store: Store) -> None:
    key = api_key()
    old = _add(store, key, secret=1)
    _rotate(store, key, secret=2, grace=300 * SECOND)

    assert _verify(store, old, "orders:read").code == "INSUFFICIENT_SCOPE"


def test_a_rotated_key_keeps_everything_but_its_secret_and_is_audited(store: Store) -> None:
    key = api_key(scopes=("orders:read",), metadata={"a": 1}, expires_at=NOW + timedelta(days=9))
    _add(store, key)
    _rotate(store, key, secret=2, grace=300 * SECOND, now=NOW + SECOND)

    assert store.keys.get(ACCOUNT, key.id) == replace(key, updated_at=NOW + SECOND)
    assert [logged["action"] for logged in store.audit_log(ACCOUNT)] == ["api_key.created", "api_key.rotated"]


def test_a_revoked_key_is_not_rotated(store: Store) -> None:
    key = api_key()
    _add(store, key)
    _revoke(store, key)

    with pytest.raises(ApiKeyRevokedError):
        _rotate(store, key, secret=2, grace=timedelta())


def test_a_missing_key_is_not_rotated(store: Store) -> None:
    with pytest.raises(ApiKeyNotFoundError):
        _rotate(store, api_key(), secret=2, grace=timedelta())

    assert store.items(SETTINGS) == []


# ---- Counting what was accepted while the key was throttled ----


def test_a_key_is_presented_as_it_stands_and_nothing_is_counted(store: Store) -> None:
    key = api_key()
    text = _add(store, key)
    store.calls.clear()

    presented = store.keys.presented(Question(key.id, hash_key_text(text), (), NOW))

    assert presented is not None
    assert (presented.key, presented.secret) == (key, "current")
    assert store.calls == {"GetItem": 1}


def test_which_secret_was_presented_is_told(store: Store) -> None:
    key = api_key()
    old = _add(store, key, secret=1)
    _rotate(store, key, secret=2, grace=300 * SECOND)

    presented = store.keys.presented(Question(key.id, hash_key_text(old), (), NOW))
    unknown = store.keys.presented(Question(key.id, hash_key_text(key_text(key, 9)), (), NOW))

    assert presented is not None
    assert (presented.secret, presented.previous_ends_at) == ("previous", NOW + 300 * SECOND)
    assert unknown is not None
    assert unknown.secret == "unknown"
    assert store.keys.presented(Question(api_key(2).id, b"", (), NOW)) is None


def test_uses_that_were_accepted_earlier_are_added_to_their_day(store: Store) -> None:
    key = api_key()
    text = _add(store, key)
    _verify(store, text)
    store.keys.add_uses(key.id, day="20270315", uses=41)
    store.keys.add_uses(key.id, day="20270228", uses=5)

    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.daily_requests == {"20270315": 42, "20270228": 5}
    assert kept.last_used_at == NOW


def test_uses_of_a_key_that_is_not_there_make_none(store: Store) -> None:
    store.keys.add_uses(api_key().id, day="20270315", uses=1)

    assert store.items(API_KEYS) == []


# ---- Listing ----


def _fill(store: Store, count: int, *, account_id: str = ACCOUNT, ties: bool = False) -> list[ApiKey]:
    keys = [
        api_key(1000 + number, account_id=account_id, created_at=NOW + (0 if ties else number) * MILLISECOND)
        for number in range(count)
    ]
    for key in keys:
        _add(store, key)
    return keys


def _pages(store: Store, limit: int) -> list[list[UUID]]:
    pages: list[list[UUID]] = []
    after: Position | None = None
    while True:
        page = store.keys.page(ACCOUNT, limit=limit, after=after)
        pages.append([key.id for key in page.things])
        after = page.after
        if after is None:
            return pages


def test_the_accounts_keys_are_listed_newest_first(store: Store) -> None:
    keys = _fill(store, 5)
    _add(store, api_key(1, account_id=OTHER))

    assert _pages(store, 100) == [[key.id for key in reversed(keys)]]


@pytest.mark.parametrize("ties", [False, True], ids=["one after another", "all at once"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_page_by_page_every_key_comes_once(store: Store, limit: int, ties: bool) -> None:
    keys = _fill(store, 7, ties=ties)

    pages = _pages(store, limit)

    assert sorted(key_id for page in pages for key_id in page) == sorted(key.id for key in keys)
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(pages) == -(-7 // limit)


def test_the_order_of_a_list_is_always_the_same(store: Store) -> None:
    _fill(store, 6, ties=True)

    assert [key_id for page in _pages(store, 2) for key_id in page] == _pages(store, 6)[0]


def test_a_page_is_one_query_of_the_index_and_one_batch_read(store: Store) -> None:
    _fill(store, 4)
    store.calls.clear()

    store.keys.page(ACCOUNT, limit=3, after=None)

    assert store.calls == {"Query": 1, "BatchGetItem": 1}


def test_an_account_without_keys_is_one_query(store: Store) -> None:
    assert store.keys.page(ACCOUNT, limit=10, after=None).things == ()
    assert store.calls == {"Query": 1}


def test_a_list_shows_each_key_as_it_stands(store: Store) -> None:
    keys = _fill(store, 2)
    _revoke(store, keys[0])
    _verify(store, key_text(keys[1]))

    newest, oldest = store.keys.page(ACCOUNT, limit=10, after=None).things

    assert (newest.request_count_at(NOW), oldest.stored_status) == (1, "revoked")


@pytest.mark.parametrize(
    "position",
    [(), ("1",), ("1", "2", "3"), ("x", str(UUID(int=1))), ("1", "no id"), ("9" * 40, str(UUID(int=1))),
     ("-" + "9" * 40, str(UUID(int=1)))],
    ids=str,
)  # fmt: skip
def test_a_position_that_no_list_gave_is_refused(store: Store, position: Position) -> None:
    with pytest.raises(InvalidPositionError):
        store.keys.page(ACCOUNT, limit=10, after=position)


def test_a_position_of_a_key_that_is_not_in_the_list_starts_where_it_would_stand(store: Store) -> None:
    keys = _fill(store, 3)

    page = store.keys.page(ACCOUNT, limit=10, after=(str(to_millis(keys[1].created_at)), str(UUID(int=0))))

    assert [key.id for key in page.things][-1] == keys[0].id


def test_the_index_holds_keys_only(store: Store) -> None:
    _fill(store, 1)

    (entry_,) = store.client.scan(TableName=API_KEYS, IndexName="byAccount")["Items"]

    assert entry_.keys() == {"id", "record", "accountId", "createdAt"}


def test_the_live_list_leaves_out_revoked_keys(store: Store) -> None:
    keys = _fill(store, 4)
    _revoke(store, keys[1])

    assert [key.id for key in store.keys.newest_live(ACCOUNT, limit=10)] == [keys[3].id, keys[2].id, keys[0].id]


def test_the_live_list_is_the_newest_up_to_its_limit(store: Store) -> None:
    keys = _fill(store, 4)

    assert [key.id for key in store.keys.newest_live(ACCOUNT, limit=2)] == [keys[3].id, keys[2].id]


def test_a_live_list_of_more_than_a_hundred_is_read_a_hundred_at_a_time(store: Store) -> None:
    _fill(store, 103)
    store.calls.clear()

    assert len(store.keys.newest_live(ACCOUNT, limit=1000)) == 103
    assert store.calls == {"Query": 1, "BatchGetItem": 2}


# ---- Expiring ----


def _expiry_index(store: Store) -> set[str]:
    return {item["id"]["S"] for item in store.client.scan(TableName=API_KEYS, IndexName="byExpiry")["Items"]}


def test_only_active_keys_that_expire_stand_in_the_sweeps_index(store: Store) -> None:
    forever, mortal, revoked = (
        api_key(1),
        api_key(2, expires_at=NOW + SECOND),
        api_key(3, expires_at=NOW + SECOND),
    )
    for key in (forever, mortal, revoked):
        _add(store, key)
    _revoke(store, revoked)

    assert _expiry_index(store) == {str(mortal.id)}


def test_the_sweep_marks_what_is_due_and_takes_it_out_of_the_index(store: Store) -> None:
    rng = Random(1)
    due = [api_key(10 + n, expires_at=NOW - rng.randrange(5) * SECOND) for n in range(20)]
    later = api_key(2, expires_at=NOW + MILLISECOND)
    for key in (*due, later):
        _add(store, key)

    marked = sweep(store.keys, clock=MovableClock(), may_go_on=lambda: True)

    assert marked == 20
    assert {store.keys.get(ACCOUNT, key.id).stored_status for key in due} == {"expired"}
    assert store.keys.get(ACCOUNT, later.id).stored_status == "active"
    assert _expiry_index(store) == {str(later.id)}
    assert sweep(store.keys, clock=MovableClock(), may_go_on=lambda: True) == 0


def test_the_sweep_reads_one_index_and_never_scans(store: Store) -> None:
    _add(store, api_key(expires_at=NOW))
    store.calls.clear()

    sweep(store.keys, clock=MovableClock(), may_go_on=lambda: True)

    assert store.calls == {"Query": 16, "UpdateItem": 1}


def test_keys_that_are_due_are_paged_the_longest_due_first(store: Store) -> None:
    keys = [api_key(UUID(int=number), expires_at=NOW - (5 - number // 2) * SECOND) for number in range(6)]
    for key in keys:
        _add(store, key)

    found: list[UUID] = []
    after = None
    while page := store.keys.expired("0", now=NOW, limit=2, after=after):
        found += [key_id for key_id, _ in page]
        after = page[-1]

    assert sorted(found) == [key.id for key in keys]
    assert [api_id.int // 2 for api_id in found] == [0, 0, 1, 1, 2, 2]


def test_a_key_that_changed_meanwhile_is_not_marked(store: Store) -> None:
    revoked, moved = api_key(1, expires_at=NOW), api_key(2, expires_at=NOW + SECOND)
    for key in (revoked, moved):
        _add(store, key)
    _revoke(store, revoked)

    assert not store.keys.mark_expired(revoked.id, expires_at=NOW, now=NOW)
    assert not store.keys.mark_expired(moved.id, expires_at=NOW, now=NOW)
    assert not store.keys.mark_expired(moved.id, expires_at=NOW + SECOND, now=NOW)
    assert not store.keys.mark_expired(api_key(3).id, expires_at=NOW, now=NOW)
    assert store.keys.get(ACCOUNT, revoked.id).stored_status == "revoked"


# ---- Outages ----


def _lose_the_next_answer(store: Store) -> None:
    """The next transaction is done, and the connection breaks before its answer is here."""
    lost: list[str] = []

    def lose(**_: Any) -> None:
        if not lost:
            lost.append("an answer")
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example/")

    store.client.meta.events.register("after-call.dynamodb.TransactWriteItems", lose)


def test_a_key_whose_first_answer_was_lost_is_made_once_and_known(amazon_store: Store) -> None:
    _lose_the_next_answer(amazon_store)
    text = _add(amazon_store, api_key())

    assert _verify(amazon_store, text).code == "VALID"
    assert len(amazon_store.audit_log(ACCOUNT)) == 1


def test_a_rotation_whose_first_answer_was_lost_leaves_the_old_secret_its_grace(amazon_store: Store) -> None:
    key = api_key()
    old = _add(amazon_store, key, secret=1)
    _lose_the_next_answer(amazon_store)
    new = _rotate(amazon_store, key, secret=2, grace=300 * SECOND)

    assert [_verify(amazon_store, text).code for text in (old, new)] == ["VALID", "VALID"]


def test_a_table_that_is_not_there_is_an_outage_and_no_refusal(store: Store) -> None:
    text = _add(store, api_key())
    store.client.delete_table(TableName=API_KEYS)

    with pytest.raises(StoreUnavailableError, match="ResourceNotFoundException") as outage:
        _verify(store, text)

    assert text not in str(outage.value)
