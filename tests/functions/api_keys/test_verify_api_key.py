"""POST /api-keys/verify, and the direct invocation of the function."""

from typing import Any, get_args

import pytest
from botocore.exceptions import ClientError

from latchhook.api_keys.verification import Code
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.errors import InvalidFieldsError
from tests.functions.callers import ACCOUNT, admin, holder, made_key, made_profile, operator, operator_key
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.environment import USE_QUEUE

VERDICT = [
    "valid", "code", "kind", "keyId", "accountId", "userId", "clientId", "grantId", "name", "scopes", "profileId",
    "expiresAt", "rateLimit", "credits", "metadata",
]  # fmt: skip
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "UpdateItem")


def verify(key: str, *required: str, **asked: Any) -> dict[str, Any]:
    response = call("verify_api_key", operator(), body={"key": key, "requiredScopes": list(required), **asked})
    assert response.status == 200, response.text
    assert list(response.body) == VERDICT
    verdict: dict[str, Any] = response.body
    return verdict


def nested(depth: int) -> Any:
    """Return a requirement of `depth` nested `not` objects. `orders:read` meets it if `depth` is even."""
    return "orders:read" if not depth else {"not": nested(depth - 1)}


def unknown(verdict: dict[str, Any]) -> bool:
    """Check that the result is NOT_FOUND and contains no data of a key."""
    nothing = dict.fromkeys(VERDICT) | {"valid": False, "code": "NOT_FOUND", "scopes": [], "metadata": {}}
    return verdict == nothing


def test_example_event_contains_a_well_formed_unknown_key() -> None:
    response = call("verify_api_key", operator())
    assert response.status == 200
    assert unknown(response.body)


def test_valid_key_is_identified_and_counted() -> None:
    made = made_key("orders:read", expiresAt="2099-01-01T00:00:00Z", metadata={"a": 1})
    assert verify(made["key"], "orders:read") == {
        "valid": True,
        "code": "VALID",
        "kind": "api_key",
        "keyId": made["id"],
        "accountId": ACCOUNT,
        "userId": made["userId"],
        "clientId": None,
        "grantId": None,
        "name": "Test",
        "scopes": ["orders:read"],
        "profileId": None,
        "expiresAt": "2099-01-01T00:00:00Z",
        "rateLimit": None,
        "credits": None,
        "metadata": {"a": 1},
    }
    assert call("get_api_key", admin(), object_id=made["id"]).body["requestCount"] == 1


def test_operators_key_verifies_keys_of_any_account() -> None:
    asked = call("verify_api_key", holder(operator_key("api-keys:verify")["key"]), body={"key": made_key()["key"]})
    assert asked.body["code"] == "VALID"


def counts(made: dict[str, Any]) -> dict[str, int]:
    """Return today's uses and refusals of a key."""
    usage = call("get_api_key_usage", admin(), object_id=made["id"], query={"days": "1"}).body
    return {"VALID": usage["data"][0]["requests"], **usage["data"][0]["refused"]}


def test_key_without_a_required_scope_is_refused_with_its_scopes() -> None:
    made = made_key("orders:read")
    verdict = verify(made["key"], "orders:read", "orders:write")
    assert (verdict["valid"], verdict["code"], verdict["keyId"]) == (False, "INSUFFICIENT_SCOPE", made["id"])
    assert verdict["scopes"] == ["orders:read"]
    assert counts(made) == {"VALID": 0, "INSUFFICIENT_SCOPE": 1}


CODES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "VALID": ({}, {}, {}),
    "REVOKED": ({}, {"status": "revoked"}, {}),
    "DISABLED": ({}, {"status": "disabled"}, {}),
    "EXPIRED": ({}, {"expiresAt": 1}, {}),
    "INSUFFICIENT_SCOPE": ({}, {}, {"requiredScopes": ["orders:read"]}),
    "IP_NOT_ALLOWED": ({"ipAllowList": ["192.0.2.0/24"]}, {}, {"ipAddress": "192.0.3.0"}),
    "RATE_LIMITED": ({"rateLimit": {"limit": 1, "windowSeconds": 60}}, {"tat": 10**17, "readyAt": 10**17}, {}),
    "USAGE_EXCEEDED": ({"credits": {"remaining": 1}}, {}, {"cost": 2}),
    "OWNER_INACTIVE": ({}, {"ownerUserId": "gone", "followedUserId": "gone"}, {}),
}
"""By code: settings of the key, direct changes to its item, and fields of the request. Any other text is NOT_FOUND."""


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_returned_and_counted(code: str, cloud: Cloud) -> None:
    settings, change, asked = CODES[code]
    made = made_key(**settings)
    if change:
        cloud.change_key(made["id"], **change)
    (before,) = cloud.items("ApiKeysTable")
    verdict = verify(made["key"], **asked)
    assert (verdict["valid"], verdict["code"], verdict["keyId"]) == (code == "VALID", code, made["id"])
    if code != "VALID":
        assert counts(made) == {"VALID": 0, code: 1}
        after = next(item for item in cloud.items("ApiKeysTable") if item["record"] == "KEY")
        assert {name: value for name, value in after.items() if name != "limitTold"} == before


def test_no_other_codes_exist() -> None:
    assert {*CODES, "NOT_FOUND"} == set(get_args(Code))


def test_reasons_have_a_fixed_order_of_precedence(cloud: Cloud) -> None:
    made = made_key(credits={"remaining": 0}, rateLimit={"limit": 1, "windowSeconds": 60}, ipAllowList=["192.0.2.0/24"])
    cloud.change_key(made["id"], status="disabled", expiresAt=1, tat=10**17, readyAt=10**17)
    asked: dict[str, Any] = {"requiredScopes": ["orders:read"], "ipAddress": "192.0.3.0"}
    seen = [verify(made["key"], **asked)["code"]]
    cloud.change_key(made["id"], status="active")
    seen.append(verify(made["key"], **asked)["code"])
    cloud.change_key(made["id"], expiresAt=10**13)
    seen.append(verify(made["key"], **asked)["code"])
    del asked["requiredScopes"]
    seen.append(verify(made["key"], **asked)["code"])
    asked["ipAddress"] = "192.0.2.0"
    seen.append(verify(made["key"], **asked)["code"])
    cloud.change_key(made["id"], tat=0, readyAt=0)
    seen.append(verify(made["key"], **asked)["code"])
    asked["cost"] = 0
    seen.append(verify(made["key"], **asked)["code"])
    assert seen == [
        "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE", "IP_NOT_ALLOWED", "RATE_LIMITED", "USAGE_EXCEEDED", "VALID",
    ]  # fmt: skip


# ---- Requests ----


@pytest.mark.parametrize(
    ("required", "held"),
    [
        ([], True),
        ("orders:read", True),
        ("orders:write", False),
        ({"not": "orders:write"}, True),
        ({"not": "orders:read"}, False),
        ({"and": ["orders:read", "products:write"]}, True),
        ({"and": ["orders:read", "orders:write"]}, False),
        ({"or": ["orders:write", "products:read"]}, True),
        ({"or": ["orders:write", "inventory:read"]}, False),
        ({"and": ["orders:read", {"or": ["orders:write", {"not": "inventory:read"}]}]}, True),
        ({"not": {"or": ["orders:write", "orders:read"]}}, False),
        ({"not": {"and": ["orders:write", "orders:read"]}}, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("by_profile", [False, True], ids=["own scopes", "by profile"])
def test_required_scopes_can_be_a_tree(required: object, held: bool, by_profile: bool) -> None:
    scopes = ["orders:read", "products:*"]
    if by_profile:
        rules = [
            {"effect": "allow", "actions": ["orders:*", "products:*"]},
            {"effect": "deny", "actions": ["orders:write"]},
        ]
        made = made_key(profileId=made_profile(rules=rules)["id"])
    else:
        made = made_key(*scopes)
    code = verify(made["key"], requiredScopes=required)["code"]
    assert code == ("VALID" if held else "INSUFFICIENT_SCOPE")
    assert counts(made) == ({"VALID": 1} if held else {"VALID": 0, "INSUFFICIENT_SCOPE": 1})


def test_use_denied_by_a_profile_spends_nothing(cloud: Cloud) -> None:
    profile = made_profile(rules=[{"effect": "deny", "actions": ["orders:*"]}])
    limits: dict[str, Any] = {"credits": {"remaining": 5}, "rateLimit": {"limit": 5, "windowSeconds": 60}}
    made = made_key("orders:read", profileId=profile["id"], **limits)
    verdict = verify(made["key"], "orders:read", cost=3)
    assert (verdict["code"], verdict["scopes"]) == ("INSUFFICIENT_SCOPE", [])
    assert counts(made) == {"VALID": 0, "INSUFFICIENT_SCOPE": 1}
    assert verify(made["key"], cost=5)["credits"]["remaining"] == 0
    changed: dict[str, Any] = {"rules": []}
    call("update_permission_profile", admin(), object_id=profile["id"], body=changed)
    assert verify(made["key"], "orders:read", cost=0)["scopes"] == ["orders:read"]


def test_credits_are_spent_by_cost_and_the_last_one_is_reported_once(cloud: Cloud) -> None:
    made = made_key(credits={"remaining": 10})
    left = [verify(made["key"], **asked)["credits"]["remaining"] for asked in ({}, {"cost": 0}, {"cost": 4})]
    assert left == [9, 9, 5]
    refused = [verify(made["key"], cost=6) for _ in range(2)]
    assert {(verdict["code"], verdict["credits"]["remaining"]) for verdict in refused} == {("USAGE_EXCEEDED", 5)}
    assert cloud.audit(ACCOUNT) == ["api_key.created"]
    assert verify(made["key"], cost=5)["credits"] == {"remaining": 0, "refill": None}
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.limit_reached"]
    assert verify(made["key"])["code"] == "USAGE_EXCEEDED"
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.limit_reached"]


def test_due_refill_is_used_and_its_end_is_reported(cloud: Cloud) -> None:
    made = made_key(credits={"remaining": 0, "refill": {"amount": 2, "interval": "daily"}})
    verify(made["key"])
    cloud.change_key(made["id"], refillAt=1)
    verdict = verify(made["key"])
    assert (verdict["code"], verdict["credits"]["remaining"]) == ("VALID", 1)
    assert verdict["credits"]["refill"]["nextAt"] > made["createdAt"]
    assert [verify(made["key"])["code"] for _ in range(2)] == ["VALID", "USAGE_EXCEEDED"]
    assert cloud.audit(ACCOUNT).count("api_key.limit_reached") == 1


def test_rate_limit_allows_a_burst_and_then_returns_the_retry_time() -> None:
    made = made_key(rateLimit={"limit": 60, "windowSeconds": 3600, "burst": 3})
    verdicts = [verify(made["key"]) for _ in range(4)]
    assert [verdict["code"] for verdict in verdicts] == ["VALID"] * 3 + ["RATE_LIMITED"]
    standing = [verdict["rateLimit"] for verdict in verdicts]
    assert [each["remaining"] for each in standing] == [2, 1, 0, 0]
    assert standing[0] == {
        "limit": 60, "windowSeconds": 3600, "burst": 3, "remaining": 2, "retryAfterSeconds": 0, "resetSeconds": 60,
    }  # fmt: skip
    assert 50 < standing[3]["retryAfterSeconds"] <= 60
    assert 170 < standing[3]["resetSeconds"] <= 180


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("203.0.113.255", "VALID"),
        ("203.0.114.0", "IP_NOT_ALLOWED"),
        ("2001:db8::1", "VALID"),
        ("2001:db9::", "IP_NOT_ALLOWED"),
        ("::ffff:203.0.113.7", "VALID"),
        (None, "IP_NOT_ALLOWED"),
    ],
)
def test_address_outside_the_allow_list_is_refused(address: str | None, code: str) -> None:
    made = made_key(ipAllowList=["203.0.113.0/24", "2001:db8::/32"])
    asked = {} if address is None else {"ipAddress": address}
    assert verify(made["key"], **asked)["code"] == code


def test_changing_any_character_makes_the_key_unknown(cloud: Cloud) -> None:
    key = made_key()["key"]
    before = cloud.contents()
    for at in range(len(key)):
        assert unknown(verify(key[:at] + ("0" if key[at] != "0" else "1") + key[at + 1 :]))
    assert cloud.contents() == before


@pytest.mark.parametrize(
    "text", ["", "placeholder", "lh_live_", "ключ", "lh_live_" + "é" * 60, "\ud800", "x" * 1025, "\ud800" * 20]
)
def test_malformed_key_text_is_not_found_without_an_aws_call(text: str, fail: Fail) -> None:
    with fail(THROTTLED):
        assert unknown(verify(text))


@pytest.mark.parametrize("text", ["x" * 513, "eyJhbGciOiJIUzI1NiJ9." + "x" * 700, "é" * 16])
def test_unknown_imported_key_text_is_not_found(text: str) -> None:
    assert unknown(verify(text))


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no key": ({}, ["/key"]),
    "key is no string": ({"key": 7}, ["/key"]),
    "malformed scope": ({"key": "k", "requiredScopes": ["orders read"]}, ["/requiredScopes"]),
    "scopes are a number": ({"key": "k", "requiredScopes": 7}, ["/requiredScopes"]),
    "too many scopes": ({"key": "k", "requiredScopes": ["orders:read"] * 17}, ["/requiredScopes"]),
    "empty part of a tree": ({"key": "k", "requiredScopes": {"or": []}}, ["/requiredScopes"]),
    "two parts in one": ({"key": "k", "requiredScopes": {"or": ["a:b"], "not": "a:b"}}, ["/requiredScopes"]),
    "tree that is too deep": ({"key": "k", "requiredScopes": nested(9)}, ["/requiredScopes"]),
    "negative cost": ({"key": "k", "cost": -1}, ["/cost"]),
    "cost over a million": ({"key": "k", "cost": 1_000_001}, ["/cost"]),
    "cost as a truth": ({"key": "k", "cost": True}, ["/cost"]),
    "malformed address": ({"key": "k", "ipAddress": "192.0.2.256"}, ["/ipAddress"]),
    "address with a zone": ({"key": "k", "ipAddress": "fe80::1%eth0"}, ["/ipAddress"]),
    "block for an address": ({"key": "k", "ipAddress": "192.0.2.0/24"}, ["/ipAddress"]),
}


def test_scope_tree_at_its_limits_is_accepted() -> None:
    made = made_key("orders:read")
    assert verify(made["key"], requiredScopes=nested(8))["code"] == "VALID"
    wide = {"and": ["orders:read"] * 16}
    assert verify(made["key"], requiredScopes=wide)["code"] == "VALID"


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    response = call("verify_api_key", operator(), body=body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_direct_invocation_returns_only_the_result() -> None:
    made = made_key("orders:read")
    verdict = invoke("verify_api_key", {"key": made["key"], "requiredScopes": ["orders:read"]})
    assert list(verdict) == VERDICT
    assert verdict["code"] == "VALID"
    assert unknown(invoke("verify_api_key", {"key": "placeholder"}))


def test_direct_invocation_raises_on_bad_input_and_on_an_outage(fail: Fail) -> None:
    with pytest.raises(InvalidFieldsError):
        invoke("verify_api_key", {"kee": "x"})
    made = made_key()
    with (
        fail(ClientError({"Error": {"Code": "AccessDeniedException"}}, "UpdateItem")),
        pytest.raises(DependencyUnavailableError),
    ):
        invoke("verify_api_key", {"key": made["key"]})


def test_throttled_key_is_verified_by_a_read_and_counted_later(cloud: Cloud, fail_operation: Fail) -> None:
    made = made_key("orders:read")
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        assert verify(made["key"], "orders:read")["code"] == "VALID"
        assert verify(made["key"], "orders:write")["code"] == "INSUFFICIENT_SCOPE"
        assert unknown(call("verify_api_key", operator()).body)
        call("revoke_api_key", admin(), object_id=made["id"])
        assert cloud.waiting(USE_QUEUE) == 1
    assert cloud.drain(USE_QUEUE, "count_key_uses") == []
    assert call("get_api_key", admin(), object_id=made["id"]).body["requestCount"] == 1


@pytest.mark.parametrize(
    "limits", [{"credits": {"remaining": 5}}, {"rateLimit": {"limit": 5, "windowSeconds": 60}}], ids=["credits", "rate"]
)
def test_throttled_key_with_limits_is_503(limits: dict[str, Any], cloud: Cloud, fail_operation: Fail) -> None:
    made = made_key(**limits)
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        assert call("verify_api_key", operator(), body={"key": made["key"]}).status == 503
    assert cloud.waiting(USE_QUEUE) == 0
    assert verify(made["key"])["code"] == "VALID"


def test_throttled_revoked_key_is_refused(cloud: Cloud, fail_operation: Fail) -> None:
    made = made_key("orders:read")
    call("revoke_api_key", admin(), object_id=made["id"])
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        assert verify(made["key"])["code"] == "REVOKED"
    assert cloud.waiting(USE_QUEUE) == 0


def test_use_that_cannot_be_queued_for_counting_is_503(fail_operation: Fail) -> None:
    key = made_key()["key"]
    with fail_operation("dynamodb", "UpdateItem", THROTTLED), fail_operation("sqs", "SendMessage", THROTTLED):
        assert call("verify_api_key", operator(), body={"key": key}).status == 503


def test_example_event_contains_required_scopes() -> None:
    assert "requiredScopes" in own_event("verify_api_key")["body"]
