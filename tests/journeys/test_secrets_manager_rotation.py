"""The deployed function rotates a key in a secret of Secrets Manager.

The emulator's RotateSecret calls no function, therefore the test invokes the function as Secrets Manager does.
"""

import json
from typing import Any
from uuid import uuid4

import pytest

from local.stack import RunningStack
from tests.journeys.product import admin, holder, new_account

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class ManagedKey:
    """A key of a new account in its own secret."""

    def __init__(self, stack: RunningStack, **tags: str) -> None:
        self._stack = stack
        self._secrets = stack.client("secretsmanager")
        self.owner = admin(stack, new_account())
        self.made = self.owner.call("POST", "/api-keys", {"name": "Billing", "scopes": ["api-keys:read"]}, status=201)
        self._arn = self._secrets.create_secret(
            Name=f"billing/{uuid4()}",
            SecretString=json.dumps({"apiKey": self.made["key"], "user": "billing"}),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )["ARN"]

    def run(self, step: str, token: str) -> dict[str, Any] | None:
        """Run one step with the deployed function. Return its error, or None."""
        event = {"Step": step, "SecretId": self._arn, "ClientRequestToken": token}
        response = self._stack.client("lambda").invoke(
            FunctionName=self._stack.outputs["KeyRotationFunctionArn"], Payload=json.dumps(event)
        )
        error: dict[str, Any] | None = json.loads(response["Payload"].read() or "null")
        return error if "FunctionError" in response else None

    def fields(self, stage: str = "AWSCURRENT") -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(
            self._secrets.get_secret_value(SecretId=self._arn, VersionStage=stage)["SecretString"]
        )
        return fields


def test_rotation_replaces_the_key_without_refused_requests(stack: RunningStack) -> None:
    key = ManagedKey(stack, latchhook="api-key")
    token = str(uuid4())
    for step in STEPS:
        for _ in range(2):
            assert key.run(step, token) is None
            holder(stack, key.fields()["apiKey"]).call("GET", "/api-keys")

    assert key.fields()["user"] == "billing"
    assert key.fields()["apiKey"] != key.made["key"]
    assert key.fields("AWSPREVIOUS")["apiKey"] == key.made["key"]
    holder(stack, key.made["key"]).call("GET", "/api-keys")
    events = key.owner.call("GET", "/audit-events")["data"]
    assert [event["action"] for event in events].count("api_key.rotated") == 1


def test_rotation_of_a_revoked_key_is_an_explicit_error(stack: RunningStack) -> None:
    key = ManagedKey(stack, latchhook="api-key")
    key.owner.call("DELETE", f"/api-keys/{key.made['id']}", status=204)

    error = key.run("createSecret", str(uuid4()))

    assert error is not None
    assert error["errorMessage"] == "The key is revoked."
    assert key.made["key"] not in json.dumps(error)


@pytest.mark.parametrize("tags", [{}, {"latchhook": "other"}, {"Latchhook-api-key": ""}], ids=str)
def test_secret_without_the_tag_cannot_be_rotated(stack: RunningStack, tags: dict[str, str]) -> None:
    key = ManagedKey(stack, **tags)

    error = key.run("createSecret", str(uuid4()))

    assert error is not None
    assert error["errorMessage"] == "describe_secret: AccessDeniedException"
    assert key.fields()["apiKey"] == key.made["key"]
