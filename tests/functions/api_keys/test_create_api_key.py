"""POST /api-keys."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.api_keys.settings import ALL_SETTINGS, BAD_SETTINGS, CHOSEN
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.environment import KEY_PREFIX
from tests.template_tables import API_KEYS

OBJECT = [
    "id", "accountId", "userId", "ownerUserId", "followsOwner", "name", "description", "prefix", "keyPrefix",
    "scopes", "profileId", "status", "createdAt", "updatedAt", "rotatedAt", "expiresAt", "lastUsedAt", "revokedAt",
    "requestCount", "metadata", "rateLimit", "credits", "ipAllowList",
]  # fmt: skip
"""The fields of the response, in order."""


def test_example_event_creates_the_key_it_describes(cloud: Cloud) -> None:
    response = call("create_api_key", admin(user_id="user-1"))
    assert response.status == 201
    created = response.body
    assert list(created) == [*OBJECT, "key"]
    assert response.headers == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "location": f"api-keys/{created['id']}",
    }
    described = {name: created[name] for name in ("name", "description", "scopes", "expiresAt", "metadata")}
    assert described == {
        "name": "Warehouse",
        "description": "Reads orders at night",
        "scopes": ["orders:read", "webhooks:read"],
        "expiresAt": "2099-01-20T00:00:00Z",
        "metadata": {"team": "logistics"},
    }
    assert (created["accountId"], created["userId"], created["status"]) == (ACCOUNT, "user-1", "active")
    assert (created["requestCount"], created["lastUsedAt"], created["revokedAt"]) == (0, None, None)
    assert created["key"].startswith(KEY_PREFIX)
    assert created["prefix"] == created["key"][: len(KEY_PREFIX) + 4]
    assert created["keyPrefix"] == created["key"][:12]
    assert cloud.audit(ACCOUNT) == ["api_key.created"]


def test_only_a_hash_of_the_key_is_stored(cloud: Cloud) -> None:
    text = made_key()["key"]
    stored = str(cloud.contents())
    assert text not in stored
    assert text[len(KEY_PREFIX) + 22 : -6] not in stored


def test_name_is_the_only_required_field() -> None:
    created = call("create_api_key", admin(), body={"name": "k"}).body
    empty = {name: created[name] for name in ("description", "scopes", "expiresAt", "metadata", "profileId")}
    assert empty == {"description": None, "scopes": [], "expiresAt": None, "metadata": {}, "profileId": None}


def test_prefixes_of_different_keys_differ() -> None:
    assert len({made_key()["prefix"] for _ in range(20)}) > 1


def test_key_cannot_create_a_key_with_more_scopes(cloud: Cloud) -> None:
    creator = made_key("api-keys:write", "orders:read")
    wanted = {"name": "child", "scopes": ["orders:read", "orders:write"]}
    before = len(cloud.items(API_KEYS))
    refused = call("create_api_key", holder(creator["key"]), body=wanted)
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/scopes/1"])
    assert len(cloud.items(API_KEYS)) == before
    child = call("create_api_key", holder(creator["key"]), body={**wanted, "scopes": ["orders:read"]})
    assert child.status == 201
    assert child.body["userId"] == creator["userId"]


@pytest.mark.parametrize("scope", ["api-keys:verify", "events:write", "event-types:write"])
def test_only_the_operator_creates_keys_with_operator_scopes(scope: str, cloud: Cloud) -> None:
    refused = call("create_api_key", admin(), body={"name": "k", "scopes": [scope]})
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/scopes/0"])
    assert cloud.items(API_KEYS) == []
    given = call("create_api_key", admin(OPERATOR_ACCOUNT_ID), body={"name": "k", "scopes": [scope]})
    assert given.status == 201


def test_service_token_cannot_create_keys(cloud: Cloud) -> None:
    assert call("create_api_key", operator(), body={"name": "k"}).status == 403
    assert cloud.items(API_KEYS) == []


def test_every_setting_can_be_chosen(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    response = call("create_api_key", admin(), body={**ALL_SETTINGS, "profileId": profile_id})
    assert response.status == 201, response.text
    created = response.body
    assert {name: created[name] for name in CHOSEN} == {
        **CHOSEN,
        "profileId": profile_id,
        "credits": {**ALL_SETTINGS["credits"], "refill": created["credits"]["refill"]},
    }
    refill = created["credits"]["refill"]
    assert (refill["amount"], refill["interval"]) == (1_000, "monthly")
    next_at = datetime.fromisoformat(refill["nextAt"])
    assert datetime.now(UTC) < next_at <= datetime.now(UTC) + timedelta(days=31)
    assert next_at == next_at.replace(day=1, hour=0, minute=0, second=0)
    assert cloud.keys_of_profile(profile_id) == 1
    shown = call("get_api_key", admin(), object_id=created["id"]).body
    assert shown == {name: created[name] for name in OBJECT}


def test_settings_at_their_limits_are_accepted() -> None:
    catalogue_and_wildcards = ["*", "orders:*", "orders:read"] + ["products:read"] * 47
    created = made_key(
        *catalogue_and_wildcards,
        metadata={"a": "x" * (4 * 1024 - 8)},
        rateLimit={"limit": 1_000, "windowSeconds": 1},
        credits={"remaining": 10**12, "refill": {"amount": 10**12, "interval": "daily"}},
        ipAllowList=[f"192.0.2.{number}" for number in range(20)],
    )
    assert created["scopes"] == ["*", "orders:*", "orders:read", "products:read"]
    assert created["rateLimit"] == {"limit": 1_000, "windowSeconds": 1, "burst": 1_000}
    assert len(created["ipAllowList"]) == 20
    assert made_key(rateLimit={"limit": 1, "windowSeconds": 86_400})["rateLimit"]["burst"] == 1


@pytest.mark.parametrize("flaw", BAD_SETTINGS)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    settings, pointers = BAD_SETTINGS[flaw]
    before = cloud.contents()
    response = call("create_api_key", admin(), body={"name": "k", **settings})
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        (b'{"description": "x"}', ["/name"]),
        (b'{"name": "k", "metadata": {"a": 1e999}}', ["/metadata"]),  # valid JSON, but json.dumps cannot write it
    ],
    ids=["no name", "infinite number"],
)
def test_missing_name_and_infinite_number_are_422_with_pointer(raw: bytes, pointers: list[str], cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("create_api_key", admin(), raw=raw)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_other_accounts_profile_gets_the_422_of_a_missing_profile(cloud: Cloud) -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("create_api_key", admin(), body={"name": "k", "profileId": theirs["id"]})
    missing_id = "00000000-0000-4000-8000-000000000000"
    missing = call("create_api_key", admin(), body={"name": "k", "profileId": missing_id})
    assert (refused.status, refused.pointers) == (422, ["/profileId"])
    assert refused.without_request_id == missing.without_request_id
    assert cloud.contents() == before


def test_key_cannot_assign_a_profile_that_allows_more_than_its_scopes() -> None:
    wide = made_profile(rules=[{"effect": "allow", "actions": ["orders:*"]}])
    weaker = holder(made_key("api-keys:write", "orders:read")["key"])
    refused = call("create_api_key", weaker, body={"name": "k", "profileId": wide["id"]})
    assert (refused.status, refused.code, refused.pointers) == (403, "profile_beyond_creator", ["/profileId"])


# ---- Idempotency-Key ----


def created_by(key: str, **body: Any) -> Answered:
    return call("create_api_key", admin(), body={"name": "k", **body}, headers={"idempotency-key": key})


def test_repeated_request_returns_the_same_key_without_its_secret(cloud: Cloud) -> None:
    first = created_by("one")
    assert "idempotency-replayed" not in first.headers
    before = cloud.contents()
    again = created_by("one")
    assert again.status == 201
    assert again.headers == {**first.headers, "idempotency-replayed": "true"}
    assert again.body == {**first.body, "key": None}
    assert cloud.contents() == before
    assert created_by("two").body["id"] != first.body["id"]
    assert call("create_api_key", admin(), body={"name": "k"}).body["id"] != first.body["id"]


def test_idempotency_key_with_another_body_is_422(cloud: Cloud) -> None:
    created_by("one")
    before = cloud.contents()
    response = created_by("one", description="another")
    assert (response.status, response.code) == (422, "idempotency_key_reused")
    assert cloud.contents() == before


def test_expiry_is_returned_in_utc() -> None:
    created = call("create_api_key", admin(), body={"name": "k", "expiresAt": "2099-01-01T01:30:00.25+01:30"})
    assert created.body["expiresAt"] == "2099-01-01T00:00:00.250Z"


def test_metadata_is_returned_unchanged() -> None:
    metadata = {"nested": {"list": [1, 2.5, None, True]}, "name": "Grüße, 世界 🌍"}
    created = made_key(metadata=metadata)
    assert created["metadata"] == metadata
    assert call("get_api_key", admin(), object_id=created["id"]).body["metadata"] == metadata


def test_owner_is_the_creator_unless_another_user_is_chosen() -> None:
    by = made_key("api-keys:write", "orders:read")
    for caller in (admin(user_id=by["userId"]), holder(by["key"])):
        default = call("create_api_key", caller, body={"name": "Mine"}).body
        assert (default["userId"], default["ownerUserId"], default["rotatedAt"]) == (by["userId"], by["userId"], None)
        chosen = call("create_api_key", caller, body={"name": "Theirs", "ownerUserId": "user_7"}).body
        assert (chosen["userId"], chosen["ownerUserId"]) == (by["userId"], "user_7")
        assert call("get_api_key", admin(), object_id=chosen["id"]).body["ownerUserId"] == "user_7"
