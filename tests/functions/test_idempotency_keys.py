"""Idempotency keys of requests that create something with a secret."""

from collections.abc import Callable

import pytest

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import Answered, Caller, call
from tests.functions.cloud import Cloud

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
