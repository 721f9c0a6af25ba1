"""POST /api-keys/{id}/rotate."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from latchhook.clock import rfc3339
from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud


def verdict(text: str) -> str:
    return str(call("verify_api_key", operator(), body={"key": text}).body["code"])


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def test_rotation_changes_only_the_secret_and_the_old_one_gets_a_grace(cloud: Cloud) -> None:
    made = made_key("orders:read", metadata={"a": 1})
    response = call("rotate_api_key", admin(), object_id=made["id"])
    assert response.status == 200
    rotated = response.body
    assert list(rotated) == [*OBJECT, "key", "previousKeyExpiresAt"]
    same = [name for name in OBJECT if name not in {"updatedAt", "rotatedAt"}]
    assert (made["rotatedAt"], rotated["rotatedAt"]) == (None, rotated["updatedAt"])
    assert call("get_api_key", admin(), object_id=made["id"]).body["rotatedAt"] == rotated["rotatedAt"]
    assert {name: rotated[name] for name in same} == {name: made[name] for name in same}
    assert rotated["key"] != made["key"]
    assert seconds_between(rotated["updatedAt"], rotated["previousKeyExpiresAt"]) == 3600
    assert (verdict(made["key"]), verdict(rotated["key"])) == ("VALID", "VALID")
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.rotated"]


@pytest.mark.parametrize("body", [{}, {"gracePeriodSeconds": None}])
def test_default_grace_period_is_the_deployments(body: dict[str, None]) -> None:
    rotated = call("rotate_api_key", admin(), object_id=made_key()["id"], body=body).body
    assert seconds_between(rotated["updatedAt"], rotated["previousKeyExpiresAt"]) == 300


def test_body_is_optional() -> None:
    assert call("rotate_api_key", admin(), object_id=made_key()["id"], raw=b"").status == 200


def test_previous_secret_without_grace_period_ends_at_once() -> None:
    made = made_key("api-keys:read")
    rotated = call("rotate_api_key", admin(), object_id=made["id"], body={"gracePeriodSeconds": 0}).body
    assert (verdict(made["key"]), verdict(rotated["key"])) == ("EXPIRED", "VALID")
    assert call("list_api_keys", holder(made["key"])).status == 401


def test_second_rotation_ends_the_earlier_grace_period() -> None:
    made = made_key()
    first = call("rotate_api_key", admin(), object_id=made["id"]).body
    second = call("rotate_api_key", admin(), object_id=made["id"]).body
    assert [verdict(each["key"]) for each in (made, first, second)] == ["NOT_FOUND", "VALID", "VALID"]


def test_grace_period_ends_with_the_key_at_the_latest() -> None:
    made = made_key(expiresAt=rfc3339(datetime.now(UTC) + timedelta(hours=1)))
    rotated = call("rotate_api_key", admin(), object_id=made["id"], body={"gracePeriodSeconds": 604_800}).body
    assert rotated["previousKeyExpiresAt"] == rotated["expiresAt"] == made["expiresAt"]


def test_revoked_key_is_409(cloud: Cloud) -> None:
    made = made_key()
    call("revoke_api_key", admin(), object_id=made["id"])
    before = cloud.contents()
    response = call("rotate_api_key", admin(), object_id=made["id"])
    assert (response.status, response.code) == (409, "api_key_revoked")
    assert cloud.contents() == before


@pytest.mark.parametrize("grace", [-1, 604_801, 1.5, "300", True])
def test_grace_period_outside_zero_to_one_week_is_422(grace: object, cloud: Cloud) -> None:
    made = made_key()
    before = cloud.contents()
    response = call("rotate_api_key", admin(), object_id=made["id"], body={"gracePeriodSeconds": grace})
    assert (response.status, response.pointers) == (422, ["/gracePeriodSeconds"])
    assert cloud.contents() == before


def test_other_accounts_key_gets_the_404_of_a_missing_key(cloud: Cloud) -> None:
    theirs = made_key(account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("rotate_api_key", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("rotate_api_key", admin()).without_request_id
    assert cloud.contents() == before
    assert verdict(theirs["key"]) == "VALID"


def test_rotating_a_key_with_more_scopes_is_403_and_changes_nothing(cloud: Cloud) -> None:
    made = made_key("orders:write")
    weaker = holder(made_key("api-keys:write")["key"])
    audit = cloud.audit(ACCOUNT)
    response = call("rotate_api_key", weaker, object_id=made["id"])
    assert (response.status, response.body["code"]) == (403, "scope_beyond_creator")
    assert sorted(cloud.audit(ACCOUNT)) == sorted([*audit, "request.refused"])
    assert verdict(made["key"]) == "VALID"


def test_key_may_rotate_itself() -> None:
    made = made_key("api-keys:write")
    rotated = call("rotate_api_key", holder(made["key"]), object_id=made["id"], body={"gracePeriodSeconds": 0})
    assert rotated.status == 200
    assert (verdict(made["key"]), verdict(rotated.body["key"])) == ("EXPIRED", "VALID")


def test_key_with_a_profile_is_rotated_only_with_all_its_permissions(cloud: Cloud) -> None:
    profile = made_profile(rules=[{"effect": "allow", "actions": ["orders:write"]}])
    made = made_key("orders:read", profileId=profile["id"])
    weaker = holder(made_key("api-keys:write", "orders:read")["key"])
    refused = call("rotate_api_key", weaker, object_id=made["id"])
    assert (refused.status, refused.code) == (403, "scope_beyond_creator")
    assert verdict(made["key"]) == "VALID"
    stronger = holder(made_key("api-keys:write", "orders:*")["key"])
    rotated = call("rotate_api_key", stronger, object_id=made["id"])
    assert (rotated.status, rotated.body["profileId"]) == (200, profile["id"])
    assert cloud.keys_of_profile(profile["id"]) == 1


def test_credits_and_rate_limit_continue_after_rotation() -> None:
    made = made_key(credits={"remaining": 2}, rateLimit={"limit": 2, "windowSeconds": 3600})
    assert verdict(made["key"]) == "VALID"
    rotated = call("rotate_api_key", admin(), object_id=made["id"]).body
    assert rotated["credits"]["remaining"] == 1
    assert [verdict(text) for text in (rotated["key"], made["key"])] == ["VALID", "RATE_LIMITED"]


# ---- Idempotency-Key ----


def rotated_by(key: str, made: dict[str, Any], **body: Any) -> Answered:
    return call("rotate_api_key", admin(), object_id=made["id"], body=body, headers={"idempotency-key": key})


def test_repeated_rotation_runs_once_and_returns_no_secret(cloud: Cloud) -> None:
    made = made_key()
    first = rotated_by("one", made)
    assert "idempotency-replayed" not in first.headers
    before = cloud.contents()
    again = rotated_by("one", made)
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.body == {**first.body, "key": None}
    assert cloud.contents() == before
    assert [verdict(text) for text in (made["key"], first.body["key"])] == ["VALID", "VALID"]
    assert rotated_by("two", made).body["key"] not in {None, first.body["key"]}


def test_idempotency_key_for_another_key_or_grace_is_422(cloud: Cloud) -> None:
    made, other = made_key(), made_key()
    rotated_by("one", made)
    before = cloud.contents()
    for response in (rotated_by("one", other), rotated_by("one", made, gracePeriodSeconds=0)):
        assert (response.status, response.code) == (422, "idempotency_key_reused")
    assert cloud.contents() == before


def test_idempotency_key_of_a_creation_can_be_used_for_a_rotation() -> None:
    headers = {"idempotency-key": "one"}
    made = call("create_api_key", admin(), body={"name": "k"}, headers=headers).body
    assert rotated_by("one", made).body["key"] is not None
