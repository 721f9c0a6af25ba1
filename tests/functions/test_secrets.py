"""Responses that may contain a secret: the one that creates it, and the webhook settings. No other output contains
any.
"""

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import pytest

from latchhook.bootstrap.webhooks import secret_vault, webhooks_table
from local.receiver import Behaviour, Receiver
from tests.functions.callers import (
    ACCOUNT,
    admin,
    bad_tokens,
    bearer,
    holder,
    made_key,
    made_webhook,
    operator,
    operator_key,
    published,
)
from tests.functions.calls import Answered, Caller, call, endpoints, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.described import described
from tests.functions.environment import RETRY_QUEUE, TOKENS, USE_QUEUE

MAY_CARRY = {
    "create_api_key": "key",
    "generate_integration_key": "apiKey",
    "rotate_api_key": "key",
    "create_webhook": "secret",
    "rotate_webhook_secret": "secret",
    "get_webhook_settings": "webhookSecret",
    "rotate_webhook_settings_secret": "webhookSecret",
}


class Witness:
    """A caller that records every response and every secret sent or received."""

    def __init__(self) -> None:
        self.responses: list[tuple[str, Answered]] = []
        self.secrets: set[str] = {TOKENS.secret}

    def call(self, function: str, caller: Caller, **changes: object) -> Answered:
        response = call(function, caller, **changes)  # type: ignore[arg-type]
        self.secrets |= {value.removeprefix("Bearer ") for value in caller.values()}
        self.responses.append((function, response))
        carried = MAY_CARRY.get(function)
        if response.status < 300 and carried is not None and response.body[carried] is not None:
            self.secrets.add(response.body[carried])
        return response

    def leaks(self) -> Iterator[tuple[str, str]]:
        """Yield every secret in a response that must not contain it."""
        for function, response in self.responses:
            allowed = response.body[MAY_CARRY[function]] if response.status < 300 and function in MAY_CARRY else None
            told = response.text + str(dict(response.headers))
            for secret in self.secrets:
                if secret != allowed and secret in told:
                    yield function, secret


@pytest.fixture
def witness() -> Witness:
    return Witness()


HEADER = {"Authorization": "Bearer of the receiver's own", "X-Shop": "acme"}
NEXT_HEADER = {"Authorization": "Bearer of the receiver's next"}


def private_keys() -> set[str]:
    """Return the private key of every stored key pair, in each spelling in which it could appear."""
    seeds = [
        base64.b64decode(secret_vault().reveal(webhook.account_id, webhook.id, pair).removeprefix("whsk_"))
        for webhook in webhooks_table().of_account(ACCOUNT)
        for pair in webhook.key_pairs
    ]
    assert {len(seed) for seed in seeds} == {32}
    assert len(set(seeds)) == 4
    spellings = (bytes.hex, lambda seed: base64.b64encode(seed).decode()[:-1], lambda seed: repr(seed)[2:-1])
    return {spelling(seed) for seed in seeds for spelling in spellings}


def change_webhooks(witness: Witness, hooks: Sequence[Mapping[str, Any]], own_secret: str) -> None:
    """Change headers and secrets of webhooks, with valid and invalid values."""
    first, second = (hook["id"] for hook in hooks)
    witness.call("create_webhook", admin(), body={"url": hooks[0]["url"], "headers": {**HEADER, "Host": own_secret}})
    witness.call("update_webhook", admin(), object_id=first, body={"headers": NEXT_HEADER})
    witness.call("update_webhook", admin(), object_id=first, body={"headers": {"X-Key": own_secret + "\n"}})
    witness.call("update_webhook", admin(), object_id=first, body={"secret": own_secret})
    witness.call("update_webhook", admin(), object_id=second, body={"asymmetricSignatures": True})
    witness.call("rotate_webhook_secret", admin(), object_id=second, body={"gracePeriodSeconds": 60})
    witness.call("rotate_webhook_secret", admin(), object_id=second, body={"secret": own_secret, "other": own_secret})
    again = {"idempotency-key": own_secret}
    chosen = {"secret": own_secret, "gracePeriodSeconds": 60}
    for _ in range(2):
        witness.call("create_webhook", admin(), body={"url": hooks[0]["url"], "secret": own_secret}, headers=again)
        witness.call("rotate_webhook_secret", admin(), object_id=second, body=chosen, headers=again)
    witness.secrets |= private_keys()
    for hook in hooks:
        witness.call("get_webhook", admin(), object_id=hook["id"])


def live_a_life(witness: Witness, cloud: Cloud, receiver: Receiver) -> None:
    """Call every endpoint and worker with valid and invalid requests and all kinds of secrets."""
    session = admin()
    key = witness.call("create_api_key", session, body={"name": "k", "scopes": ["api-keys:read", "webhooks:read"]}).body
    rotated = witness.call("rotate_api_key", session, object_id=key["id"]).body
    for text in (key["key"], rotated["key"], rotated["key"][:-1] + "!"):
        witness.call("list_api_keys", holder(text))
        witness.call("get_api_key", holder(text), object_id=key["id"])
        witness.call("list_webhooks", holder(text))
        witness.call("verify_api_key", operator(), body={"key": text, "requiredScopes": ["orders:read"]})
        witness.call("verify_api_key", operator(), body={"key": text, "requiredScopes": text})
        witness.call("get_api_key", session, object_id=text)
        witness.call("list_api_keys", session, query={"cursor": text, "limit": text})
        invoke("authorize_api_key", own_event("authorize_api_key") | {"headers": {"x-api-key": text}})
        invoke("verify_api_key", {"key": text})
    keep_keys(witness, key, rotated["key"])
    generated = witness.call("generate_integration_key", session).body["apiKey"]
    witness.call("list_integration_keys", session)
    receiver.response("/", Behaviour(statuses=[500, 200]))
    own = "our own signing secret!"
    witness.secrets |= {own, HEADER["Authorization"], NEXT_HEADER["Authorization"]}
    hooks = [
        witness.call(
            "create_webhook", session, body={"url": receiver.url("/"), "headers": HEADER, "asymmetricSignatures": True}
        ).body,
        witness.call("create_webhook", session, body={"url": "http://127.0.0.1:1/", "secret": own}).body,
    ]
    witness.call("create_webhook", session, body={"url": "https://10.0.0.1/", "secret": own})
    witness.call("create_webhook", session, body={"url": 7, "secret": own, "headers": HEADER})
    change_webhooks(witness, hooks, own)
    witness.call("put_webhook_settings", session, body={"webhookUrl": receiver.url("/default")})
    witness.call("get_webhook_settings", session)
    witness.call("publish_event", holder(operator_key("events:write")["key"]))
    witness.call("publish_event", operator(), body={"accountId": "acme", "event": "lap.created", "entity": {}})
    witness.call("publish_events", holder(operator_key("events:write")["key"]))
    invoke("publish_bus_event", own_event("publish_bus_event"))
    assert cloud.run_streams() == []
    cloud.run_event_path()
    cloud.drain(RETRY_QUEUE, "retry_webhook")
    cloud.drain(USE_QUEUE, "count_key_uses")
    witness.call("rotate_webhook_settings_secret", session)
    for hook in hooks:
        witness.call("list_webhook_deliveries", session, object_id=hook["id"])
        witness.call("delete_webhook", session, object_id=hook["id"])
    witness.call("list_integration_deliveries", session)
    witness.call("list_audit_events", session, query={"actorId": key["key"], "cursor": key["key"]})
    witness.call("list_audit_events", session)
    witness.call("put_leaked_key_policy", session, body={"action": key["key"]})
    witness.call("put_leaked_key_policy", session, body={"action": "tell"})
    witness.call("get_leaked_key_policy", session)
    witness.call("list_webhooks", session)
    witness.call("revoke_api_key", session, object_id=key["id"])
    witness.call("revoke_integration_key", session, object_id=key["id"])
    witness.call("verify_api_key", operator(), body={"key": generated})
    witness.call("handle_unknown_route", session)
    witness.call("get_openapi", session)
    invoke("expire_api_keys", own_event("expire_api_keys"))
    try_everything(witness, key["key"])


def try_everything(witness: Witness, text: str) -> None:
    """Call every endpoint with invalid credentials and with a truncated body."""
    for function in endpoints():
        for token in bad_tokens().values():
            witness.call(function, bearer(token))
        witness.call(function, admin(), raw=b'{"key": "' + text.encode() + b'"')


def keep_keys(witness: Witness, key: Mapping[str, Any], text: str) -> None:
    """Change a key's settings, read its usage and repeat requests, with the key text in every field that could take
    it.
    """
    session = admin()
    for headers in ({"idempotency-key": "once"}, {"idempotency-key": text}):
        for _ in range(2):
            witness.call("create_api_key", session, headers=headers)
            witness.call("rotate_api_key", session, object_id=key["id"], headers=headers)
    witness.call("rotate_api_key", session, object_id=key["id"], body={"gracePeriodSeconds": text})
    for function in ("replace_api_key", "update_api_key"):
        witness.call(function, session, object_id=key["id"])
        witness.call(function, session, object_id=key["id"], body={"name": 7, "scopes": [text], "ipAllowList": [text]})
        witness.call(function, session, object_id=key["id"], body={"name": "k", "key": text, "profileId": text})
    witness.call("get_api_key_usage", session, object_id=key["id"])
    witness.call("get_api_key_usage", session, object_id=key["id"], query={"days": text})
    witness.call("list_api_keys", session, query={"search": text, "status": text})
    current = made_key(rateLimit={"limit": 2, "windowSeconds": 60}, credits={"remaining": 1})["key"]
    for function in ("get_current_api_key", "get_current_api_key", "revoke_current_api_key", "get_current_api_key"):
        witness.call(function, holder(current))
    questions = [{"key": text}, {"key": current, "ipAddress": "203.0.113.7"}]
    witness.call("verify_api_keys", operator(), body={"keys": questions})
    witness.call("verify_api_keys", operator(), body={"keys": [*questions, {"key": text, "ipAddress": text}]})
    witness.call("verify_api_keys", operator(), body={"keys": [{"key": [text]}, {}]})
    for body in ({"filter": {"search": text[:60]}}, {"filter": {"ids": [text]}, "cursor": text}, {"filter": text}):
        witness.call("revoke_api_keys", session, body=body)
    witness.call("revoke_api_keys", session, body={"filter": {"search": "k"}, "cursor": text, "dryRun": True})
    import_keys(witness, text)


def import_keys(witness: Witness, text: str) -> None:
    """Run imports that succeed and that fail. The hashes are secrets too, since a hash allows offline guesses of the
    key text.
    """
    session = admin()
    old = "old_live_x7Vq2mZp9Lr4Ts8Wn1"
    hashes = [sha256(each.encode()).hexdigest() for each in (old, text)]
    witness.secrets |= {old, *hashes}
    good = [{"name": "k", "hash": each} for each in hashes]
    for keys in (
        good,
        good + good,
        [*good, {"name": "k", "hash": text}, {"name": "k", "hash": hashes[0][:-1] + "?"}],
        [{**good[0], "scopes": ["orders:fly"], "prefix": old}, {"name": hashes[0], "hash": 7}],
        [{**good[0], "key": old}],
    ):
        witness.call("import_api_keys", session, body={"keys": keys})
    witness.call("list_api_keys", holder(old))
    witness.call("get_current_api_key", holder(old))


def test_no_response_or_log_line_contains_a_secret(
    witness: Witness, cloud: Cloud, receiver: Receiver, log: io.StringIO
) -> None:
    live_a_life(witness, cloud, receiver)
    witness.secrets.discard("placeholder")
    assert {function for function, _ in witness.responses} == {*endpoints(), "handle_unknown_route", "get_openapi"}
    assert list(witness.leaks()) == []
    logged = log.getvalue()
    assert len(logged) > 1_000
    assert [secret for secret in witness.secrets if secret in logged] == []


def test_no_response_or_log_line_contains_a_sent_signature(
    witness: Witness, cloud: Cloud, receiver: Receiver, log: io.StringIO
) -> None:
    live_a_life(witness, cloud, receiver)
    told = log.getvalue() + "".join(response.text for _, response in witness.responses)
    assert len(receiver.requests()) >= 4
    for request in receiver.requests():
        assert request.headers["x-latchhook-signature"].removeprefix("sha256=") not in told
        for token in request.headers["webhook-signature"].split(" "):
            assert token.partition(",")[2] not in told


BREAKABLE = {
    "list_webhooks": "latchhook.storage.webhooks_table.WebhooksTable.of_account",
    "create_api_key": "latchhook.storage.api_keys_table.ApiKeysTable.add",
    "rotate_api_key": "latchhook.storage.api_keys_table.ApiKeysTable.replace_secret",
    "verify_api_key": "latchhook.storage.key_uses_table.KeyUsesTable.record_use",
    "verify_api_keys": "latchhook.storage.key_uses_table.KeyUsesTable.record_use",
    "import_api_keys": "latchhook.api_keys.importing.check_rights",
    "revoke_api_keys": "latchhook.storage.api_keys_table.ApiKeysTable.live_page",
}
"""By function: a callee that handles a secret."""


@pytest.mark.parametrize("function", BREAKABLE)
def test_unexpected_error_is_a_500_without_secrets_in_response_or_log(
    function: str, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_key()
    secret = made["key"]

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(BREAKABLE[function], broken)
    endpoint = described()[function]
    response = call(function, endpoint.allowed(), object_id=made["id"] if endpoint.has_thing else None)
    assert (response.status, response.code) == (500, "internal_error")
    assert secret not in response.text
    assert secret not in log.getvalue()
    assert "RuntimeError" in log.getvalue()
    assert response.body["requestId"] in log.getvalue()


def test_failing_worker_logs_no_event_content(log: io.StringIO, cloud: Cloud) -> None:
    made_webhook()
    published(entity={"card": "4111-1111-1111-1111"})
    batch = cloud.batch("EventQueue", "fan_out_event")
    del batch["Records"][0]["messageAttributes"]["accountId"]
    invoke("fan_out_event", batch)
    assert "message failed" in log.getvalue()
    assert "4111" not in log.getvalue()
