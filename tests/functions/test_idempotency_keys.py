"""Idempotency keys of requests that create something with a secret."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from latchhook.clock import rfc3339, utc_now
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook, operator
from tests.functions.calls import Answered, Caller, call, endpoint, endpoints
from tests.functions.cloud import Cloud
from tests.functions.oauth.apps import made_client

Creation = Callable[[Caller, str], Answered]


def _create_api_key(caller: Caller, key: str) -> Answered:
    return call("create_api_key", caller, body={"name": "k"}, headers={"idempotency-key": key})


def _create_webhook(caller: Caller, key: str) -> Answered:
    body = {"url": "https://hooks.example.com/orders"}
    return call("create_webhook", caller, body=body, headers={"idempotency-key": key})


@pytest.mark.parametrize(
    ("create", "scope"), [(_create_api_key, "api-keys:write"), (_create_webhook, "webhooks:write")]
)
def test_idempotency_key_belongs_to_its_caller(create: Creation, scope: str) -> None:
    callers = (admin(user_id="one"), admin(user_id="two"), admin(OTHER_ACCOUNT), holder(made_key(scope)["key"]))
    assert len({create(caller, "one").body["id"] for caller in callers}) == 4


@pytest.mark.parametrize("create", [_create_api_key, _create_webhook])
@pytest.mark.parametrize("text", ["", "x" * 256, "é", "a\tb"])
def test_invalid_idempotency_key_is_422(create: Creation, text: str, cloud: Cloud) -> None:
    before = cloud.contents()
    response = create(admin(), text)
    assert (response.status, response.pointers) == (422, ["Idempotency-Key"])
    assert cloud.contents() == before
    assert create(admin(), "x" * 255).status == 201


def _target(function: str) -> object:
    match function:
        case "rotate_api_key":
            return made_key()["id"]
        case "rotate_webhook_secret" | "recover_webhook":
            return made_webhook()["id"]
        case "rotate_oauth_client_secret":
            return made_client()["id"]
    return None


IMPORTED: dict[str, Any] = {"keys": [{"name": "k", "hash": "ab" * 32}, {"name": "l", "hash": "cd" * 32}]}
BODIES: dict[str, Any] = {
    "create_api_key": {"name": "k"},
    "rotate_api_key": {},
    "import_api_keys": IMPORTED,
    "generate_integration_key": {"name": "k"},
    "rotate_webhook_settings_secret": None,
    "create_webhook": {"url": "https://hooks.example.com/orders"},
    "rotate_webhook_secret": {"gracePeriodSeconds": 60},
    "create_permission_profile": {"name": "Readers", "rules": []},
    "recover_webhook": {"since": "2020-01-01T00:00:00Z"},
    "create_oauth_client": {"name": "n", "redirectUris": ["https://app.example.com/"], "scopes": ["orders:read"]},
    "rotate_oauth_client_secret": {"gracePeriodSeconds": 60},
    "create_portal_session": {"accountId": ACCOUNT, "userId": "zoe", "role": "admin", "expiresInSeconds": 60},
}
SECRETS = ("key", "apiKey", "secret", "webhookSecret")


def _secrets(function: str) -> tuple[str, ...]:
    return ("url",) if function == "create_portal_session" else SECRETS


def _caller(function: str) -> Caller:
    return operator() if function == "create_portal_session" else admin()


def test_each_post_that_creates_or_rotates_takes_the_header() -> None:
    taking = {function for function in endpoints() if endpoint(function).description.takes_idempotency_key}
    assert taking == set(BODIES)


@pytest.mark.parametrize("function", BODIES)
def test_repeat_changes_nothing_and_shows_no_secret(function: str, cloud: Cloud) -> None:
    body, target, headers = BODIES[function], _target(function), {"idempotency-key": "one"}
    raw = None if body is None else json.dumps(body).encode()
    first = call(function, _caller(function), raw=raw, object_id=target, headers=headers)
    assert first.status in (200, 201, 202), first.text
    before = cloud.contents()

    again = call(function, _caller(function), raw=raw and b" " + raw, object_id=target, headers=headers)

    assert (again.status, again.headers) == (first.status, {**first.headers, "idempotency-replayed": "true"})
    assert again.body == {name: None if name in _secrets(function) else value for name, value in first.body.items()}
    assert "idempotency-replayed" not in first.headers
    assert cloud.contents() == before


def test_repeat_is_replayed_after_the_expiry_in_its_body_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"name": "k", "expiresAt": rfc3339(utc_now() + timedelta(hours=1))}
    first = call("create_api_key", admin(), body=body, headers={"idempotency-key": "one"})
    assert first.status == 201
    monkeypatch.setattr(endpoint("create_api_key"), "_clock", lambda: utc_now() + timedelta(hours=2))
    session = admin(exp=int((utc_now() + timedelta(hours=3)).timestamp()))

    again = call("create_api_key", session, body=body, headers={"idempotency-key": "one"})

    assert (again.status, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.body == {**first.body, "key": None, "status": "expired"}
    assert call("create_api_key", session, body=body, headers={"idempotency-key": "two"}).status == 422


def test_repeated_import_returns_the_first_results() -> None:
    call("import_api_keys", admin(), body={"keys": IMPORTED["keys"][:1]})
    for _ in range(2):
        response = call("import_api_keys", admin(), body=IMPORTED, headers={"idempotency-key": "one"})
        assert [result["outcome"] for result in response.body["data"]] == ["exists", "created"]


def test_repeated_recovery_of_a_disabled_webhook_is_the_same_recovery() -> None:
    webhook_id, headers = made_webhook()["id"], {"idempotency-key": "one"}
    first = call("recover_webhook", admin(), body=BODIES["recover_webhook"], object_id=webhook_id, headers=headers)
    call("update_webhook", admin(), object_id=webhook_id, body={"status": "disabled"})
    again = call("recover_webhook", admin(), body=BODIES["recover_webhook"], object_id=webhook_id, headers=headers)
    assert (again.status, again.body["id"]) == (202, first.body["id"])
