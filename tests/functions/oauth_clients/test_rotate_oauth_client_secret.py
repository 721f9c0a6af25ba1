"""Rotation of a client's secret."""

from datetime import timedelta
from typing import Any

import pytest

from latchhook.clock import utc_now
from oauth import create_token
from tests.functions.callers import admin, holder, made_key
from tests.functions.calls import Answered, call
from tests.functions.oauth.apps import form, made_client


def machine() -> dict[str, Any]:
    """Create a client with tokens of its own."""
    return made_client(grantTypes=["client_credentials"], redirectUris=[])


def status_with(client: dict[str, Any], secret: str) -> int:
    """Return the status of a token request with this secret."""
    fields = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": secret}
    return form("create_token", fields).status


def rotate(client: dict[str, Any], **options: Any) -> Answered:
    """Rotate the secret of a client."""
    return call("rotate_oauth_client_secret", admin(), object_id=client["id"], **options)


def test_previous_secret_works_until_the_end_of_the_grace_period(monkeypatch: pytest.MonkeyPatch) -> None:
    client = machine()
    rotated = rotate(client, body={"gracePeriodSeconds": 60})
    assert rotated.status == 200
    assert rotated.body["secret"] != client["secret"]
    assert [status_with(client, each) for each in (client["secret"], rotated.body["secret"])] == [200, 200]
    moved = utc_now() + timedelta(seconds=61)
    monkeypatch.setattr(create_token.handler, "clock", lambda: moved)
    assert [status_with(client, each) for each in (client["secret"], rotated.body["secret"])] == [401, 200]


def test_rotation_without_grace_ends_the_previous_secret_at_once() -> None:
    client = machine()
    rotated = rotate(client, body={"gracePeriodSeconds": 0})
    assert [status_with(client, each) for each in (client["secret"], rotated.body["secret"])] == [401, 200]


def test_repeated_rotation_has_one_effect_and_returns_no_secret() -> None:
    client = machine()
    first, second = [rotate(client, body={}, headers={"idempotency-key": "r"}) for _ in range(2)]
    assert (second.status, second.headers["idempotency-replayed"], second.body["secret"]) == (200, "true", None)
    assert second.body["previousSecretExpiresAt"] == first.body["previousSecretExpiresAt"]
    assert status_with(client, first.body["secret"]) == 200


def test_public_client_has_no_secret_to_rotate() -> None:
    refused = rotate(made_client(type="public"), body={})
    assert (refused.status, refused.code) == (409, "public_oauth_client")


def test_caller_needs_all_scopes_of_the_client() -> None:
    key = holder(made_key("oauth-clients:write")["key"])
    refused = call("rotate_oauth_client_secret", key, object_id=machine()["id"], body={})
    assert (refused.status, refused.code) == (403, "scope_beyond_creator")
