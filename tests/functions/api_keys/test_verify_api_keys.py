"""POST /api-keys/verify-batch."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.functions.callers import admin, made_key, operator
from tests.functions.calls import Answered, call, module
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail

FUNCTION = "verify_api_keys"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateItem")


def verified(*questions: dict[str, Any]) -> Answered:
    return call(FUNCTION, operator(), body={"keys": list(questions)})


def codes(response: Answered) -> list[str]:
    assert response.status == 200, response.text
    assert list(response.body) == ["data"]
    return [verdict["code"] for verdict in response.body["data"]]


def test_keys_of_the_example_event_are_unknown() -> None:
    assert codes(call(FUNCTION, operator())) == ["NOT_FOUND", "NOT_FOUND"]


def test_each_result_equals_a_single_verification_in_order() -> None:
    reader, writer, revoked = made_key("orders:read"), made_key("orders:write"), made_key()
    call("revoke_current_api_key", {"x-api-key": revoked["key"]})
    limited = made_key(ipAllowList=["192.0.2.0/24"])
    questions = [
        {"key": reader["key"], "requiredScopes": ["orders:read"]},
        {"key": writer["key"], "requiredScopes": ["orders:read"]},
        {"key": revoked["key"]},
        {"key": limited["key"], "ipAddress": "192.0.2.7"},
        {"key": limited["key"], "ipAddress": "198.51.100.7"},
        {"key": "placeholder"},
    ]
    batch = verified(*questions)
    assert codes(batch) == ["VALID", "INSUFFICIENT_SCOPE", "REVOKED", "VALID", "IP_NOT_ALLOWED", "NOT_FOUND"]
    alone = [call("verify_api_key", operator(), body=query).body for query in questions]
    assert batch.body["data"] == alone


def test_repeated_key_is_used_once_per_entry(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use one thread, because moto's conditions are not atomic. tests/storage tests the exact counts under
    concurrency.
    """
    monkeypatch.setattr(module("verify_api_keys"), "THREADS", 1)
    made = made_key(credits={"remaining": 3})
    assert sorted(codes(verified(*[{"key": made["key"]}] * 5))) == ["USAGE_EXCEEDED"] * 2 + ["VALID"] * 3
    stored = {item["record"]: item for item in cloud.items("ApiKeysTable")}
    assert stored["KEY"]["creditsLeft"] == 0


def test_batch_is_limited_to_a_hundred_keys(cloud: Cloud) -> None:
    assert codes(verified(*[{"key": "placeholder"}] * 100)) == ["NOT_FOUND"] * 100
    for keys in ([], [{"key": "placeholder"}] * 101):
        response = verified(*keys)
        assert (response.status, response.pointers) == (422, ["/keys"])


def test_invalid_entry_is_an_error_and_the_others_are_verified() -> None:
    made = made_key(credits={"remaining": 5})
    response = verified(
        {"key": made["key"]},
        {"key": made["key"], "cost": -1, "ipAddress": "here"},
        {"key": made["key"], "requiredScopes": {"xor": []}},
        {},
        {"key": "\ud800"},
        {"key": made["key"]},
    )
    assert response.status == 200
    results = response.body["data"]
    assert [result.get("code") for result in results] == ["VALID", None, None, None, "NOT_FOUND", "VALID"]
    assert [result["valid"] for result in results] == [True, False, False, False, False, True]
    pointers = [[error["pointer"] for error in result["error"]["errors"]] for result in results[1:4]]
    assert pointers == [["/cost", "/ipAddress"], ["/requiredScopes"], ["/key"]]
    assert call("get_api_key", admin(), object_id=made["id"]).body["credits"]["remaining"] == 3


def test_outage_for_one_key_is_503_for_the_batch(fail_operation: Fail) -> None:
    made = made_key()
    with fail_operation("dynamodb", "UpdateItem", DENIED):
        response = verified({"key": "placeholder"}, {"key": made["key"]})
    assert (response.status, response.code) == (503, "temporarily_unavailable")


@pytest.mark.parametrize("count", [1, 17])
def test_every_use_is_counted(count: int) -> None:
    keys = [made_key() for _ in range(count)]
    assert codes(verified(*({"key": made["key"]} for made in keys))) == ["VALID"] * count
    counted = [call("get_current_api_key", {"x-api-key": made["key"]}).body["requestCount"] for made in keys]
    assert counted == [2] * count
