"""Both families of signature headers, verified by their published vector and by receivers' own libraries."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from random import Random

import pytest
import standardwebhooks
import svix
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.secrets import generate_secret
from latchhook.webhooks.signatures import product_signature, signature_headers, standard_signature

DELIVERY = "0195a9d3-6f00-8abc-9def-0123456789ab"
WEBHOOK = "6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001"
PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])
SECRETS = [generate_secret(Random(seed)) for seed in (1, 2, 3)]


def _headers(body: bytes, *secrets: str, now: datetime | None = None) -> dict[str, str]:
    return signature_headers(
        header_prefix="X-Race",
        event_name="lap.created",
        webhook_uuid=WEBHOOK,
        delivery_id=DELIVERY,
        body=body,
        secrets=secrets,
        now=now or datetime.now(UTC),
    )


def test_the_published_vector_of_standard_webhooks() -> None:
    signature = standard_signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_attempt_has_both_families_of_headers() -> None:
    headers = _headers(b"{}", SECRETS[0], now=datetime(2027, 3, 15, 12, 0, 0, 999_999, tzinfo=UTC))

    assert headers == {
        "X-Race-Signature": product_signature(b"{}", SECRETS[0]),
        "X-Race-Event": "lap.created",
        "X-Race-Webhook-Id": WEBHOOK,
        "webhook-id": DELIVERY,
        "webhook-timestamp": "1805112000",
        "webhook-signature": standard_signature(DELIVERY, 1805112000, b"{}", SECRETS[:1]),
    }


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.booleans())
def test_a_receiver_with_the_standardwebhooks_package_accepts_a_delivery(
    entity: dict[str, object], ascii_: bool
) -> None:
    body = json.dumps(entity, ensure_ascii=ascii_).encode()

    standardwebhooks.Webhook(SECRETS[0]).verify(body, _headers(body, SECRETS[0]))


@pytest.mark.parametrize("body", [b"{}", '{"name":"Zoë \U0001f3c1","text":"\\ud800"}'.encode()])
def test_a_receiver_with_the_svix_package_accepts_a_delivery(body: bytes) -> None:
    svix.Webhook(SECRETS[0]).verify(body, _headers(body, SECRETS[0]))


@pytest.mark.parametrize("secret", SECRETS)
def test_every_live_secret_verifies_a_delivery_of_a_rotation(secret: str) -> None:
    headers = _headers(b"{}", *SECRETS)

    standardwebhooks.Webhook(secret).verify(b"{}", headers)
    svix.Webhook(secret).verify(b"{}", headers)


def test_another_secret_verifies_nothing() -> None:
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(generate_secret(Random(9))).verify(b"{}", _headers(b"{}", *SECRETS))


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_a_changed_header_does_not_verify(header: str) -> None:
    headers = _headers(b"{}", SECRETS[0])
    headers[header] = headers[header][:-1] + chr(ord(headers[header][-1]) ^ 1)

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRETS[0]).verify(b"{}", headers)


def test_a_changed_body_does_not_verify() -> None:
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRETS[0]).verify(b"[]", _headers(b"{}", SECRETS[0]))


def test_a_pasted_secret_in_base64_verifies_with_the_library() -> None:
    pasted = "c2l4dGVlbi1vci1tb3JlLWJ5dGVz"

    standardwebhooks.Webhook(pasted).verify(b"{}", _headers(b"{}", pasted))


def test_tokens_are_separated_by_one_space_and_begin_with_the_newest_secrets() -> None:
    tokens = standard_signature(DELIVERY, 1, b"{}", SECRETS).split(" ")

    assert tokens == [standard_signature(DELIVERY, 1, b"{}", [secret]) for secret in SECRETS]
    assert all(token.startswith("v1,") for token in tokens)


@given(st.binary(), st.text(PRINTABLE, min_size=16, max_size=256))
def test_the_products_signature_is_over_the_raw_body_with_the_secrets_own_characters(body: bytes, secret: str) -> None:
    assert product_signature(body, secret) == "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()


def test_the_products_signature_is_the_newest_secrets() -> None:
    assert _headers(b"{}", *SECRETS)["X-Race-Signature"] == product_signature(b"{}", SECRETS[0])


def test_document_003s_example_secret_signs_with_its_prefix_included() -> None:
    assert product_signature(b"x", "whsec_abc") != product_signature(b"x", "abc")
