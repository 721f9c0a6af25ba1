"""Where secrets may leave: the answer that makes one, and the settings page of document 000; nothing else, ever."""

import io
from collections.abc import Iterator

import pytest

from local.receiver import Behaviour, Receiver
from tests.functions.callers import admin, bad_tokens, bearer, holder, made_webhook, operator, operator_key, published
from tests.functions.calls import Answered, Caller, call, endpoints, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.environment import RETRY_QUEUE, TOKENS, USE_QUEUE

MAY_CARRY = {
    "create_api_key": "key",
    "generate_integration_key": "apiKey",
    "rotate_api_key": "key",
    "create_webhook": "secret",
    "get_webhook_settings": "webhookSecret",
    "rotate_webhook_settings_secret": "webhookSecret",
}


class Witness:
    """Calls endpoints and remembers every answer, and every secret that was sent or given."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Answered]] = []
        self.secrets: set[str] = {TOKENS.secret}

    def call(self, function: str, caller: Caller, **changes: object) -> Answered:
        answer = call(function, caller, **changes)  # type: ignore[arg-type]
        self.secrets |= {value.removeprefix("Bearer ") for value in caller.values()}
        self.answers.append((function, answer))
        carried = MAY_CARRY.get(function)
        if answer.status < 300 and carried is not None:
            self.secrets.add(answer.body[carried])
        return answer

    def leaks(self) -> Iterator[tuple[str, str]]:
        """Every secret in an answer that may not carry it."""
        for function, answer in self.answers:
            allowed = answer.body[MAY_CARRY[function]] if answer.status < 300 and function in MAY_CARRY else None
            told = answer.text + str(dict(answer.headers))
            for secret in self.secrets:
                if secret != allowed and secret in told:
                    yield function, secret


@pytest.fixture
def witness() -> Witness:
    return Witness()


def live_a_life(witness: Witness, cloud: Cloud, receiver: Receiver) -> None:
    """Every endpoint and worker, well and badly called, with all the secrets there are."""
    session = admin()
    key = witness.call("create_api_key", session, body={"name": "k", "scopes": ["api-keys:read", "webhooks:read"]}).body
    rotated = witness.call("rotate_api_key", session, thing_id=key["id"]).body
    for text in (key["key"], rotated["key"], rotated["key"][:-1] + "!"):
        witness.call("list_api_keys", holder(text))
        witness.call("get_api_key", holder(text), thing_id=key["id"])
        witness.call("list_webhooks", holder(text))
        witness.call("verify_api_key", operator(), body={"key": text, "requiredScopes": ["orders:read"]})
        witness.call("verify_api_key", operator(), body={"key": text, "requiredScopes": text})
        witness.call("get_api_key", session, thing_id=text)
        witness.call("list_api_keys", session, query={"cursor": text, "limit": text})
        invoke("authorize_api_key", own_event("authorize_api_key") | {"headers": {"x-api-key": text}})
        invoke("verify_api_key", {"key": text})
    generated = witness.call("generate_integration_key", session).body["apiKey"]
    witness.call("list_integration_keys", session)
    receiver.answer("/", Behaviour(statuses=[500, 200]))
    own = "our own signing secret!"
    witness.secrets.add(own)
    hooks = [
        witness.call("create_webhook", session, body={"url": receiver.url("/")}).body,
        witness.call("create_webhook", session, body={"url": "http://127.0.0.1:1/", "secret": own}).body,
    ]
    witness.call("create_webhook", session, body={"url": "https://10.0.0.1/", "secret": own})
    witness.call("create_webhook", session, body={"url": 7, "secret": own})
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
        witness.call("list_webhook_deliveries", session, thing_id=hook["id"])
        witness.call("delete_webhook", session, thing_id=hook["id"])
    witness.call("list_integration_deliveries", session)
    witness.call("list_audit_events", session, query={"actorId": key["key"], "cursor": key["key"]})
    witness.call("list_audit_events", session)
    witness.call("put_leaked_key_policy", session, body={"action": key["key"]})
    witness.call("put_leaked_key_policy", session, body={"action": "tell"})
    witness.call("get_leaked_key_policy", session)
    witness.call("list_webhooks", session)
    witness.call("revoke_api_key", session, thing_id=key["id"])
    witness.call("revoke_integration_key", session, thing_id=key["id"])
    witness.call("verify_api_key", operator(), body={"key": generated})
    witness.call("answer_unknown_route", session)
    witness.call("get_openapi", session)
    invoke("expire_api_keys", own_event("expire_api_keys"))
    for function in endpoints():
        for token in bad_tokens().values():
            witness.call(function, bearer(token))
        witness.call(function, session, raw=b'{"key": "' + key["key"].encode() + b'"')


def test_no_answer_and_no_log_line_carries_a_secret(
    witness: Witness, cloud: Cloud, receiver: Receiver, log: io.StringIO
) -> None:
    live_a_life(witness, cloud, receiver)
    witness.secrets.discard("placeholder")
    assert {function for function, _ in witness.answers} == {*endpoints(), "answer_unknown_route", "get_openapi"}
    assert list(witness.leaks()) == []
    logged = log.getvalue()
    assert len(logged) > 1_000
    assert [secret for secret in witness.secrets if secret in logged] == []


def test_signatures_that_were_sent_are_in_no_answer_and_no_log_line(
    witness: Witness, cloud: Cloud, receiver: Receiver, log: io.StringIO
) -> None:
    live_a_life(witness, cloud, receiver)
    told = log.getvalue() + "".join(answer.text for _, answer in witness.answers)
    assert len(receiver.requests()) >= 4
    for request in receiver.requests():
        assert request.headers["x-latchhook-signature"].removeprefix("sha256=") not in told
        assert request.headers["webhook-signature"].removeprefix("v1,") not in told


def test_failure_that_nobody_expected_is_a_500_that_says_nothing_and_is_logged_without_what_was_sent(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = made_webhook()["secret"]

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr("latchhook.storage.settings_table.SettingsTable.of_account", broken)
    answer = call("list_webhooks", admin())
    assert (answer.status, answer.code) == (500, "internal_error")
    assert secret not in answer.text
    assert secret not in log.getvalue()
    assert "RuntimeError" in log.getvalue()
    assert answer.body["requestId"] in log.getvalue()


def test_worker_that_fails_logs_no_event_content(log: io.StringIO, cloud: Cloud) -> None:
    made_webhook()
    published(entity={"card": "4111-1111-1111-1111"})
    batch = cloud.batch("EventQueue", "fan_out_event")
    del batch["Records"][0]["messageAttributes"]["accountId"]
    invoke("fan_out_event", batch)
    assert "message failed" in log.getvalue()
    assert "4111" not in log.getvalue()
