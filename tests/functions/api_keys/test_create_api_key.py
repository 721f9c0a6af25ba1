"""POST /api-keys."""

from typing import Any

import pytest

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import ACCOUNT, admin, holder, made_key, operator
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import KEY_PREFIX
from tests.template_tables import API_KEYS

OBJECT = [
    "id", "accountId", "userId", "name", "description", "prefix", "keyPrefix", "scopes", "profileId", "status",
    "createdAt", "updatedAt", "expiresAt", "lastUsedAt", "revokedAt", "requestCount", "metadata", "rateLimit",
    "credits", "ipAllowList",
]  # fmt: skip
"""contracts.md, "The object"."""


def test_own_event_creates_the_key_that_it_describes(cloud: Cloud) -> None:
    answer = call("create_api_key", admin(user_id="user-1"))
    assert answer.status == 201
    created = answer.body
    assert list(created) == [*OBJECT, "key"]
    assert answer.headers == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "location": f"/api-keys/{created['id']}",
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


def test_name_alone_suffices() -> None:
    created = call("create_api_key", admin(), body={"name": "k"}).body
    empty = {name: created[name] for name in ("description", "scopes", "expiresAt", "metadata", "profileId")}
    assert empty == {"description": None, "scopes": [], "expiresAt": None, "metadata": {}, "profileId": None}


def test_prefixes_of_different_keys_differ() -> None:
    assert len({made_key()["prefix"] for _ in range(20)}) > 1


def test_key_creates_keys_with_no_more_than_its_own_scopes(cloud: Cloud) -> None:
    creator = made_key("api-keys:write", "orders:read")
    wanted = {"name": "child", "scopes": ["orders:read", "orders:write"]}
    before = len(cloud.items(API_KEYS))
    refused = call("create_api_key", holder(creator["key"]), body=wanted)
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/scopes/1"])
    assert len(cloud.items(API_KEYS)) == before
    child = call("create_api_key", holder(creator["key"]), body={**wanted, "scopes": ["orders:read"]})
    assert child.status == 201
    assert child.body["userId"] == creator["id"]


@pytest.mark.parametrize("scope", ["api-keys:verify", "events:write", "event-types:write"])
def test_customers_cannot_give_the_operators_scopes(scope: str, cloud: Cloud) -> None:
    refused = call("create_api_key", admin(), body={"name": "k", "scopes": [scope]})
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/scopes/0"])
    assert cloud.items(API_KEYS) == []
    given = call("create_api_key", admin(OPERATOR_ACCOUNT_ID), body={"name": "k", "scopes": [scope]})
    assert given.status == 201


def test_service_token_creates_no_keys(cloud: Cloud) -> None:
    assert call("create_api_key", operator(), body={"name": "k"}).status == 403
    assert cloud.items(API_KEYS) == []


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no name": ({"description": "x"}, ["/name"]),
    "empty name": ({"name": ""}, ["/name"]),
    "long name": ({"name": "x" * 256}, ["/name"]),
    "name with a line break": ({"name": "a\nb"}, ["/name"]),
    "name with a lone surrogate": ({"name": "a\ud800"}, ["/name"]),
    "name is no text": ({"name": 7}, ["/name"]),
    "unknown scope": ({"name": "k", "scopes": ["orders:read", "orders:fly"]}, ["/scopes/1"]),
    "wildcard scope": ({"name": "k", "scopes": ["*"]}, ["/scopes/0"]),
    "scope is no text": ({"name": "k", "scopes": [3]}, ["/scopes/0"]),
    "scopes are no list": ({"name": "k", "scopes": "orders:read"}, ["/scopes"]),
    "too many scopes": ({"name": "k", "scopes": ["orders:read"] * 51}, ["/scopes"]),
    "expiry in the past": ({"name": "k", "expiresAt": "2020-01-01T00:00:00Z"}, ["/expiresAt"]),
    "expiry without zone": ({"name": "k", "expiresAt": "2099-01-01T00:00:00"}, ["/expiresAt"]),
    "expiry that does not exist": ({"name": "k", "expiresAt": "2099-02-30T00:00:00Z"}, ["/expiresAt"]),
    "expiry as a number": ({"name": "k", "expiresAt": 4070908800}, ["/expiresAt"]),
    "metadata is no object": ({"name": "k", "metadata": []}, ["/metadata"]),
    "metadata over 4 KiB": ({"name": "k", "metadata": {"a": "x" * 4096}}, ["/metadata"]),
    "metadata with a lone surrogate": ({"name": "k", "metadata": {"a": ["\ud800"]}}, ["/metadata"]),
    "metadata with an infinite number": ({"name": "k", "metadata": {"a": 1e999}}, ["/metadata"]),
    "two mistakes": ({"name": "", "scopes": [3]}, ["/name", "/scopes/0"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_field_that_is_not_as_it_must_be_is_422_and_pointed_at(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    raw = None
    if flaw == "metadata with an infinite number":  # JSON can write it, json.dumps can't
        raw = b'{"name": "k", "metadata": {"a": 1e999}}'
    before = cloud.contents()
    answer = call("create_api_key", admin(), raw=raw) if raw else call("create_api_key", admin(), body=body)
    assert (answer.status, answer.code, answer.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_expiry_holds_in_utc_whatever_zone_it_was_written_in() -> None:
    created = call("create_api_key", admin(), body={"name": "k", "expiresAt": "2099-01-01T01:30:00.25+01:30"})
    assert created.body["expiresAt"] == "2099-01-01T00:00:00.250Z"


def test_metadata_comes_back_as_it_was_sent() -> None:
    metadata = {"nested": {"list": [1, 2.5, None, True]}, "name": "Grüße, 世界 🌍"}
    created = made_key(metadata=metadata)
    assert created["metadata"] == metadata
    assert call("get_api_key", admin(), thing_id=created["id"]).body["metadata"] == metadata
