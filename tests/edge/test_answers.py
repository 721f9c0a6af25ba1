"""What endpoints answer: every field of the contract, times in RFC 3339, and no secret but where it belongs."""

import json
from datetime import timedelta
from random import Random

import pytest

from latchhook.api_keys.verification import Code, Verdict
from latchhook.edge.answers.api_keys import api_key_answer
from latchhook.edge.answers.integration_keys import integration_key_answer
from latchhook.edge.answers.verdicts import verdict_answer
from latchhook.edge.answers.webhooks import attempt_answer, logged_delivery_answer, webhook_answer
from latchhook.webhooks.delivery import LoggedAttempt
from latchhook.webhooks.secrets import StoredSecret, generate_secret
from tests.samples import NOW, SECOND, api_key, attempt, task, webhook

THE_OBJECT = [
    "id", "accountId", "userId", "name", "description", "prefix", "keyPrefix", "scopes", "profileId", "status",
    "createdAt", "updatedAt", "expiresAt", "lastUsedAt", "revokedAt", "requestCount", "metadata", "rateLimit",
    "credits", "ipAllowList",
]  # fmt: skip


def test_a_key_is_the_object_of_the_contract() -> None:
    key = api_key(
        scopes=("orders:read",),
        expires_at=NOW + SECOND,
        last_used_at=NOW + timedelta(milliseconds=5),
        daily_requests={"20270301": 2, "20270201": 9},
        metadata={"a": 1},
    )

    answer = api_key_answer(key, NOW)

    assert list(answer) == THE_OBJECT
    assert (answer["id"], answer["status"], answer["requestCount"]) == (str(key.id), "active", 2)
    assert (answer["createdAt"], answer["lastUsedAt"]) == ("2027-03-15T12:00:00Z", "2027-03-15T12:00:00.005Z")
    assert (answer["revokedAt"], answer["scopes"], answer["metadata"]) == (None, ["orders:read"], {"a": 1})
    json.dumps(answer, allow_nan=False)


def test_a_keys_status_is_that_of_the_moment() -> None:
    key = api_key(expires_at=NOW)

    assert api_key_answer(key, NOW - SECOND)["status"] == "active"
    assert api_key_answer(key, NOW)["status"] == "expired"


def test_document_000s_key_has_its_seven_fields() -> None:
    key = api_key(revoked_at=NOW)

    assert integration_key_answer(key) == {
        "id": str(key.id),
        "userId": "user_1",
        "prefix": key.prefix,
        "name": "API Key",
        "createdAt": "2027-03-15T12:00:00Z",
        "lastUsedAt": None,
        "revokedAt": "2027-03-15T12:00:00Z",
    }


def test_a_verdict_tells_what_the_key_may_do() -> None:
    key = api_key(scopes=("orders:read",), expires_at=NOW)

    answer = verdict_answer(Verdict("VALID", key))

    assert (answer["valid"], answer["code"], answer["keyId"]) == (True, "VALID", str(key.id))
    assert (answer["accountId"], answer["scopes"], answer["expiresAt"]) == (
        "acct_1",
        ["orders:read"],
        "2027-03-15T12:00:00Z",
    )


@pytest.mark.parametrize("code", ["NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE"])
def test_a_refusal_has_the_same_fields(code: Code) -> None:
    refused, valid = verdict_answer(Verdict(code)), verdict_answer(Verdict("VALID", api_key()))

    assert refused.keys() == valid.keys()
    assert (refused["valid"], refused["code"], refused["keyId"], refused["scopes"]) == (False, code, None, [])


def test_a_webhook_is_answered_without_its_secret() -> None:
    secret = generate_secret(Random(1))
    shown = webhook(secrets=(StoredSecret(secret.encode()),), events=("lap.*",), description="laps")

    answer = webhook_answer(shown)

    assert (answer["id"], answer["url"], answer["events"]) == (str(shown.id), shown.url, ["lap.*"])
    assert (answer["status"], answer["description"]) == ("active", "laps")
    assert "secret" not in answer
    assert secret not in json.dumps(answer)


def test_an_attempt_is_answered_with_its_request_and_response() -> None:
    made = attempt(
        task(attempt=2), trigger="retry", next_attempt_at=NOW + SECOND, response_body="Zoë".encode() + b"\xff"
    )

    answer = attempt_answer(made)

    assert (answer["id"], answer["deliveryId"], answer["attempt"]) == (str(made.id), str(made.task.delivery_id), 2)
    assert (answer["trigger"], answer["nextAttemptAt"]) == ("retry", "2027-03-15T12:00:01Z")
    assert answer["response"] is not None
    assert (answer["response"]["status"], answer["response"]["body"]) == (200, "Zoë\ufffd")
    json.dumps(answer, ensure_ascii=False).encode()


def test_an_attempt_without_answer_has_no_response() -> None:
    assert attempt_answer(attempt(response_status=None, response_headers=(), response_body=b""))["response"] is None


def test_document_000s_log_has_its_six_fields() -> None:
    logged = LoggedAttempt(attempt().id, "order-7", "order.paid", "failed", "HTTP 500", NOW)

    assert logged_delivery_answer(logged) == {
        "id": str(attempt().id),
        "externalId": "order-7",
        "eventType": "order.paid",
        "status": "failed",
        "errorMessage": "HTTP 500",
        "createdAt": "2027-03-15T12:00:00Z",
    }
