"""Uses of keys: a verification is decided by one write, and refusals are counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.verification import Refusal, Verdict
from latchhook.permissions.profiles import Rule
from latchhook.permissions.requirements import Joined, Requirement, Scope, all_of, opposite
from latchhook.rates import RateLimit
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, api_key, entry, key_text, profile
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, actions, add, change, codes, query, records, revoke, rotate, stored, verify
from tests.template_tables import API_KEYS

MIDNIGHT = (NOW + timedelta(days=1)).replace(hour=0)
BLOCKS = (*(f"198.51.{number}.0/24" for number in range(0, 38, 2)), "2001:db8::/32")


def one_of(*scopes: str) -> Requirement:
    return Joined("or", tuple(Scope(scope) for scope in scopes))


# ---- Number of writes ----


def test_valid_key_costs_one_write(store: Store) -> None:
    key = api_key(scopes=("orders:read",), metadata={"team": "blue"})
    text = add(store, key)
    store.calls.clear()

    verdict = verify(store, text)

    assert verdict.code == "VALID"
    assert verdict.key is not None
    assert replace(verdict.key, daily_requests={}, last_used_at=None) == key
    assert store.calls == {"UpdateItem": 1}


def test_all_limits_of_a_key_are_decided_in_one_write(store: Store) -> None:
    key = api_key(
        scopes=("orders:*", "products:read"),
        expires_at=NOW + timedelta(days=1),
        rate_limit=RateLimit(60, 60, 60),
        credits=Credits(100, Refill(100, "daily"), MIDNIGHT),
        ip_allow_list=BLOCKS,
    )
    asked: dict[str, Any] = {
        "required": Joined("and", (one_of("orders:read", "x:y"), opposite(all_of(["products:write", "orders:read"])))),
        "cost": 3,
        "ip": "2001:db8::1",
    }
    text = add(store, key)
    assert verify(store, text, **asked).code == "VALID"
    store.calls.clear()

    assert verify(store, text, **asked, now=NOW + SECOND / 2).code == "VALID"

    assert store.calls == {"UpdateItem": 1}
    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.request_count_at(NOW) == 2
    assert kept.credits is not None
    assert kept.credits.remaining(NOW) == 94


@pytest.mark.parametrize(
    ("rate", "refill", "writes"),
    [(False, False, 1), (True, False, 2), (False, True, 2), (True, True, 2)],
    ids=["neither", "idle", "refill due", "idle and refill due"],
)
def test_idle_key_or_due_refill_costs_a_second_write(store: Store, rate: bool, refill: bool, writes: int) -> None:
    key = api_key(
        rate_limit=RateLimit(60, 60, 60) if rate else None,
        credits=Credits(0, Refill(10, "daily"), NOW) if refill else Credits(10),
    )
    text = add(store, key)
    store.calls.clear()

    assert verify(store, text).code == "VALID"
    assert store.calls == {"UpdateItem": writes}
    store.calls.clear()
    assert verify(store, text).code == "VALID"
    assert store.calls == {"UpdateItem": 1}
    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.credits is not None
    assert kept.credits.remaining(NOW) == 8


def test_refusal_is_one_write_that_does_not_change_the_key(store: Store) -> None:
    key = api_key(scopes=("orders:read",), expires_at=NOW + SECOND, credits=Credits(1))
    add(store, key)
    before = stored(store, key)
    store.calls.clear()

    assert isinstance(store.uses.record_use(query(key, required=Scope("orders:write"))), Refusal)
    assert isinstance(store.uses.record_use(query(key, secret=2)), Refusal)
    assert isinstance(store.uses.record_use(query(key, now=NOW + SECOND)), Refusal)
    assert isinstance(store.uses.record_use(query(key, cost=2)), Refusal)
    assert store.uses.record_use(query(api_key(2))) is None

    assert store.calls == {"UpdateItem": 5}
    assert stored(store, key) == before
    assert len(store.items(API_KEYS)) == 1


def test_every_use_is_counted_for_its_day_and_its_month(store: Store) -> None:
    text = add(store, api_key())
    key = None
    for day in (1, 1, 31, 32):
        key = verify(store, text, now=datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=day - 1)).key

    assert key is not None
    assert key.daily_requests == {"20270301": 2, "20270331": 1, "20270401": 1}
    assert key.request_count_at(NOW) == 3


def test_time_of_the_last_use_is_stored(store: Store) -> None:
    key = api_key()
    text = add(store, key)
    verify(store, text, now=NOW + MILLISECOND)

    assert store.keys.get(ACCOUNT, key.id).last_used_at == NOW + MILLISECOND


# ---- Reasons for refusal ----


def test_missing_key_and_wrong_secret_are_not_found(store: Store) -> None:
    key = api_key()
    assert verify(store, key_text(key)) == Verdict("NOT_FOUND")

    add(store, key, secret=1)

    assert verify(store, key_text(key, 2)) == Verdict("NOT_FOUND")
    assert list(records(store, key)) == ["KEY"]


@pytest.mark.parametrize("status", ["revoked", "disabled", "expired"])
def test_key_that_is_not_active_is_refused(store: Store, status: Any) -> None:
    text = add(store, api_key(stored_status=status))

    verdict = verify(store, text)

    assert verdict.code == status.upper()
    assert verdict.key is not None


def test_key_expires_at_the_exact_millisecond_without_a_scheduled_job(store: Store) -> None:
    text = add(store, api_key(expires_at=NOW))

    assert verify(store, text, now=NOW - MILLISECOND).code == "VALID"
    assert verify(store, text, now=NOW).code == "EXPIRED"


@pytest.mark.parametrize(
    ("held", "required", "code"),
    [
        (("orders:read",), ("orders:read",), "VALID"),
        (("orders:read", "orders:write"), ("orders:write", "orders:read"), "VALID"),
        (("orders:read",), ("orders:read", "orders:write"), "INSUFFICIENT_SCOPE"),
        (("orders:*",), ("orders:read", "orders:write"), "VALID"),
        (("orders:*",), ("products:read",), "INSUFFICIENT_SCOPE"),
        (("*",), ("orders:read", "a:b:c:d"), "VALID"),
        (("*",), ("events:write",), "INSUFFICIENT_SCOPE"),
        (("events:*",), ("events:write",), "INSUFFICIENT_SCOPE"),
        (("events:write",), ("events:write",), "VALID"),
        (("a:b:*",), ("a:b:c:d",), "VALID"),
        (("a:b:*",), ("a:c:d",), "INSUFFICIENT_SCOPE"),
        (("orders:readonly",), ("orders:read",), "INSUFFICIENT_SCOPE"),
        ((), ("orders:read",), "INSUFFICIENT_SCOPE"),
        ((), (), "VALID"),
    ],
    ids=str,
)
def test_scopes_are_granted_by_name_or_by_wildcard(
    store: Store, held: tuple[str, ...], required: tuple[str, ...], code: str
) -> None:
    text = add(store, api_key(scopes=held))

    assert verify(store, text, *required).code == code


@pytest.mark.parametrize(
    ("required", "code"),
    [
        (one_of("x:y", "orders:read"), "VALID"),
        (one_of("x:y", "z:z"), "INSUFFICIENT_SCOPE"),
        (opposite(Scope("x:y")), "VALID"),
        (opposite(Scope("orders:read")), "INSUFFICIENT_SCOPE"),
        (opposite(Scope("products:anything")), "INSUFFICIENT_SCOPE"),
        (opposite(one_of("x:y", "z:z")), "VALID"),
        (opposite(all_of(["orders:read", "x:y"])), "VALID"),
        (Joined("and", (one_of("x:y", "orders:read"), opposite(Scope("z:z")))), "VALID"),
        (Joined("or", (all_of(["orders:read", "x:y"]), all_of(["products:a", "products:b"]))), "VALID"),
        (Joined("and", (Joined("or", (Joined("and", (Scope("orders:read"),)),)),)), "VALID"),
    ],
    ids=str,
)
def test_required_scopes_can_be_a_tree(store: Store, required: Requirement, code: str) -> None:
    text = add(store, api_key(scopes=("orders:read", "products:*")))

    assert verify(store, text, required=required).code == code


@pytest.mark.parametrize(
    ("blocks", "ip", "code"),
    [
        (("10.0.0.0/8",), "10.0.0.0", "VALID"),
        (("10.0.0.0/8",), "10.255.255.255", "VALID"),
        (("10.0.0.0/8",), "9.255.255.255", "IP_NOT_ALLOWED"),
        (("10.0.0.0/8",), "11.0.0.0", "IP_NOT_ALLOWED"),
        (("10.0.0.0/8",), "::ffff:10.1.2.3", "VALID"),
        (("::ffff:10.0.0.0/104",), "10.1.2.3", "VALID"),
        (("10.0.0.0/8",), "a00::", "IP_NOT_ALLOWED"),
        (("0.0.0.0/0",), "255.255.255.255", "VALID"),
        (("0.0.0.0/0",), "2001:db8::1", "IP_NOT_ALLOWED"),
        (("::/0",), "192.0.2.1", "VALID"),
        (("2001:db8::/32",), "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "VALID"),
        (("2001:db8::/32",), "2001:db9::", "IP_NOT_ALLOWED"),
        (("192.0.2.7/32",), "192.0.2.7", "VALID"),
        (("192.0.2.7/32",), "192.0.2.8", "IP_NOT_ALLOWED"),
        (("192.0.2.7/32",), None, "IP_NOT_ALLOWED"),
        (BLOCKS, "198.51.36.255", "VALID"),
        (BLOCKS, "2001:db8::1", "VALID"),
        (BLOCKS, "198.51.37.0", "IP_NOT_ALLOWED"),
        ((), None, "VALID"),
        ((), "192.0.2.1", "VALID"),
    ],
    ids=str,
)
def test_allow_list_is_exact_at_its_first_and_last_address(
    store: Store, blocks: tuple[str, ...], ip: str | None, code: str
) -> None:
    text = add(store, api_key(ip_allow_list=blocks))

    assert verify(store, text, ip=ip).code == code


# ---- Rate limits and credits ----


def test_burst_is_accepted_and_then_one_use_per_step(store: Store) -> None:
    text = add(store, api_key(rate_limit=RateLimit(60, 60, 3)))

    assert codes(store, text, 4) == ["VALID"] * 3 + ["RATE_LIMITED"]
    assert codes(store, text, 1, now=NOW + SECOND - MILLISECOND) == ["RATE_LIMITED"]
    assert codes(store, text, 2, now=NOW + SECOND) == ["VALID", "RATE_LIMITED"]
    assert codes(store, text, 4, now=NOW + 10 * SECOND) == ["VALID"] * 3 + ["RATE_LIMITED"]


def test_credits_are_spent_by_cost_down_to_zero(store: Store) -> None:
    key = api_key(credits=Credits(7))
    text = add(store, key)

    assert codes(store, text, 2, cost=3) == ["VALID", "VALID"]
    assert codes(store, text, 1, cost=2) == ["USAGE_EXCEEDED"]
    assert codes(store, text, 1, cost=0) == ["VALID"]
    assert codes(store, text, 2, cost=1) == ["VALID", "USAGE_EXCEEDED"]


def test_credits_are_refilled_at_the_exact_time(store: Store) -> None:
    text = add(store, api_key(credits=Credits(1, Refill(2, "daily"), MIDNIGHT)))

    assert codes(store, text, 2) == ["VALID", "USAGE_EXCEEDED"]
    assert codes(store, text, 1, now=MIDNIGHT - MILLISECOND) == ["USAGE_EXCEEDED"]
    assert codes(store, text, 3, now=MIDNIGHT) == ["VALID", "VALID", "USAGE_EXCEEDED"]
    assert codes(store, text, 1, now=MIDNIGHT + timedelta(days=1) - MILLISECOND) == ["USAGE_EXCEEDED"]
    assert codes(store, text, 3, now=MIDNIGHT + timedelta(days=40)) == ["VALID", "VALID", "USAGE_EXCEEDED"]


def test_use_that_costs_more_than_the_refill_keeps_the_refill_due(store: Store) -> None:
    text = add(store, api_key(credits=Credits(0, Refill(2, "daily"), NOW)))

    assert codes(store, text, 1, cost=3) == ["USAGE_EXCEEDED"]
    assert codes(store, text, 2, cost=2) == ["VALID", "USAGE_EXCEEDED"]


def test_refill_uses_the_amount_of_a_concurrent_change(store: Store) -> None:
    key = api_key(credits=Credits(0, Refill(10, "daily"), NOW))
    text = add(store, key)
    calls: list[str] = []

    def change_before_the_second(**_: Any) -> None:
        calls.append("update")
        if len(calls) == 2:
            change(store, key, credits=Credits(0, Refill(3, "daily"), NOW))

    store.client.meta.events.register("before-call.dynamodb.UpdateItem", change_before_the_second)

    assert codes(store, text, 4) == ["VALID"] * 3 + ["USAGE_EXCEEDED"]


# ---- Uses that the profile denies ----


@pytest.mark.parametrize("rate", [None, RateLimit(60, 60, 5)], ids=["no rate limit", "rate limit"])
@pytest.mark.parametrize(
    "left", [None, Credits(10), Credits(10, Refill(20, "daily"), MIDNIGHT)], ids=["no credits", "credits", "refill"]
)
def test_use_that_the_profile_denies_consumes_nothing(
    store: Store, rate: RateLimit | None, left: Credits | None
) -> None:
    made = profile(rules=(Rule("allow", ("orders:*",)), Rule("deny", ("orders:write",))))
    store.profiles.add(made, entry(action="permission_profile.created"))
    key = api_key(profile_id=made.id, rate_limit=rate, credits=left)
    text = add(store, key)
    for _ in range(2):
        assert verify(store, text, "orders:read", cost=2).code == "VALID"
    before = records(store, key)["KEY"]
    store.calls.clear()

    assert [verify(store, text, "orders:write", cost=3).code for _ in range(9)] == ["INSUFFICIENT_SCOPE"] * 9

    # The read of the profile, the refused write, and the count of the refusal.
    assert store.calls == {"UpdateItem": 18, "GetItem": 9}
    assert records(store, key)["KEY"] == before


def test_denied_uses_of_an_idle_key_keep_its_full_burst(store: Store) -> None:
    made = profile(rules=(Rule("deny", ("orders:write",)),))
    store.profiles.add(made, entry(action="permission_profile.created"))
    text = add(store, api_key(scopes=("orders:*",), profile_id=made.id, rate_limit=RateLimit(60, 60, 3)))

    for _ in range(4):
        assert verify(store, text, "orders:write").code == "INSUFFICIENT_SCOPE"

    assert codes(store, text, 4) == ["VALID"] * 3 + ["RATE_LIMITED"]


# ---- Refusals ----


def test_refusals_are_counted_by_day_and_code_separate_from_uses(store: Store) -> None:
    key = api_key(scopes=("orders:read",), rate_limit=RateLimit(60, 60, 2), credits=Credits(1))
    text = add(store, key)
    codes(store, text, 4)
    verify(store, text, "orders:write")
    verify(store, text, "orders:write", now=NOW + timedelta(days=1))
    verify(store, key_text(key, 2))
    revoke(store, key)
    verify(store, text)

    usage = store.uses.usage(ACCOUNT, key.id)

    assert usage.requests == {"20270315": 1}
    assert usage.refused == {
        "20270315": {"USAGE_EXCEEDED": 3, "INSUFFICIENT_SCOPE": 1, "REVOKED": 1},
        "20270316": {"INSUFFICIENT_SCOPE": 1},
    }


def test_refusals_with_a_valid_secret_are_counted_by_their_code(store: Store) -> None:
    keys = {
        "EXPIRED": api_key(1, expires_at=NOW),
        "DISABLED": api_key(2, stored_status="disabled"),
        "IP_NOT_ALLOWED": api_key(3, ip_allow_list=("10.0.0.0/8",)),
        "RATE_LIMITED": api_key(4, rate_limit=RateLimit(1, 60, 1)),
    }
    for code, key in keys.items():
        text = add(store, key)
        while verify(store, text).valid:
            pass
        assert store.uses.usage(ACCOUNT, key.id).refused == {"20270315": {code: 1}}


def test_secret_after_its_grace_period_is_counted_as_expired(store: Store) -> None:
    key = api_key()
    old = add(store, key)
    rotate(store, key, secret=2, grace=timedelta())
    verify(store, old)

    assert store.uses.usage(ACCOUNT, key.id).refused == {"20270315": {"EXPIRED": 1}}


def test_use_that_spends_the_last_credit_is_recorded_once(store: Store) -> None:
    key = api_key(credits=Credits(3, Refill(1, "daily"), MIDNIGHT))
    text = add(store, key)

    assert codes(store, text, 3) == ["VALID"] * 3
    assert actions(store).count("api_key.limit_reached") == 1
    (told,) = [logged for logged in store.audit_log(ACCOUNT) if logged["action"] == "api_key.limit_reached"]
    assert (told["targetId"], told["actorKind"], told["actorId"]) == (str(key.id), "system", "limits")
    assert codes(store, text, 3) == ["USAGE_EXCEEDED"] * 3
    assert actions(store).count("api_key.limit_reached") == 1

    assert codes(store, text, 3, now=MIDNIGHT) == ["VALID", "USAGE_EXCEEDED", "USAGE_EXCEEDED"]
    assert actions(store).count("api_key.limit_reached") == 2

    change(store, store.keys.get(ACCOUNT, key.id), credits=Credits(1))
    assert codes(store, text, 3, now=MIDNIGHT) == ["VALID", "USAGE_EXCEEDED", "USAGE_EXCEEDED"]
    assert actions(store).count("api_key.limit_reached") == 3


def test_refused_use_that_costs_more_than_the_rest_is_not_recorded(store: Store) -> None:
    text = add(store, api_key(credits=Credits(3)))

    assert codes(store, text, 2, cost=4) == ["USAGE_EXCEEDED"] * 2
    assert "api_key.limit_reached" not in actions(store)


@pytest.mark.parametrize("start", [0, 3])
def test_credits_set_to_zero_are_not_recorded_as_spent(store: Store, start: int) -> None:
    key = api_key(credits=Credits(start))
    text = add(store, key)
    change(store, store.keys.get(ACCOUNT, key.id), name="Another", credits=Credits(0))

    assert codes(store, text, 2) == ["USAGE_EXCEEDED"] * 2
    assert codes(store, text, 1, cost=0) == ["VALID"]
    assert "api_key.limit_reached" not in actions(store)


def test_late_record_of_a_limit_before_a_refill_does_not_hide_the_next(store: Store) -> None:
    key = api_key(credits=Credits(2, Refill(2, "daily"), MIDNIGHT))
    text = add(store, key)
    used = store.uses.record_use(query(key, cost=2))
    assert isinstance(used, ApiKey)
    assert codes(store, text, 1, now=MIDNIGHT) == ["VALID"]

    store.uses.limit_reached(used, NOW)
    assert not store.keys.get(ACCOUNT, key.id).limit_notified

    assert codes(store, text, 1, now=MIDNIGHT) == ["VALID"]
    assert actions(store).count("api_key.limit_reached") == 1


# ---- Late counts of throttled keys ----


def test_lookup_returns_the_key_and_counts_nothing(store: Store) -> None:
    key = api_key()
    add(store, key)
    store.calls.clear()

    look_up = store.uses.look_up(query(key))

    assert look_up == Refusal(key, "current", None)
    assert store.calls == {"GetItem": 1}


def test_lookup_returns_which_secret_was_presented(store: Store) -> None:
    key = api_key()
    add(store, key)
    rotate(store, key, secret=2, grace=300 * SECOND)

    previous = store.uses.look_up(query(key))
    unknown = store.uses.look_up(query(key, secret=9))

    assert previous is not None
    assert (previous.secret, previous.previous_ends_at) == ("previous", NOW + 300 * SECOND)
    assert unknown is not None
    assert unknown.secret == "unknown"
    assert store.uses.look_up(query(api_key(2))) is None


def test_late_uses_are_added_to_their_day(store: Store) -> None:
    key = api_key()
    text = add(store, key)
    verify(store, text)
    store.uses.add_uses(key.id, day="20270315", uses=41)
    store.uses.add_uses(key.id, day="20270228", uses=5)
    store.uses.add_uses(key.id, day="20270315", uses=-1)

    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.daily_requests == {"20270315": 41, "20270228": 5}
    assert kept.last_used_at == NOW


def test_late_uses_of_a_missing_key_create_no_item(store: Store) -> None:
    store.uses.add_uses(api_key().id, day="20270315", uses=1)

    assert store.items(API_KEYS) == []


# ---- Usage ----


def test_usage_covers_90_days_across_months(store: Store) -> None:
    key = api_key(scopes=("orders:read",))
    text = add(store, key)
    first = NOW - timedelta(days=89)
    wanted: dict[str, int] = {}
    for back in (0, 1, 14, 15, 16, 42, 43, 44, 73, 74, 75, 89):
        moment = first + timedelta(days=back)
        store.uses.add_uses(key.id, day=f"{moment:%Y%m%d}", uses=back + 1)
        verify(store, text, "orders:write", now=moment)
        wanted[f"{moment:%Y%m%d}"] = back + 1
    for month in (202701, 202702, 202703):
        store.uses.close_months(key.id, month=month)
    store.calls.clear()

    usage = store.uses.usage(ACCOUNT, key.id)

    assert store.calls == {"Query": 1}
    assert usage.requests == wanted
    assert usage.refused == {day: {"INSUFFICIENT_SCOPE": 1} for day in wanted}


def test_usage_of_another_accounts_key_is_not_found(store: Store) -> None:
    theirs = api_key(account_id=OTHER)
    verify(store, add(store, theirs))
    ghost = api_key(2)
    store.uses.count_refusal(ghost, "REVOKED", NOW)

    for key in (theirs, ghost, api_key(3)):
        with pytest.raises(ApiKeyNotFoundError):
            store.uses.usage(ACCOUNT, key.id)


def test_unused_key_has_no_usage(store: Store) -> None:
    key = api_key()
    add(store, key)

    usage = store.uses.usage(ACCOUNT, key.id)

    assert (usage.requests, usage.refused) == ({}, {})
