"""DELETE /api-keys/current."""

from typing import Any

import pytest

from tests.functions.callers import ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import call
from tests.functions.cloud import Cloud

FUNCTION = "revoke_current_api_key"


def verdict(text: str) -> str:
    return str(call("verify_api_key", operator(), body={"key": text}).body["code"])


def test_key_revokes_itself_at_once(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    made = made_key(profileId=profile_id)
    response = call(FUNCTION, holder(made["key"]))
    assert (response.status, response.text) == (204, "")
    assert verdict(made["key"]) == "REVOKED"
    assert cloud.keys_of_profile(profile_id) == 0
    assert cloud.audit(ACCOUNT) == ["permission_profile.created", "api_key.created", "api_key.revoked"]
    event = call("list_audit_events", admin(), query={}).body["data"][0]
    assert (event["targetId"], event["actor"]["kind"], event["actor"]["id"]) == (made["id"], "api_key", made["id"])


def test_revoked_key_is_401_and_unchanged(cloud: Cloud) -> None:
    made = made_key()
    call(FUNCTION, holder(made["key"]))
    before = cloud.contents()
    response = call(FUNCTION, holder(made["key"]))
    assert (response.status, response.code) == (401, "invalid_api_key")
    assert cloud.contents() == before


@pytest.mark.parametrize(
    "settings",
    [
        {"credits": {"remaining": 0}},
        {"ipAllowList": ["192.0.2.1"]},
        {"rateLimit": {"limit": 1, "windowSeconds": 3600}},
        {"status": "disabled"},
        {"expiresAt": "1970-01-01T00:00:00.001Z"},
    ],
    ids=str,
)
def test_key_that_would_be_refused_can_still_be_revoked(settings: dict[str, Any], cloud: Cloud) -> None:
    made = made_key(**{name: value for name, value in settings.items() if name not in {"status", "expiresAt"}})
    if "status" in settings:
        cloud.change_key(made["id"], status="disabled")
    if "expiresAt" in settings:
        cloud.change_key(made["id"], expiresAt=1)
    verdict(made["key"])  # spends the rate limit
    before = [item for item in cloud.items("ApiKeysTable") if item["record"] == "KEY"]
    assert call(FUNCTION, holder(made["key"])).status == 204
    (after,) = (item for item in cloud.items("ApiKeysTable") if item["record"] == "KEY")
    assert verdict(made["key"]) == "REVOKED"
    uses = [name for name in after if name.startswith("u2") or name in {"creditsLeft", "tat"}]
    assert {name: after[name] for name in uses} == {name: before[0][name] for name in uses}


def test_previous_secret_revokes_only_within_its_grace_period(cloud: Cloud) -> None:
    made = made_key()
    call("rotate_api_key", admin(), object_id=made["id"], body={"gracePeriodSeconds": 600})
    ended = made_key()
    call("rotate_api_key", admin(), object_id=ended["id"], body={"gracePeriodSeconds": 0})
    assert call(FUNCTION, holder(made["key"])).status == 204
    refused = call(FUNCTION, holder(ended["key"]))
    assert (refused.status, refused.code) == (401, "invalid_api_key")
    assert call("get_api_key", admin(), object_id=ended["id"]).body["status"] == "active"
