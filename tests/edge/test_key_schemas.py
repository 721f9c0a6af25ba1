"""Request bodies about keys: each limit with the last valid and the first invalid value, and its pointer."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from latchhook.api_keys.bulk_revocation import Filter
from latchhook.api_keys.changing import Configuration
from latchhook.api_keys.creation import ChosenCredits, KeySettings
from latchhook.api_keys.finding import Search
from latchhook.api_keys.limits import Refill
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.schemas.api_keys import CreateKeyBody, RotateKeyBody
from latchhook.edge.schemas.bulk_keys import BulkRevokeBody, ImportKeysBody
from latchhook.edge.schemas.key_changes import ReplaceKeyBody
from latchhook.edge.schemas.validation import validate
from latchhook.rates import RateLimit

KEY = {"name": "Shop"}
HASH = "0123456789abcdef" * 4
A_UUID = "6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001"
LONGEST_SCOPE = f"{'a' * 64}:{'b' * 64}:{'c' * 64}:{'d' * 5}"


def _pointers(model: type[BaseModel], document: Any) -> list[str]:
    with pytest.raises(InvalidFieldsError) as refused:
        validate(model, document)
    return [error.pointer for error in refused.value.errors]


def _blocks(count: int) -> list[str]:
    return [f"10.{number}.0.0/16" for number in range(count)]


def _hashes(count: int) -> list[dict[str, str]]:
    return [{"name": "k", "hash": f"{number:064x}"} for number in range(count)]


# ---- Creation ----


@pytest.mark.parametrize(
    ("just_in", "just_out", "pointer"),
    [
        ({"name": "x"}, {"name": ""}, "/name"),
        ({"name": "\U0001f3c1" * 255}, {"name": "x" * 256}, "/name"),
        ({"description": "x" * 1000}, {"description": "x" * 1001}, "/description"),
        ({"scopes": ["a:b"] * 50}, {"scopes": ["a:b"] * 51}, "/scopes"),
        ({"scopes": [LONGEST_SCOPE]}, {"scopes": [LONGEST_SCOPE + "d"]}, "/scopes/0"),
        ({"scopes": ["*", "a:*", "a:b:c:*"]}, {"scopes": ["*", "a:*", "a:b:c:d:*"]}, "/scopes/2"),
        ({"expiresAt": "2027-01-20T00:00:00Z"}, {"expiresAt": "2027-01-20T00:00:00"}, "/expiresAt"),
        ({"expiresAt": "2027-01-20T00:00:00+00:00"}, {"expiresAt": "2027-01-20T00:00:00+0000"}, "/expiresAt"),
        ({"expiresAt": "2027-01-20T23:59:59.999999999Z"}, {"expiresAt": "2027-01-20T23:59:60Z"}, "/expiresAt"),
        ({"metadata": {"x": "y" * 4088}}, {"metadata": {"x": "y" * 4089}}, "/metadata"),
        ({"metadata": {}}, {"metadata": {"x": "y" * 5 * 1024}}, "/metadata"),
        ({"profileId": A_UUID.upper()}, {"profileId": A_UUID.replace("-", "")}, "/profileId"),
        ({"ipAllowList": _blocks(20)}, {"ipAllowList": _blocks(21)}, "/ipAllowList"),
        ({"ipAllowList": ["10.0.0.0/32"]}, {"ipAllowList": ["10.0.0.0/33"]}, "/ipAllowList/0"),
        ({"ipAllowList": ["::1", "::/128"]}, {"ipAllowList": ["::1", "::/129"]}, "/ipAllowList/1"),
        ({"ipAllowList": ["10.0.0.0/8"]}, {"ipAllowList": ["10.0.0.1/8"]}, "/ipAllowList/0"),
        ({"credits": {"remaining": 0}}, {"credits": {"remaining": -1}}, "/credits/remaining"),
        ({"credits": {"remaining": 10**12}}, {"credits": {"remaining": 10**12 + 1}}, "/credits/remaining"),
        (
            {"rateLimit": {"limit": 1, "windowSeconds": 1}},
            {"rateLimit": {"limit": 0, "windowSeconds": 1}},
            "/rateLimit/limit",
        ),
        (
            {"rateLimit": {"limit": 1, "windowSeconds": 86_400}},
            {"rateLimit": {"limit": 1, "windowSeconds": 86_401}},
            "/rateLimit/windowSeconds",
        ),
        (
            {"rateLimit": {"limit": 1, "windowSeconds": 1}},
            {"rateLimit": {"limit": 1, "windowSeconds": 0}},
            "/rateLimit/windowSeconds",
        ),
        (
            {"rateLimit": {"limit": 60_000, "windowSeconds": 60}},
            {"rateLimit": {"limit": 60_001, "windowSeconds": 60}},
            "/rateLimit/limit",
        ),
        (
            {"rateLimit": {"limit": 5, "windowSeconds": 60, "burst": 5}},
            {"rateLimit": {"limit": 5, "windowSeconds": 60, "burst": 6}},
            "/rateLimit/burst",
        ),
        (
            {"rateLimit": {"limit": 5, "windowSeconds": 60, "burst": 1}},
            {"rateLimit": {"limit": 5, "windowSeconds": 60, "burst": 0}},
            "/rateLimit/burst",
        ),
        (
            {"credits": {"remaining": 1, "refill": {"amount": 1, "interval": "daily"}}},
            {"credits": {"remaining": 1, "refill": {"amount": 0, "interval": "daily"}}},
            "/credits/refill/amount",
        ),
        (
            {"credits": {"remaining": 1, "refill": {"amount": 10**12, "interval": "monthly"}}},
            {"credits": {"remaining": 1, "refill": {"amount": 10**12 + 1, "interval": "monthly"}}},
            "/credits/refill/amount",
        ),
        (
            {"credits": {"remaining": 1, "refill": None}},
            {"credits": {"remaining": 1, "refill": {"amount": 1, "interval": "weekly"}}},
            "/credits/refill/interval",
        ),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
@pytest.mark.parametrize("model", [CreateKeyBody, ReplaceKeyBody])
def test_limits_of_a_key_are_exact(
    model: type[CreateKeyBody], just_in: dict[str, Any], just_out: dict[str, Any], pointer: str
) -> None:
    assert validate(model, KEY | just_in)
    assert _pointers(model, KEY | just_out) == [pointer]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rateLimit", {}), ("rateLimit", {"limit": 5}), ("rateLimit", 5), ("rateLimit", []), ("credits", 5),
        ("credits", {}), ("credits", {"remaining": 1.5}), ("credits", {"remaining": "1"}),
        ("credits", {"remaining": True}),
        ("credits", {"remaining": 1, "refill": {}}), ("profileId", 5), ("profileId", ""), ("ipAllowList", "10.0.0.0/8"),
        ("ipAllowList", [5]), ("ipAllowList", [""]), ("ipAllowList", ["fe80::1%eth0"]), ("ipAllowList", ["x" * 65]),
        ("rateLimit", {"limit": 5, "windowSeconds": 60, "burst": 1.5}),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_setting_of_another_type_is_refused_with_pointer(field: str, value: Any) -> None:
    pointers = _pointers(CreateKeyBody, KEY | {field: value})

    assert pointers
    assert all(pointer.startswith(f"/{field}") for pointer in pointers)


def test_body_is_read_completely() -> None:
    body = validate(
        ReplaceKeyBody,
        {
            "name": "Shop",
            "description": "sync",
            "scopes": ["orders:*"],
            "profileId": A_UUID.upper(),
            "expiresAt": "2027-05-01T02:00:00+02:00",
            "metadata": {"a": [1, None]},
            "rateLimit": {"limit": 100, "windowSeconds": 60, "burst": 20},
            "credits": {"remaining": 7, "refill": {"amount": 50, "interval": "monthly"}},
            "ipAllowList": ["203.0.113.9", "2001:DB8::/32"],
            "status": "disabled",
        },
    )

    settings = KeySettings(
        name="Shop",
        description="sync",
        scopes=("orders:*",),
        profile_id=UUID(A_UUID),
        expires_at=datetime(2027, 5, 1, tzinfo=UTC),
        metadata={"a": [1, None]},
        rate_limit=RateLimit(100, 60, 20),
        credits=ChosenCredits(7, Refill(50, "monthly")),
        ip_allow_list=("203.0.113.9/32", "2001:db8::/32"),
    )
    assert body.configuration() == Configuration(settings, "disabled")


def test_put_resets_omitted_settings_except_the_status() -> None:
    assert validate(ReplaceKeyBody, KEY).configuration() == Configuration(KeySettings(name="Shop"), None)


def test_default_burst_is_the_limit() -> None:
    for sent in ({"limit": 5, "windowSeconds": 60}, {"limit": 5, "windowSeconds": 60, "burst": None}):
        assert validate(CreateKeyBody, KEY | {"rateLimit": sent}).settings().rate_limit == RateLimit(5, 60, 5)


@pytest.mark.parametrize("status", ["revoked", "expired", "Active", 5])
def test_other_status_is_refused(status: Any) -> None:
    assert _pointers(ReplaceKeyBody, KEY | {"status": status}) == ["/status"]


def test_new_key_takes_no_status() -> None:
    assert _pointers(CreateKeyBody, KEY | {"status": "disabled"}) == ["/status"]


# ---- Rotation ----


@pytest.mark.parametrize("seconds", [None, 0, 1, 604_800])
def test_grace_period_of_up_to_seven_days_is_accepted(seconds: int | None) -> None:
    assert validate(RotateKeyBody, {"gracePeriodSeconds": seconds}).grace_period_seconds == seconds


@pytest.mark.parametrize("seconds", [-1, 604_801, 1.5, "0", False])
def test_invalid_grace_period_is_refused(seconds: Any) -> None:
    assert _pointers(RotateKeyBody, {"gracePeriodSeconds": seconds}) == ["/gracePeriodSeconds"]


# ---- Import ----


@pytest.mark.parametrize("count", [1, 1000])
def test_import_of_up_to_a_thousand_keys_is_accepted(count: int) -> None:
    assert len(validate(ImportKeysBody, {"keys": _hashes(count)}).keys) == count


@pytest.mark.parametrize("count", [0, 1001])
def test_import_of_no_keys_or_over_a_thousand_is_refused(count: int) -> None:
    assert _pointers(ImportKeysBody, {"keys": _hashes(count)}) == ["/keys"]


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"hash": HASH[:-1]}, "/hash"), ({"hash": HASH + "0"}, "/hash"), ({"hash": HASH[:-1] + "g"}, "/hash"),
        ({"hash": HASH + "\n"}, "/hash"), ({"hash": "٠" * 64}, "/hash"), ({"hash": 5}, "/hash"), ({}, "/hash"),
        ({"hash": HASH, "prefix": "x" * 17}, "/prefix"), ({"hash": HASH, "prefix": "a\n"}, "/prefix"),
        ({"hash": HASH, "name": ""}, "/name"), ({"hash": HASH, "status": "active"}, "/status"),
        ({"hash": HASH, "scopes": ["a:b", "A"]}, "/scopes/1"), ({"hash": HASH, "key": "x" * 20}, "/key"),
        ({"hash": HASH, "id": A_UUID}, "/id"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_invalid_imported_key_is_refused_with_pointer(item: dict[str, Any], pointer: str) -> None:
    assert _pointers(ImportKeysBody, {"keys": [{"name": "k", "hash": HASH}, {"name": "k"} | item]}) == [
        f"/keys/1{pointer}"
    ]


def test_hash_is_read_in_either_case_and_not_shown() -> None:
    keys = [{"name": "k", "hash": HASH}, {"name": "k", "hash": HASH.upper(), "prefix": "x" * 16}]
    lower, upper = validate(ImportKeysBody, {"keys": keys}).keys

    assert lower.imported().key_hash == upper.imported().key_hash == bytes.fromhex(HASH)
    assert (lower.imported().prefix, upper.imported().prefix) == ("", "x" * 16)
    assert HASH not in repr(lower)


# ---- Bulk revocation ----


def _filter(document: Any) -> Filter:
    return validate(BulkRevokeBody, {"filter": document}).filter.chosen()


@pytest.mark.parametrize("count", [1, 1000])
def test_filter_names_up_to_a_thousand_keys(count: int) -> None:
    ids = [str(UUID(int=number)) for number in range(count)]

    assert _filter({"ids": ids}) == Filter(ids=tuple(UUID(one) for one in ids))


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({}, [""]), ({"ids": None}, [""]), ({"all": None, "search": None}, [""]),
        ({"all": True, "status": "active"}, [""]), ({"all": True, "ids": None}, [""]),
        ({"all": False}, ["/all"]), ({"ids": []}, ["/ids"]),
        ({"ids": [A_UUID] * 1001}, ["/ids"]), ({"ids": [A_UUID, "x"]}, ["/ids/1"]), ({"ids": [5]}, ["/ids/0"]),
        ({"status": "revoked"}, ["/status"]), ({"search": ""}, ["/search"]), ({"search": "x" * 101}, ["/search"]),
        ({"scope": "orders"}, ["/scope"]), ({"profileId": "x"}, ["/profileId"]), ({"userId": ""}, ["/userId"]),
        ({"userId": "x" * 256}, ["/userId"]), ({"createdBefore": "2027-05-01"}, ["/createdBefore"]),
        ({"ownerUserId": ""}, ["/ownerUserId"]), ({"rotatedBefore": "x"}, ["/rotatedBefore"]),
        ({"expiresBefore": 1}, ["/expiresBefore"]), ({"unusedSince": 5}, ["/unusedSince"]),
        ({"accountId": "acct_2"}, ["/accountId"]), (None, [""]), ([], [""]),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_empty_or_invalid_filter_is_refused_with_pointer(document: Any, pointers: list[str]) -> None:
    """An empty filter does not select all keys. The request must say `all`."""
    assert _pointers(BulkRevokeBody, {"filter": document}) == [f"/filter{pointer}" for pointer in pointers]


def test_filter_is_read_completely() -> None:
    sent = {
        "status": "expired",
        "search": "x" * 100,
        "profileId": A_UUID,
        "scope": "orders:*",
        "userId": "x" * 255,
        "ownerUserId": "y" * 255,
        "createdBefore": "2027-05-01T00:00:00Z",
        "expiresBefore": "2027-06-01T00:00:00Z",
        "rotatedBefore": "2027-03-01T00:00:00Z",
        "unusedSince": "2027-04-01T00:00:00Z",
    }

    assert _filter(sent) == Filter(
        search=Search(
            status="expired",
            text="x" * 100,
            owner_user_id="y" * 255,
            created_by="x" * 255,
            unused_since=datetime(2027, 4, 1, tzinfo=UTC),
            expires_before=datetime(2027, 6, 1, tzinfo=UTC),
            rotated_before=datetime(2027, 3, 1, tzinfo=UTC),
            scope="orders:*",
        ),
        profile_id=UUID(A_UUID),
        created_before=datetime(2027, 5, 1, tzinfo=UTC),
    )
    assert _filter({"all": True}) == Filter()


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/filter"),
        ({"filter": {"all": True}, "dryRun": "true"}, "/dryRun"),
        ({"filter": {"all": True}, "dryRun": None}, "/dryRun"),
        ({"filter": {"all": True}, "cursor": "x" * 1001}, "/cursor"),
        ({"filter": {"all": True}, "dry_run": True}, "/dry_run"),
    ],
)
def test_invalid_bulk_revocation_is_refused_with_pointer(document: Any, pointer: str) -> None:
    """A misspelt `dryRun` must not revoke keys."""
    assert _pointers(BulkRevokeBody, document) == [pointer]


def test_bulk_revocation_is_a_dry_run_only_on_request() -> None:
    assert not validate(BulkRevokeBody, {"filter": {"all": True}}).dry_run
    assert validate(BulkRevokeBody, {"filter": {"all": True}, "dryRun": True}).dry_run
