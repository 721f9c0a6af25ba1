"""Generates the Ed25519 key pairs of webhooks and signs with them.

Standard Webhooks 1.0, "Signature scheme": keys are in base64, private keys with the prefix `whsk_` and public keys with
`whpk_`. The private key is its seed of 32 bytes (RFC 8032, 5.1.5), as the specification's Go library reads it.
`cryptography` is imported on the first use of a key, because most webhooks do not need it.
"""

import base64
from dataclasses import dataclass, field
from random import Random

from latchhook.webhooks.secrets import StoredSecret

PRIVATE_PREFIX = "whsk_"
PUBLIC_PREFIX = "whpk_"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class StoredKeyPair(StoredSecret):
    """A stored key pair. The private key is the encrypted secret. The public key is not encrypted."""

    public_key: bytes = field(kw_only=True)
    """32 bytes (RFC 8032, 5.1.5)."""

    @property
    def shown(self) -> str:
        """The public key in the form for receivers."""
        return PUBLIC_PREFIX + base64.b64encode(self.public_key).decode("ascii")


def generate_private_key(rng: Random) -> str:
    """Generate a private key: `whsk_` and 44 base64 characters. `rng` must be `random.SystemRandom` outside tests."""
    return PRIVATE_PREFIX + base64.b64encode(rng.randbytes(SEED_BYTES)).decode("ascii")


def public_key_of(private_key: str) -> bytes:
    """Return the public key of a private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_seed(private_key)).public_key().public_bytes_raw()


def signature_by(private_key: str, content: bytes) -> bytes:
    """Return the Ed25519 signature of `content`, 64 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_seed(private_key)).sign(content)


def _seed(private_key: str) -> bytes:
    return base64.b64decode(private_key.removeprefix(PRIVATE_PREFIX), validate=True)
