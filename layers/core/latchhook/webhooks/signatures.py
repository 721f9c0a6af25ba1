"""Creates the two signatures of every delivery: the product's own, and that of Standard Webhooks."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from latchhook.webhooks.key_pairs import signature_by
from latchhook.webhooks.secrets import signing_bytes


def product_signature(body: bytes, newest_secret: str) -> str:
    """Return `sha256=` and the hex HMAC-SHA256 of the raw body. The key is the secret's text, without decoding."""
    return "sha256=" + hmac.digest(newest_secret.encode(), body, sha256).hex()


def standard_signature(
    webhook_id: str, timestamp: int, body: bytes, secrets: Sequence[str], private_keys: Sequence[str] = ()
) -> str:
    """Return the signatures of `id.timestamp.body`, separated by single spaces (Standard Webhooks 1.0).

    Each secret gives `v1,` and a base64 HMAC-SHA256. Then each private key gives `v1a,` and a base64 Ed25519 signature.
    """
    signed = b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
    tokens = [
        *(("v1", hmac.digest(signing_bytes(secret), signed, sha256)) for secret in secrets),
        *(("v1a", signature_by(private_key, signed)) for private_key in private_keys),
    ]
    return " ".join(f"{version},{base64.b64encode(signature).decode('ascii')}" for version, signature in tokens)


def signature_headers(
    *,
    header_prefix: str,
    event_name: str,
    webhook_uuid: str,
    delivery_id: str,
    body: bytes,
    secrets: Sequence[str],
    private_keys: Sequence[str] = (),
    now: datetime,
) -> dict[str, str]:
    """Return the signature headers of one attempt.

    `secrets` and `private_keys` must be the ones that sign at `now`, newest first.
    """
    timestamp = int(now.timestamp())
    return {
        f"{header_prefix}-Signature": product_signature(body, secrets[0]),
        f"{header_prefix}-Event": event_name,
        f"{header_prefix}-Webhook-Id": webhook_uuid,
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard_signature(delivery_id, timestamp, body, secrets, private_keys),
    }
