"""The condition of a verification: it stays within DynamoDB's limits and agrees with `reason`.

The tests run on DynamoDB Local, because no mock has its parser.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Literal

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.ip_ranges import MAX_BLOCKS, address_bytes
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.verification import KeyQuery, RightsSources, reason
from latchhook.permissions.requirements import MAX_SCOPES, InAccount, Joined, Requirement, Scope, names, opposite
from latchhook.rates import RateLimit, to_micros
from latchhook.storage.api_key_items import new_item, primary_key, to_refusal
from latchhook.storage.attributes import from_item, to_attribute
from latchhook.storage.key_conditions import UpdateVariant, use
from tests.samples import NOW, PREFIX, SECOND, api_key, key_text, profile
from tests.storage.conftest import Store
from tests.storage.keys import add, query, verify
from tests.template_tables import API_KEYS

MAX_EXPRESSION = 4096
MAX_OPERATORS = 300
TOMORROW = NOW + timedelta(days=1)

# A scope of four parts is granted by itself and by four wildcards.
LONGEST = tuple(f"{'r' * 62}{number:02d}:{'b' * 64}:{'c' * 64}:{'d' * 64}" for number in range(MAX_SCOPES))
SCATTERED = tuple(f"198.51.{number}.0/24" for number in range(0, 2 * MAX_BLOCKS, 2))


def _deep(scopes: tuple[str, ...]) -> Requirement:
    """Return a requirement of maximum depth that alternates `and` and `or`."""
    tree: Requirement = Joined("and", tuple(Scope(scope) for scope in scopes[: MAX_SCOPES - 7]))
    for depth, scope in enumerate(scopes[MAX_SCOPES - 7 :]):
        how: Literal["and", "or"] = "and" if depth % 2 else "or"
        tree = Joined(how, (Scope(scope), tree))
    return tree


LARGEST = {
    "all of": Joined("and", tuple(Scope(scope) for scope in LONGEST)),
    "none of": opposite(Joined("or", tuple(Scope(scope) for scope in LONGEST))),
    "not all of": opposite(Joined("and", tuple(Scope(scope) for scope in LONGEST))),
    "any of": Joined("or", tuple(Scope(scope) for scope in LONGEST)),
    "deep": _deep(LONGEST),
    "deep, negated": opposite(_deep(LONGEST)),
}


def _limited(**changes: Any) -> ApiKey:
    limits: dict[str, Any] = {
        "rate_limit": RateLimit(100, 1, 100),
        "credits": Credits(6, Refill(10, "daily"), TOMORROW),
        "ip_allow_list": SCATTERED,
    }
    return api_key(**limits | changes)


def _operators(expression: str) -> int:
    return len(re.findall(r"\b(?:AND|OR|NOT)\b|<=|>=|<>|<|>|=|\w+\(| [+-] ", expression))


@pytest.mark.parametrize("asked", list(LARGEST))
@pytest.mark.parametrize("form", ["busy", "idle", "refill"])
def test_largest_condition_is_within_dynamodbs_limits(asked: str, form: str) -> None:
    key = _limited(credits=Credits(0, Refill(10, "daily"), NOW))
    forms = {"busy": UpdateVariant(), "idle": UpdateVariant(idle=True), "refill": UpdateVariant(idle=True, refill=key)}
    required = LARGEST[asked]
    assert len(list(names(required))) == MAX_SCOPES

    # The authentication of a request adds the accounts that the key may belong to.
    required = Joined("or", (Joined("and", (InAccount("a" * 64), required)), InAccount("b" * 64)))
    sources = RightsSources(profile().id, "u" * 255)
    made = use(query(key, required=required, address=address_bytes("198.51.0.1"), sources=sources), forms[form])

    for expression in (made["ConditionExpression"], made["UpdateExpression"]):
        assert len(expression) <= MAX_EXPRESSION
        assert _operators(expression) <= MAX_OPERATORS


@pytest.mark.parametrize("asked", list(LARGEST))
def test_largest_condition_is_evaluated_correctly(store: Store, asked: str) -> None:
    required = LARGEST[asked]
    everything = _limited(key_id=1, scopes=LONGEST)
    nothing = _limited(key_id=2)
    held_by_all = asked in ("all of", "any of", "deep")

    for key, good in ((everything, held_by_all), (nothing, not held_by_all)):
        text = add(store, key)
        store.calls.clear()
        first = verify(store, text, required=required, ip=f"198.51.{2 * MAX_BLOCKS - 2}.255", cost=5)
        assert first.code == ("VALID" if good else "INSUFFICIENT_SCOPE")
        if good:
            # The last allowed address. The key is first idle, then busy, then gets its refill.
            assert store.calls == {"UpdateItem": 2}
            again = verify(store, text, required=required, ip="198.51.0.0", cost=2)
            assert again.code == "USAGE_EXCEEDED"
            later = verify(store, text, required=required, ip="198.51.0.0", cost=10, now=TOMORROW)
            assert later.code == "VALID"


def test_dynamodb_local_refuses_a_longer_expression(store: Store) -> None:
    """This proves that DynamoDB Local enforces the limit."""
    key = api_key()
    add(store, key)
    made = use(query(key), UpdateVariant())
    made["ConditionExpression"] += " AND attribute_exists(id)" * (MAX_EXPRESSION // 25)

    with pytest.raises(ClientError, match="Expression size has exceeded"):
        store.client.update_item(TableName=API_KEYS, Key=primary_key(key.id), **made)


# ---- Agreement with `reason` ----

_SCOPES = ("a:r", "a:w", "b:r", "a:b:c:d", "events:write")
_HELD = (*_SCOPES, "*", "a:*", "a:b:*", "events:*")
_ADDRESSES = ("10.0.0.0", "10.0.0.255", "10.0.1.0", "192.0.2.7", "::ffff:10.0.0.9", "2001:db8::", "2001:db8::ff", "::1")
_BLOCKS = ("10.0.0.0/24", "192.0.2.7/32", "2001:db8::/120", "::/0", "0.0.0.0/0", "10.0.1.0/24", "::ffff:10.0.0.0/120")

_moments = st.sampled_from([NOW + at * timedelta(milliseconds=1) for at in (-86_400_000, -1, 0, 1, 86_400_000)])
_trees = st.recursive(
    st.builds(Scope, st.sampled_from(_SCOPES), st.booleans()),
    lambda parts: st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(parts, max_size=3).map(tuple)),
    max_leaves=6,
)
_ids = count(1)


@st.composite
def _keys(draw: st.DrawFn) -> ApiKey:
    rate = draw(st.none() | st.builds(RateLimit, st.integers(1, 5), st.integers(1, 3), st.integers(1, 4)))
    refill = draw(st.none() | st.builds(Refill, st.integers(0, 3), st.sampled_from(["daily", "monthly"])))
    left = Credits(draw(st.integers(0, 3)), refill, None if refill is None else draw(_moments))
    around = draw(st.integers(-4, 8)) * (0 if rate is None else rate.step_micros) // 2 + draw(st.integers(-1, 1))
    return api_key(
        next(_ids),
        scopes=tuple(draw(st.lists(st.sampled_from(_HELD), max_size=3, unique=True))),
        stored_status=draw(st.sampled_from(["active", "active", "active", "disabled", "revoked", "expired"])),
        expires_at=draw(st.none() | _moments),
        profile_id=draw(st.sampled_from([None, None, profile().id])),
        other_owner_id=draw(st.sampled_from([None, "zoe"])),
        follows_owner=draw(st.sampled_from([False, False, False, True])),
        rate_limit=rate,
        rate_full_at_micros=0 if rate is None else draw(st.sampled_from([0, to_micros(NOW) + around])),
        credits=draw(st.none() | st.just(left)),
        ip_allow_list=tuple(draw(st.lists(st.sampled_from(_BLOCKS), max_size=3, unique=True))),
    )


def _put(store: Store, key: ApiKey, previous_until: datetime | None) -> None:
    """Store a key in a state that uses can produce."""
    item = new_item(key, hash_key_text(key_text(key)), PREFIX)
    item.pop("limitTold", None)
    if key.rate_limit is not None and key.rate_full_at_micros:
        item["tat"] = to_attribute(key.rate_full_at_micros)
        item["readyAt"] = to_attribute(key.rate_full_at_micros - key.rate_limit.tolerance_micros)
    if previous_until is not None:
        item["previousHash"] = to_attribute(hash_key_text(key_text(key, 2)))
        item["previousUntil"] = to_attribute(int(previous_until.timestamp() * 1000))
    store.client.put_item(TableName=API_KEYS, Item=item)


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    key=_keys(),
    previous_until=st.none() | _moments,
    secret=st.sampled_from([1, 1, 1, 2, 3]),
    required=_trees,
    cost=st.integers(0, 4),
    ip=st.none() | st.sampled_from(_ADDRESSES),
    sources=st.builds(
        RightsSources,
        st.sampled_from([None, None, profile().id, profile(2).id]),
        st.sampled_from([None, None, None, "user_1", "zoe"]),
    ),
)
def test_database_and_rules_make_the_same_decision(
    store: Store,
    key: ApiKey,
    previous_until: datetime | None,
    secret: int,
    required: Requirement,
    cost: int,
    ip: str | None,
    sources: RightsSources,
) -> None:
    _put(store, key, previous_until)
    address = None if ip is None else address_bytes(ip)
    asked = query(key, secret=secret, required=required, cost=cost, address=address, sources=sources)
    code = _code(store, key, asked)

    found = store.uses.record_use(asked)

    # If the condition and `reason` disagreed, the use would be retried and end as a dependency error.
    assert isinstance(found, ApiKey) is (code is None)
    if isinstance(found, ApiKey):
        assert found == _after(key, asked)
    else:
        assert _code(store, key, asked) == code


def _code(store: Store, key: ApiKey, asked: KeyQuery) -> str | None:
    response = store.client.get_item(TableName=API_KEYS, Key=primary_key(key.id), ConsistentRead=True)
    return reason(to_refusal(from_item(response["Item"]), asked.key_hash), asked)


def _after(key: ApiKey, asked: KeyQuery) -> ApiKey:
    """Return the key after a use, computed by the rules."""
    full_at, left = 0, key.credits
    if key.rate_limit is not None:
        full_at = max(key.rate_full_at_micros, to_micros(asked.now)) + key.rate_limit.step_micros
    if left is not None:
        left = Credits(left.remaining(asked.now) - asked.cost, left.refill, left.next_refill(asked.now))
    uses = {f"{asked.now:%Y%m%d}": 1}
    return replace(key, rate_full_at_micros=full_at, credits=left, daily_requests=uses, last_used_at=asked.now)


@pytest.mark.parametrize("seed", range(3))
def test_maximum_number_of_blocks_is_exact_at_every_border(store: Store, seed: int) -> None:
    rng = Random(seed)
    blocks = tuple({f"10.{rng.randrange(256)}.{rng.randrange(256)}.0/{rng.choice((24, 25, 28))}" for _ in range(17)})
    blocks += tuple(f"2001:db8:{number:x}::/48" for number in rng.sample(range(0, 60_000, 2), MAX_BLOCKS - len(blocks)))
    key = api_key(ip_allow_list=blocks)
    add(store, key)

    for first, last in ip_ranges.ranges(blocks):
        for address, inside in ((first, True), (last, True), (_next(first, -1), False), (_next(last, 1), False)):
            found = store.uses.record_use(query(key, address=address, now=NOW + SECOND))
            assert isinstance(found, ApiKey) is inside


def _next(address: bytes, step: int) -> bytes:
    return (int.from_bytes(address) + step).to_bytes(16)
