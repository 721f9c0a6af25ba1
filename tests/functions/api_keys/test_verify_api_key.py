"""POST /api-keys/verify, and the function's direct invocation."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.edge.errors import InvalidFieldsError
from latchhook.outages import StoreUnavailableError
from tests.functions.callers import ACCOUNT, admin, holder, made_key, operator, operator_key
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.environment import USE_QUEUE

VERDICT = [
    "valid", "code", "keyId", "accountId", "scopes", "profileId", "expiresAt", "rateLimit", "credits", "metadata",
]  # fmt: skip
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "UpdateItem")


def verify(key: str, *required: str) -> dict[str, Any]:
    answer = call("verify_api_key", operator(), body={"key": key, "requiredScopes": list(required)})
    assert answer.status == 200, answer.text
    assert list(answer.body) == VERDICT
    verdict: dict[str, Any] = answer.body
    return verdict


def unknown(verdict: dict[str, Any]) -> bool:
    """It says that there is no such key, and nothing else."""
    nothing = dict.fromkeys(VERDICT) | {"valid": False, "code": "NOT_FOUND", "scopes": [], "metadata": {}}
    return verdict == nothing


def test_own_events_key_is_well_formed_and_unknown() -> None:
    answer = call("verify_api_key", operator())
    assert answer.status == 200
    assert unknown(answer.body)


def test_good_key_tells_who_it_is_and_is_counted() -> None:
    made = made_key("orders:read", expiresAt="2099-01-01T00:00:00Z", metadata={"a": 1})
    assert verify(made["key"], "orders:read") == {
        "valid": True,
        "code": "VALID",
        "keyId": made["id"],
        "accountId": ACCOUNT,
        "scopes": ["orders:read"],
        "profileId": None,
        "expiresAt": "2099-01-01T00:00:00Z",
        "rateLimit": None,
        "credits": None,
        "metadata": {"a": 1},
    }
    assert call("get_api_key", admin(), thing_id=made["id"]).body["requestCount"] == 1


def test_operators_key_may_verify_any_accounts_keys() -> None:
    asked = call("verify_api_key", holder(operator_key("api-keys:verify")["key"]), body={"key": made_key()["key"]})
    assert asked.body["code"] == "VALID"


def test_key_that_lacks_one_required_scope_is_refused_and_not_counted(cloud: Cloud) -> None:
    made = made_key("orders:read")
    before = cloud.contents()
    verdict = verify(made["key"], "orders:read", "orders:write")
    assert (verdict["valid"], verdict["code"], verdict["keyId"]) == (False, "INSUFFICIENT_SCOPE", made["id"])
    assert cloud.contents() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": "revoked"}, "REVOKED"), ({"status": "disabled"}, "DISABLED"), ({"expiresAt": 1}, "EXPIRED")],
)
def test_key_that_holds_no_more_says_why_and_is_not_counted(change: dict[str, Any], code: str, cloud: Cloud) -> None:
    made = made_key("orders:read")
    cloud.change_key(made["id"], **change)
    before = cloud.contents()
    verdict = verify(made["key"])
    assert (verdict["valid"], verdict["code"], verdict["keyId"]) == (False, code, made["id"])
    assert cloud.contents() == before


def test_every_flipped_character_makes_a_key_unknown(cloud: Cloud) -> None:
    key = made_key()["key"]
    before = cloud.contents()
    for at in range(len(key)):
        assert unknown(verify(key[:at] + ("0" if key[at] != "0" else "1") + key[at + 1 :]))
    assert cloud.contents() == before


@pytest.mark.parametrize("text", ["", "placeholder", "lh_live_", "ключ", "x" * 512, "lh_live_" + "é" * 60, "\ud800"])
def test_text_that_is_no_key_is_unknown_or_422_without_any_aws_call(text: str, fail: Fail) -> None:
    with fail(THROTTLED):
        answer = call("verify_api_key", operator(), body={"key": text})
    assert answer.status == 422 if text == "\ud800" else unknown(answer.body)


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no key": ({}, ["/key"]),
    "key is no text": ({"key": 7}, ["/key"]),
    "long key": ({"key": "x" * 513}, ["/key"]),
    "scope is no scope": ({"key": "k", "requiredScopes": ["orders read"]}, ["/requiredScopes/0"]),
    "scopes are no list": ({"key": "k", "requiredScopes": "orders:read"}, ["/requiredScopes"]),
    "too many scopes": ({"key": "k", "requiredScopes": ["orders:read"] * 21}, ["/requiredScopes"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_field_that_is_not_as_it_must_be_is_422_and_pointed_at(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    before = cloud.contents()
    answer = call("verify_api_key", operator(), body=body)
    assert (answer.status, answer.code, answer.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


def test_direct_invocation_answers_the_verdict_alone() -> None:
    made = made_key("orders:read")
    verdict = invoke("verify_api_key", {"key": made["key"], "requiredScopes": ["orders:read"]})
    assert list(verdict) == VERDICT
    assert verdict["code"] == "VALID"
    assert unknown(invoke("verify_api_key", {"key": "placeholder"}))


def test_direct_invocation_with_a_bad_body_or_in_an_outage_is_an_error(fail: Fail) -> None:
    with pytest.raises(InvalidFieldsError):
        invoke("verify_api_key", {"kee": "x"})
    made = made_key()
    with (
        fail(ClientError({"Error": {"Code": "AccessDeniedException"}}, "UpdateItem")),
        pytest.raises(StoreUnavailableError),
    ):
        invoke("verify_api_key", {"key": made["key"]})


def test_key_whose_item_is_throttled_is_checked_by_a_read_and_counted_later(cloud: Cloud, fail_operation: Fail) -> None:
    made = made_key("orders:read")
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        assert verify(made["key"], "orders:read")["code"] == "VALID"
        assert verify(made["key"], "orders:write")["code"] == "INSUFFICIENT_SCOPE"
        assert unknown(call("verify_api_key", operator()).body)
        call("revoke_api_key", admin(), thing_id=made["id"])
        assert cloud.waiting(USE_QUEUE) == 1
    assert cloud.drain(USE_QUEUE, "count_key_uses") == []
    assert call("get_api_key", admin(), thing_id=made["id"]).body["requestCount"] == 1


def test_throttled_key_is_refused_as_soon_as_it_is_revoked(cloud: Cloud, fail_operation: Fail) -> None:
    made = made_key("orders:read")
    call("revoke_api_key", admin(), thing_id=made["id"])
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        assert verify(made["key"])["code"] == "REVOKED"
    assert cloud.waiting(USE_QUEUE) == 0


def test_use_that_cannot_be_counted_later_is_an_outage(fail_operation: Fail) -> None:
    key = made_key()["key"]
    with fail_operation("dynamodb", "UpdateItem", THROTTLED), fail_operation("sqs", "SendMessage", THROTTLED):
        assert call("verify_api_key", operator(), body={"key": key}).status == 503


def test_own_event_names_the_scope_that_its_key_must_hold() -> None:
    assert "requiredScopes" in own_event("verify_api_key")["body"]
