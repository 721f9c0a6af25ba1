"""Responses of endpoints: every documented field, times in RFC 3339, and secrets only where they belong."""

import json
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import get_args, get_type_hints
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.bulk_revocation import Revocation
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.usage import Usage
from latchhook.api_keys.verification import Code, Verdict
from latchhook.edge.responses.api_keys import api_key_response, credits_response
from latchhook.edge.responses.bulk_keys import revocation_response
from latchhook.edge.responses.integration_keys import integration_key_response
from latchhook.edge.responses.key_usage import usage_response
from latchhook.edge.responses.verdicts import VerdictResponse, verdict_response
from latchhook.edge.responses.webhooks import attempt_response, logged_delivery_response, webhook_response
from latchhook.permissions.grants import Grants
from latchhook.rates import RateLimit, to_micros
from latchhook.webhooks.delivery import LoggedAttempt
from latchhook.webhooks.key_pairs import StoredKeyPair
from latchhook.webhooks.secrets import StoredSecret, generate_secret
from tests.samples import CATALOGUE, MILLISECOND, NOW, SECOND, api_key, attempt, profile, task, webhook

THE_OBJECT = [
    "id", "accountId", "userId", "ownerUserId", "followsOwner", "name", "description", "prefix", "keyPrefix",
    "scopes", "profileId", "status", "createdAt", "updatedAt", "rotatedAt", "expiresAt", "lastUsedAt", "revokedAt",
    "requestCount", "metadata", "rateLimit", "credits", "ipAllowList",
]  # fmt: skip


def test_key_has_every_documented_field() -> None:
    key = api_key(
        scopes=("orders:read",),
        expires_at=NOW + SECOND,
        last_used_at=NOW + timedelta(milliseconds=5),
        daily_requests={"20270301": 2, "20270201": 9},
        metadata={"a": 1},
    )

    response = api_key_response(key, NOW)

    assert list(response) == THE_OBJECT
    assert (response["id"], response["status"], response["requestCount"]) == (str(key.id), "active", 2)
    assert (response["createdAt"], response["lastUsedAt"]) == ("2027-03-15T12:00:00Z", "2027-03-15T12:00:00.005Z")
    assert (response["revokedAt"], response["scopes"], response["metadata"]) == (None, ["orders:read"], {"a": 1})
    json.dumps(response, allow_nan=False)


def test_status_of_a_key_is_the_current_one() -> None:
    key = api_key(expires_at=NOW)

    assert api_key_response(key, NOW - SECOND)["status"] == "active"
    assert api_key_response(key, NOW)["status"] == "expired"


def test_integration_key_has_its_seven_fields() -> None:
    key = api_key(revoked_at=NOW)

    assert integration_key_response(key) == {
        "id": str(key.id),
        "userId": "user_1",
        "prefix": key.prefix,
        "name": "API Key",
        "createdAt": "2027-03-15T12:00:00Z",
        "lastUsedAt": None,
        "revokedAt": "2027-03-15T12:00:00Z",
    }


# ---- Limits of a key ----


def test_key_shows_its_limits_and_allow_list() -> None:
    key = api_key(
        profile_id=profile(1).id,
        rate_limit=RateLimit(100, 60, 20),
        credits=Credits(7, Refill(50, "monthly"), NOW + SECOND),
        ip_allow_list=("10.0.0.0/8",),
    )

    response = api_key_response(key, NOW)

    assert response["profileId"] == str(profile(1).id)
    assert response["rateLimit"] == {"limit": 100, "windowSeconds": 60, "burst": 20}
    assert response["credits"] == {
        "remaining": 7,
        "refill": {"amount": 50, "interval": "monthly", "nextAt": "2027-03-15T12:00:01Z"},
    }
    assert response["ipAllowList"] == ["10.0.0.0/8"]


def test_key_without_limits_shows_null_and_empty_values() -> None:
    response = api_key_response(api_key(), NOW)

    assert (response["rateLimit"], response["credits"], response["ipAllowList"], response["profileId"]) == (
        None,
        None,
        [],
        None,
    )


def test_credits_include_a_due_refill() -> None:
    due = Credits(0, Refill(50, "daily"), NOW)

    assert credits_response(due, NOW - SECOND) == {
        "remaining": 0,
        "refill": {"amount": 50, "interval": "daily", "nextAt": "2027-03-15T12:00:00Z"},
    }
    assert credits_response(due, NOW) == {
        "remaining": 50,
        "refill": {"amount": 50, "interval": "daily", "nextAt": "2027-03-16T00:00:00Z"},
    }
    assert credits_response(Credits(3), NOW) == {"remaining": 3, "refill": None}


# ---- Results of verifications ----


def test_result_contains_scopes_and_remaining_limits() -> None:
    key = api_key(
        scopes=("orders:read",),
        expires_at=NOW,
        rate_limit=RateLimit(60, 60, 3),
        rate_full_at_micros=to_micros(NOW + 2 * SECOND),
        credits=Credits(5),
        metadata={"plan": "gold"},
    )

    response = verdict_response(Verdict("VALID", key, Grants.of(["orders:read"])), CATALOGUE, NOW)

    assert response == {
        "valid": True,
        "code": "VALID",
        "kind": "api_key",
        "keyId": str(key.id),
        "accountId": "acct_1",
        "userId": key.user_id,
        "clientId": None,
        "grantId": None,
        "name": "API Key",
        "scopes": ["orders:read"],
        "profileId": None,
        "expiresAt": "2027-03-15T12:00:00Z",
        "rateLimit": {
            "limit": 60,
            "windowSeconds": 60,
            "burst": 3,
            "remaining": 1,
            "retryAfterSeconds": 0,
            "resetSeconds": 2,
        },
        "credits": {"remaining": 5, "refill": None},
        "metadata": {"plan": "gold"},
    }


def test_verdict_of_an_oauth_token_names_client_user_and_grant() -> None:
    client_id = UUID(int=9, version=4)
    for user_id in ("zoe", ""):
        key = replace(api_key(), client_id=client_id, user_id=user_id)
        response = verdict_response(Verdict("VALID", key), CATALOGUE, NOW)
        assert (response["kind"], response["keyId"], response["userId"]) == ("oauth_token", None, user_id or None)
        assert (response["clientId"], response["grantId"]) == (str(client_id), str(key.id))


def test_denied_scopes_are_not_listed() -> None:
    granted = Grants.of(["orders:*"], denied=["orders:write"])

    response = verdict_response(Verdict("VALID", api_key(scopes=("orders:*",)), granted), CATALOGUE, NOW)

    assert response["scopes"] == ["orders:read"]


REFUSED: list[Code] = [code for code in get_args(Code) if code != "VALID"]


@pytest.mark.parametrize("code", REFUSED)
@pytest.mark.parametrize("key", [None, api_key(scopes=("orders:read",))], ids=["no key", "a key"])
def test_refusal_has_the_same_fields(code: Code, key: ApiKey | None) -> None:
    refused = verdict_response(Verdict(code, key), CATALOGUE, NOW)

    assert refused.keys() == verdict_response(Verdict("VALID", api_key()), CATALOGUE, NOW).keys()
    assert (refused["valid"], refused["code"], refused["scopes"]) == (False, code, [])
    assert refused["keyId"] == (None if key is None else str(key.id))


def test_not_found_contains_no_data_of_a_key() -> None:
    response = verdict_response(Verdict("NOT_FOUND"), CATALOGUE, NOW)

    assert {name: value for name, value in response.items() if value} == {"code": "NOT_FOUND"}


def test_codes_equal_the_documented_codes() -> None:
    assert set(get_args(Code)) == set(get_args(get_type_hints(VerdictResponse)["code"]))
    assert get_args(Code) == (
        "VALID", "NOT_FOUND", "REVOKED", "EXPIRED", "DISABLED", "INSUFFICIENT_SCOPE", "IP_NOT_ALLOWED",
        "RATE_LIMITED", "USAGE_EXCEEDED", "OWNER_INACTIVE",
    )  # fmt: skip


# ---- Usage and bulk revocation ----


def test_usage_lists_every_day_including_days_without_uses() -> None:
    usage = Usage(
        requests={"20270315": 3, "20270313": 4, "20270101": 99},
        refused={"20270314": {"RATE_LIMITED": 2, "EXPIRED": 1}},
    )

    assert usage_response(api_key().id, usage, 3, NOW) == {
        "keyId": str(api_key().id),
        "requests": 7,
        "data": [
            {"day": "2027-03-13", "requests": 4, "refused": {}},
            {"day": "2027-03-14", "requests": 0, "refused": {"EXPIRED": 1, "RATE_LIMITED": 2}},
            {"day": "2027-03-15", "requests": 3, "refused": {}},
        ],
    }


def test_revocation_names_the_key_if_it_exists() -> None:
    key = api_key(name="Shop")

    assert revocation_response(Revocation(key.id, "would_be_revoked", key)) == {
        "id": str(key.id),
        "outcome": "would_be_revoked",
        "name": "Shop",
        "prefix": key.prefix,
    }
    assert revocation_response(Revocation(key.id, "not_found", None)) == {
        "id": str(key.id),
        "outcome": "not_found",
        "name": None,
        "prefix": None,
    }


# ---- Webhooks ----


def test_webhook_is_shown_without_its_secret() -> None:
    secret = generate_secret(Random(1))
    shown = webhook(secrets=(StoredSecret(secret.encode()),), events=("lap.*",), description="laps")

    response = webhook_response(shown, NOW)

    assert (response["id"], response["url"], response["events"]) == (str(shown.id), shown.url, ["lap.*"])
    assert (response["status"], response["description"]) == ("active", "laps")
    assert (response["asymmetricSignatures"], response["publicKeys"]) == (False, [])
    assert "secret" not in response
    assert secret not in json.dumps(response)


def test_webhook_shows_the_public_keys_that_sign_now() -> None:
    new = StoredKeyPair(b"sealed", public_key=b"n" * 32)
    old = StoredKeyPair(b"sealed", NOW + MILLISECOND, public_key=b"o" * 32)
    shown = webhook(key_pairs=(new, old))

    assert webhook_response(shown, NOW)["asymmetricSignatures"] is True
    assert webhook_response(shown, NOW)["publicKeys"] == [
        "whpk_bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4=",
        "whpk_b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28=",
    ]
    assert webhook_response(shown, NOW + MILLISECOND)["publicKeys"] == [new.shown]


def test_attempt_shows_its_request_and_response() -> None:
    made = attempt(
        task(attempt=2), trigger="retry", next_attempt_at=NOW + SECOND, response_body="Zoë".encode() + b"\xff"
    )

    response = attempt_response(made)

    assert (response["id"], response["deliveryId"], response["attempt"]) == (
        str(made.id),
        str(made.task.delivery_id),
        2,
    )
    assert (response["trigger"], response["nextAttemptAt"]) == ("retry", "2027-03-15T12:00:01Z")
    assert response["response"] is not None
    assert (response["response"]["status"], response["response"]["body"]) == (200, "Zoë\ufffd")
    json.dumps(response, ensure_ascii=False).encode()


def test_attempt_without_response_shows_null() -> None:
    assert attempt_response(attempt(response_status=None, response_headers=(), response_body=b""))["response"] is None


def test_logged_delivery_has_its_six_fields() -> None:
    logged = LoggedAttempt(attempt().id, "order-7", "order.paid", "failed", "HTTP 500", NOW)

    assert logged_delivery_response(logged) == {
        "id": str(attempt().id),
        "externalId": "order-7",
        "eventType": "order.paid",
        "status": "failed",
        "errorMessage": "HTTP 500",
        "createdAt": "2027-03-15T12:00:00Z",
    }
