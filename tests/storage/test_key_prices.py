"""The cost of keys: an item within one write unit, no index write per use, and lists with a constant cost."""

from datetime import timedelta
from typing import Any

import pytest

from latchhook.api_keys.finding import Search
from latchhook.api_keys.limits import Credits, Refill
from latchhook.rates import RateLimit
from latchhook.storage.key_conditions import UpdateVariant, use
from tests.samples import ACCOUNT, NOW, SECOND, api_key
from tests.storage.conftest import Store
from tests.storage.keys import add, add_many, change, query, rotate, verify
from tests.template_tables import API_KEYS, declared_tables

KIBIBYTE = 1024
MONTH = NOW.replace(day=1)
TYPICAL: dict[str, Any] = {
    "account_id": "6f0f5c1e-52f6-4a58-9d5c-0a5b7e1c9f11",
    "user_id": "0b9f4a52-3c8d-4f0e-8a44-5d1f2d3c4b5a",
    "name": "Production integration, EU (1)",
    "scopes": ("orders:read", "orders:write", "products:read", "inventory:read", "webhooks:write"),
}


def item_size(item: dict[str, Any]) -> int:
    """Return the size of an item in bytes as DynamoDB bills it: names and values in UTF-8.

    Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats".
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(attribute: dict[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "B":
            return len(value)
        case "N":
            # About one byte per two significant digits, plus one. Trailing zeros do not count. A minus sign is one more
            # byte.
            digits = value.lstrip("-").rstrip("0") or "0"
            return (len(digits) + 1) // 2 + 1 + int(value.startswith("-"))
        case "L":
            return 3 + sum(1 + _value_size(member) for member in value)
        case "BOOL" | "NULL":
            return 1
    raise ValueError(kind)


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        ({"S": "é"}, 2),
        ({"B": b"123"}, 3),
        ({"N": "27"}, 2),
        ({"N": "1000"}, 2),
        ({"N": "-123"}, 4),
        ({"L": [{"S": "ab"}, {"S": ""}]}, 7),
        ({"BOOL": True}, 1),
    ],
    ids=str,
)
def test_item_sizes_follow_dynamodbs_rules(attribute: dict[str, Any], size: int) -> None:
    assert _value_size(attribute) == size


@pytest.mark.parametrize("more", [{}, {"expires_at": MONTH + timedelta(days=200)}], ids=["plain", "expires"])
def test_typical_key_stays_within_one_write_unit_for_a_month(store: Store, more: dict[str, Any]) -> None:
    key = api_key(**TYPICAL, created_at=MONTH, updated_at=MONTH, **more)
    assert (len(key.name), len(key.scopes)) == (30, 5)
    text = add(store, key)
    for day in range(31):
        moment = MONTH + timedelta(days=day, microseconds=999_000)
        assert verify(store, text, now=moment).code == "VALID"
        store.uses.add_uses(key.id, day=f"{moment:%Y%m%d}", uses=1_234_567)
    rotated, _ = rotate(store, store.keys.get(key.account_id, key.id), secret=2, grace=timedelta(days=7))
    assert len(rotated.daily_requests) == 31

    (item,) = store.client.scan(TableName=API_KEYS)["Items"]

    assert item_size(item) <= KIBIBYTE


# ---- The cost of a verification ----


def _units(told: dict[str, Any]) -> tuple[float, dict[str, float]]:
    """Return the units of the table, and of each index that consumed any."""
    indexes = {name: units["CapacityUnits"] for name, units in told.get("GlobalSecondaryIndexes", {}).items()}
    return told["Table"]["CapacityUnits"], {name: units for name, units in indexes.items() if units}


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"rate_limit": RateLimit(1000, 1, 1000)},
        {"credits": Credits(100, Refill(100, "daily"), NOW + timedelta(days=1))},
        {"expires_at": NOW + timedelta(days=30), "ip_allow_list": ("192.0.2.0/24",)},
    ],
    ids=["plain", "rate limit", "credits", "expires"],
)
def test_verification_costs_one_write_unit_and_no_index_write(store: Store, limits: dict[str, Any]) -> None:
    key = api_key(**TYPICAL | {"account_id": ACCOUNT}, **limits)
    text = add(store, key)
    with store.consumed() as first:
        assert verify(store, text, ip="192.0.2.1").code == "VALID"
    with store.consumed() as later:
        for number in range(1, 4):
            moment = NOW + number * timedelta(hours=5) if "rate_limit" not in limits else NOW
            assert verify(store, text, now=moment, ip="192.0.2.1").code == "VALID"

    # The first use of a month adds the key to the index for the usage rollup.
    assert _units(first[-1]) == (1.0, {"byUse": 1.0})
    assert [_units(told) for told in later] == [(1.0, {})] * 3


def test_refused_verification_costs_one_write_unit(store: Store) -> None:
    key = api_key(stored_status="disabled")
    add(store, key)
    store.uses.count_refusal(key, "DISABLED", NOW)

    with store.consumed() as told:
        store.uses.count_refusal(key, "DISABLED", NOW + SECOND)

    assert [_units(one) for one in told] == [(1.0, {})]


def test_attributes_written_by_a_use_are_in_no_index() -> None:
    """Compare the attributes that a verification writes with those that the template projects."""
    indexed = set()
    for index in declared_tables()[API_KEYS]["GlobalSecondaryIndexes"]:
        indexed |= {part["AttributeName"] for part in index["KeySchema"]}
        indexed |= set(index["Projection"].get("NonKeyAttributes", ()))
        assert index["Projection"]["ProjectionType"] != "ALL"
    written = use(query(api_key()), UpdateVariant())["UpdateExpression"]

    # `usedSince` is set only if it is missing, once per month.
    assert {name for name in indexed if f"{name} =" in written} == {"usedSince"}
    assert "usedSince = if_not_exists(usedSince, :month)" in written


# ---- The cost of a list ----


def _list_costs(store: Store, account_id: str) -> tuple[dict[str, int], list[tuple[float, dict[str, float]]]]:
    store.calls.clear()
    with store.consumed() as told:
        first = store.keys.page(account_id, limit=50, after=None, search=Search(), now=NOW)
        second = store.keys.page(account_id, limit=50, after=first.after, search=Search(), now=NOW)
    assert (len(first.items), len(second.items)) == (50, 50)
    return dict(store.calls), [_units(one) for one in told]


def test_page_of_keys_costs_the_same_with_2000_keys_as_with_100(store: Store) -> None:
    # Manual measurements with 20,000 and 100,000 keys gave the same result.
    for account_id, first, count in (("few", 1, 100), ("many", 1_000, 2_000)):
        numbers = range(first, first + count)
        made = [api_key(n, account_id=account_id, created_at=NOW + n * SECOND) for n in numbers]
        add_many(store, made)

    few, of_many = _list_costs(store, "few"), _list_costs(store, "many")

    assert few == of_many
    assert few[0] == {"Query": 2, "BatchGetItem": 2}


def test_change_of_an_unindexed_setting_writes_no_index(store: Store) -> None:
    key = api_key()
    add(store, key)
    with store.consumed() as told:
        change(store, key, description="another", metadata={"a": 1})

    assert [_units(one)[1] for one in told if one["TableName"] == API_KEYS] == [{}]
