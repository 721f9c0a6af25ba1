"""Both families of signature headers that every delivery carries."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from latchhook.webhooks.key_pairs import signature_by
from latchhook.webhooks.secrets import signing_bytes


def product_signature(body: bytes, newest_secret: str) -> str:
    """`sha256=` and the hex HMAC-SHA256 of the raw body with the secret's own characters (documents 000, 003)."""
    return "sha256=" + hmac.digest(newest_secret.encode(), body, sha256).hex()


def standard_signature(
    webhook_id: str, timestamp: int, body: bytes, secrets: Sequence[str], private_keys: Sequence[str] = ()
) -> str:
    """Standard Webhooks 1.0, "Signature scheme": tokens over `id.timestamp.body`, separated by single spaces.

    `v1,` and base64 HMAC-SHA256 for each live secret, then `v1a,` and base64 Ed25519 for each live private key.
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
    """The headers of one attempt (contracts.md, "What a receiver gets").

    `secrets` and `private_keys` are the live ones, newest first.
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
