"""Lists of keys: pages, searches with a work limit, and unrevoked keys."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.finding import Search
from latchhook.clock import to_millis
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.api_keys_table import MAX_EXAMINED, MAX_READ
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, api_key, entry, key_text
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, add, add_many, change, revoke, verify
from tests.template_tables import API_KEYS

ALL = Search()
MANY = MAX_EXAMINED + 700


def _fill(store: Store, count: int, *, ties: bool = False) -> list[ApiKey]:
    """Store keys of the account and return them, oldest first."""
    keys = [api_key(1000 + n, created_at=NOW + (0 if ties else n) * MILLISECOND) for n in range(count)]
    add_many(store, keys)
    return keys


def _page(store: Store, *, limit: int = 100, after: Position | None = None, search: Search = ALL) -> Page[ApiKey]:
    return store.keys.page(ACCOUNT, limit=limit, after=after, search=search, now=NOW)


def _pages(store: Store, limit: int, search: Search = ALL) -> list[list[UUID]]:
    pages: list[list[UUID]] = []
    after: Position | None = None
    while not pages or after is not None:
        page = _page(store, limit=limit, after=after, search=search)
        pages.append([key.id for key in page.items])
        after = page.after
        assert len(pages) < 100
    return pages


# ---- Pages ----


def test_keys_of_the_account_are_listed_newest_first(store: Store) -> None:
    keys = _fill(store, 5)
    add(store, api_key(1, account_id=OTHER))

    assert _pages(store, 100) == [[key.id for key in reversed(keys)]]


@pytest.mark.parametrize("ties", [False, True], ids=["one after another", "all at once"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("search", [ALL, Search(text="key")], ids=["all", "search"])
def test_pages_contain_every_key_once(store: Store, limit: int, ties: bool, search: Search) -> None:
    keys = _fill(store, 7, ties=ties)

    pages = _pages(store, limit, search)

    assert sorted(key_id for page in pages for key_id in page) == sorted(key.id for key in keys)
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(pages) == -(-7 // limit)
    # The order of keys with the same creation time is the same in every list.
    assert [key_id for page in pages for key_id in page] == _pages(store, 100)[0]


def test_page_costs_one_query_and_one_batch_read(store: Store) -> None:
    _fill(store, 4)
    store.calls.clear()

    _page(store, limit=3)

    assert store.calls == {"Query": 1, "BatchGetItem": 1}


def test_empty_account_costs_one_query(store: Store) -> None:
    assert _page(store).items == ()
    assert store.calls == {"Query": 1}


def test_list_shows_the_current_state_of_each_key(store: Store) -> None:
    keys = _fill(store, 2)
    revoke(store, keys[0])
    verify(store, key_text(keys[1]))

    newest, oldest = _page(store).items

    assert (newest.request_count_at(NOW), oldest.stored_status) == (1, "revoked")


@pytest.mark.parametrize(
    "position",
    [(), ("1",), ("1", "2", "3"), ("x", str(UUID(int=1))), ("1", "no id"), ("9" * 40, str(UUID(int=1))),
     ("-" + "9" * 40, str(UUID(int=1)))],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("search", [ALL, Search(text="x")], ids=["all", "search"])
def test_malformed_position_is_refused(store: Store, position: Position, search: Search) -> None:
    with pytest.raises(InvalidPositionError):
        _page(store, after=position, search=search)
    with pytest.raises(InvalidPositionError):
        store.keys.live_page(ACCOUNT, limit=10, after=position)


def test_position_of_a_missing_key_starts_at_its_place(store: Store) -> None:
    keys = _fill(store, 3)

    page = _page(store, after=(str(to_millis(keys[1].created_at)), str(UUID(int=0))))

    assert [key.id for key in page.items][-1] == keys[0].id


def test_position_of_another_account_reveals_nothing(store: Store) -> None:
    theirs = [api_key(n, account_id=OTHER, created_at=NOW + n * SECOND) for n in range(1, 4)]
    add_many(store, theirs)
    mine = _fill(store, 2)

    page = _page(store, after=(str(to_millis(theirs[2].created_at)), str(theirs[2].id)))

    assert {key.id for key in page.items} == {key.id for key in mine}


# ---- Searches ----


def test_index_contains_only_the_searched_attributes(store: Store) -> None:
    add(store, api_key(expires_at=NOW, prefix="sk_live_abcd", description="d", scopes=("orders:read",)))

    (entry,) = store.client.scan(TableName=API_KEYS, IndexName="byAccount")["Items"]

    searched = {"name", "status", "expiresAt", "shownPrefix"}
    assert entry.keys() == {"id", "record", "accountId", "createdAt"} | searched


@pytest.mark.parametrize(
    ("status", "found"),
    [("active", [4, 0]), ("disabled", [3]), ("expired", [2]), ("revoked", [1])],
)
def test_keys_are_found_by_their_current_status(store: Store, status: Status, found: list[int]) -> None:
    settings: list[dict[str, Any]] = [
        {"expires_at": NOW + MILLISECOND},
        {"stored_status": "revoked"},
        {"expires_at": NOW},
        {"stored_status": "disabled", "expires_at": NOW},
        {},
    ]
    keys = [api_key(n, created_at=NOW + n * SECOND, **changes) for n, changes in enumerate(settings, start=1)]
    add_many(store, keys)

    assert _pages(store, 100, Search(status=status)) == [[keys[at].id for at in found]]


def test_keys_are_found_by_name_and_by_the_start_of_their_text(store: Store) -> None:
    named = [api_key(n, name=name, created_at=NOW + n * SECOND) for n, name in enumerate(("Shop ZOË", "billing"), 1)]
    elsewhere = api_key(3, prefix="sk_test_51Hq", created_at=NOW + 3 * SECOND)
    add_many(store, [*named, elsewhere])

    for text, key in (("zoë", named[0]), ("LING", named[1]), (key_text(named[0])[:20], named[0]), ("51H", elsewhere)):
        assert _pages(store, 100, Search(text=text)) == [[key.id]]
    assert _pages(store, 100, Search(text="zoë", status="disabled")) == [[]]
    # The secret is not searched: characters after the id find nothing.
    assert _pages(store, 100, Search(text=key_text(named[0])[:40])) == [[]]


def test_changed_key_is_found_by_its_new_values(store: Store) -> None:
    key = api_key(name="before")
    add(store, key)
    after = change(store, key, name="after")
    assert (_pages(store, 9, Search(text="before")), _pages(store, 9, Search(text="after"))) == ([[]], [[key.id]])

    revoke(store, after)
    assert _pages(store, 9, Search(status="active")) == [[]]
    assert _pages(store, 9, Search(status="revoked")) == [[key.id]]


def test_search_examines_a_limited_number_and_the_next_page_continues(store: Store) -> None:
    rng = Random(1)
    wanted = set(rng.sample(range(MANY), 37)) | {0, 1, MANY - 1}
    keys = [
        api_key(
            n + 1,
            # Several keys have the same creation time, also at the border of two requests.
            created_at=NOW - (n // 7) * SECOND,
            name="the one" if n in wanted else "another",
            stored_status="disabled" if n % 2 else "active",
        )
        for n in range(MANY)
    ]
    add_many(store, keys)
    store.calls.clear()

    first = _page(store, limit=100, search=Search(text="the one"))
    assert store.calls == {"Query": 4, "BatchGetItem": 1}
    assert first.after is not None
    assert len(first.items) < 100
    second = _page(store, limit=100, after=first.after, search=Search(text="the one"))
    assert second.after is None
    found = [key.id for key in (*first.items, *second.items)]
    assert sorted(found) == sorted(keys[n].id for n in wanted)

    for limit in (3, 39, 40):
        pages = _pages(store, limit, Search(text="the one"))
        assert [key_id for page in pages for key_id in page] == found
    # A page can be empty without being the last.
    nothing = _page(store, search=Search(text="none has that name"))
    assert (nothing.items, nothing.after is None) == ((), False)
    for status in ("active", "disabled"):
        listed = [key_id for page in _pages(store, 90, Search(status=status)) for key_id in page]
        assert sorted(listed) == sorted(key.id for key in keys if key.stored_status == status)


def test_search_ends_correctly_at_the_limit_of_examined_keys(store: Store) -> None:
    keys = [api_key(n + 1, created_at=NOW - n * SECOND, name=f"number {n}") for n in range(MAX_EXAMINED + 1)]
    add_many(store, keys[: MAX_EXAMINED - 1])
    for last in (MAX_EXAMINED - 2, MAX_EXAMINED - 1, MAX_EXAMINED):
        if last >= MAX_EXAMINED - 1:
            add(store, keys[last])

        pages = _pages(store, 10, Search(text=f"number {last}"))

        assert [key_id for page in pages for key_id in page] == [keys[last].id]
        assert len(pages) <= 2


def _owned(store: Store, count: int, owners: set[int]) -> list[ApiKey]:
    """Store keys, the newest first. Those at the positions `owners` have another owner than their creator."""
    keys = [
        api_key(n + 1, created_at=NOW - (n // 3) * SECOND, other_owner_id="user_7" if n in owners else None)
        for n in range(count)
    ]
    add_many(store, keys)
    return keys


def test_search_outside_the_index_reads_a_limited_number_of_keys(store: Store) -> None:
    wanted = {0, 1, MAX_READ - 1, MAX_READ, MAX_READ + 1, MAX_READ + 150}
    keys = _owned(store, MAX_READ + 151, wanted)
    search = Search(owner_user_id="user_7")
    store.calls.clear()

    first = _page(store, search=search)
    assert store.calls == {"Query": 2, "BatchGetItem": MAX_READ // 100}
    assert first.after is not None
    assert len(first.items) < len(wanted)
    pages = _pages(store, 100, search)
    assert sorted(key_id for page in pages for key_id in page) == sorted(keys[n].id for n in wanted)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_pages_of_a_search_outside_the_index_have_each_key_once(store: Store, limit: int) -> None:
    wanted = {1, 2, 5, 6}
    keys = _owned(store, 7, wanted)

    pages = _pages(store, limit, Search(owner_user_id="user_7", status="active"))

    assert sorted(key_id for page in pages for key_id in page) == sorted(keys[n].id for n in wanted)


def test_owner_and_rotation_are_read_back_and_removed(store: Store) -> None:
    key = api_key(other_owner_id="user_7")
    add(store, key)
    assert store.keys.get(ACCOUNT, key.id) == key

    rotated = store.keys.replace_secret(
        key, key_hash=b"h" * 32, previous_until=NOW, entry=entry(seed=5, at=NOW + SECOND)
    )
    assert rotated.rotated_at == NOW + SECOND
    changed = change(store, rotated, other_owner_id=None)
    assert store.keys.get(ACCOUNT, key.id) == changed
    assert (changed.owner_user_id, changed.rotated_at) == ("user_1", NOW + SECOND)


# ---- Unrevoked keys ----


def test_list_of_live_keys_excludes_revoked_keys(store: Store) -> None:
    keys = _fill(store, 4)
    revoke(store, keys[1])

    assert [key.id for key in store.keys.newest_live(ACCOUNT, limit=10)] == [keys[3].id, keys[2].id, keys[0].id]


def test_list_of_live_keys_is_the_newest_up_to_its_limit(store: Store) -> None:
    keys = _fill(store, 4)

    assert [key.id for key in store.keys.newest_live(ACCOUNT, limit=2)] == [keys[3].id, keys[2].id]


def test_pages_of_live_keys_continue_after_revoked_keys(store: Store) -> None:
    keys = _fill(store, 9)
    seen: list[UUID] = []
    after: Position | None = None
    while True:
        page = store.keys.live_page(ACCOUNT, limit=2, after=after)
        seen += [key.id for key in page.items]
        for key in page.items:
            revoke(store, key, now=NOW + timedelta(seconds=1))
        after = page.after
        if after is None:
            break

    assert seen == [key.id for key in reversed(keys)]
    assert store.keys.live_page(ACCOUNT, limit=100, after=None) == Page((), None)


def test_more_than_100_live_keys_are_read_100_per_call(store: Store) -> None:
    _fill(store, 103)
    store.calls.clear()

    assert len(store.keys.newest_live(ACCOUNT, limit=1000)) == 103
    assert store.calls == {"Query": 1, "BatchGetItem": 2}
