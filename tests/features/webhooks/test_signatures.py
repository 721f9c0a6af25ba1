"""Both families of signature headers, verified with published test vectors and with the receivers' libraries."""

import base64
import hmac
import json
import string
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import pytest
import standardwebhooks
import svix
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.key_pairs import generate_private_key, public_key_of
from latchhook.webhooks.secrets import generate_secret
from latchhook.webhooks.signatures import product_signature, signature_headers, standard_signature
from tests.receivers import LIBRARIES, Delivery, Verifier

DELIVERY = "0195a9d3-6f00-8abc-9def-0123456789ab"
WEBHOOK = "6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001"
BASE64 = string.ascii_letters + string.digits + "+/"
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


VECTOR = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')


@pytest.mark.parametrize("secret", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_published_vector_of_standard_webhooks_and_svix_is_reproduced(secret: str) -> None:
    """standard-webhooks, libraries/python/tests/test_webhooks.py, test_sign_function, and its other libraries' tests.
    Also svix-webhooks, server/svix-server/src/worker.rs, the test of the Svix server's own signatures.
    """
    assert standard_signature(*VECTOR, [secret]) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_published_vector_of_svixs_manual_is_reproduced() -> None:
    """docs.svix.com, "Verifying webhooks manually"."""
    signature = standard_signature(
        "msg_loFOjxBNrRLzqYUf",
        1731705121,
        b'{"event_type":"ping","data":{"success":true}}',
        ["whsec_plJ3nmyCDGBKInavdOK15jsl"],
    )

    assert signature == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_published_vector_for_asymmetric_signatures_is_reproduced() -> None:
    """standard-webhooks, libraries/go/webhook_asymmetric_test.go, TestAsymmetricWebhookSign."""
    private_key = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="

    assert standard_signature(*VECTOR, [], [private_key]) == (
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
    )


def test_key_pair_published_by_svix_is_reproduced() -> None:
    """svix-webhooks, server/svix-server/src/worker.rs, test_asymmetric_key_signing: a seed and its public key."""
    pair = base64.b64decode("6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")

    assert public_key_of("whsk_" + base64.b64encode(pair[:32]).decode()) == pair[32:]


SECONDS_FROM_NOW = {-310: False, -270: True, 270: True, 330: False}
"""The signing time in seconds from now, and whether the libraries accept it. The libraries accept five minutes in both
directions. The margin of half a minute allows for a busy machine.
"""


@pytest.mark.parametrize("verify", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize(("seconds", "accepted"), SECONDS_FROM_NOW.items())
def test_signature_verifies_within_five_minutes_of_signing(verify: Verifier, seconds: int, accepted: bool) -> None:
    headers = _headers(b"{}", SECRETS[0], now=datetime.now(UTC) + timedelta(seconds=seconds))

    assert verify(SECRETS[0], Delivery(headers, b"{}")) == accepted


def test_attempt_has_both_families_of_headers() -> None:
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
def test_standardwebhooks_package_accepts_a_delivery(entity: dict[str, object], ascii_: bool) -> None:
    body = json.dumps(entity, ensure_ascii=ascii_).encode()

    standardwebhooks.Webhook(SECRETS[0]).verify(body, _headers(body, SECRETS[0]))


@pytest.mark.parametrize("body", [b"{}", '{"name":"Zoë \U0001f3c1","text":"\\ud800"}'.encode()])
def test_svix_package_accepts_a_delivery(body: bytes) -> None:
    svix.Webhook(SECRETS[0]).verify(body, _headers(body, SECRETS[0]))


@pytest.mark.parametrize("secret", SECRETS)
def test_every_live_secret_verifies_a_delivery_in_a_rotation(secret: str) -> None:
    headers = _headers(b"{}", *SECRETS)

    standardwebhooks.Webhook(secret).verify(b"{}", headers)
    svix.Webhook(secret).verify(b"{}", headers)


def test_another_secret_verifies_nothing() -> None:
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(generate_secret(Random(9))).verify(b"{}", _headers(b"{}", *SECRETS))


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_changed_header_does_not_verify(header: str) -> None:
    headers = _headers(b"{}", SECRETS[0])
    headers[header] = headers[header][:-1] + chr(ord(headers[header][-1]) ^ 1)

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRETS[0]).verify(b"{}", headers)


def test_changed_body_does_not_verify() -> None:
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRETS[0]).verify(b"[]", _headers(b"{}", SECRETS[0]))


def test_base64_secret_without_a_prefix_verifies_with_the_library() -> None:
    pasted = "c2l4dGVlbi1vci1tb3JlLWJ5dGVz"

    standardwebhooks.Webhook(pasted).verify(b"{}", _headers(b"{}", pasted))


@given(st.text(BASE64, min_size=16, max_size=256).filter(lambda text: len(text) % 4 != 1))
def test_base64_secret_of_any_length_verifies_with_the_library(pasted: str) -> None:
    standardwebhooks.Webhook(pasted).verify(b"{}", _headers(b"{}", pasted))


def test_every_live_private_key_signs_after_the_secrets() -> None:
    private_keys = [generate_private_key(Random(seed)) for seed in (1, 2)]

    tokens = standard_signature(DELIVERY, 1, b"{}", SECRETS, private_keys).split(" ")

    assert tokens[:3] == standard_signature(DELIVERY, 1, b"{}", SECRETS).split(" ")
    assert tokens[3:] == [standard_signature(DELIVERY, 1, b"{}", [], [key]) for key in private_keys]
    assert all(token.startswith("v1a,") for token in tokens[3:])


def test_signatures_are_separated_by_spaces_with_the_newest_first() -> None:
    tokens = standard_signature(DELIVERY, 1, b"{}", SECRETS).split(" ")

    assert tokens == [standard_signature(DELIVERY, 1, b"{}", [secret]) for secret in SECRETS]
    assert all(token.startswith("v1,") for token in tokens)


@given(st.binary(), st.text(PRINTABLE, min_size=16, max_size=256))
def test_product_signature_covers_the_raw_body_with_the_full_secret(body: bytes, secret: str) -> None:
    assert product_signature(body, secret) == "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()


def test_product_signature_uses_the_newest_secret() -> None:
    assert _headers(b"{}", *SECRETS)["X-Race-Signature"] == product_signature(b"{}", SECRETS[0])


def test_product_signature_uses_the_secret_including_its_prefix() -> None:
    assert product_signature(b"x", "whsec_abc") != product_signature(b"x", "abc")
