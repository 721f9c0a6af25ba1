"""PUT /leaked-key-policy: one of three actions, with an audit entry."""

import json

import pytest

from tests.functions.callers import ACCOUNT, admin
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.template_tables import SETTINGS


@pytest.mark.parametrize("action", ["tell", "disable", "revoke"])
def test_policy_is_stored_with_an_audit_entry(action: str, cloud: Cloud) -> None:
    response = call("put_leaked_key_policy", admin(), body={"action": action})

    assert (response.status, response.body) == (200, {"action": action})
    assert call("get_leaked_key_policy", admin()).body == {"action": action}
    (entry,) = [each for each in cloud.items(SETTINGS) if each["pk"] == f"AUDIT#{ACCOUNT}"]
    assert (entry["action"], entry["targetId"]) == ("leaked_key_policy.updated", ACCOUNT)
    assert json.loads(entry["details"]) == {"action": action}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/action"),
        ({"action": "ignore"}, "/action"),
        ({"action": "Revoke"}, "/action"),
        ({"action": None}, "/action"),
        ({"action": ["revoke"]}, "/action"),
    ],
)
def test_invalid_policy_is_422(body: object, pointer: str, cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("put_leaked_key_policy", admin(), body=body)
    assert (response.status, response.pointers) == (422, [pointer])
    assert cloud.contents() == before
