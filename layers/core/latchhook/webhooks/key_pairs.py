"""Ed25519 key pairs of webhooks: their form, their halves, and what they sign.

Standard Webhooks 1.0, "Signature scheme": keys in base64, the private one after `whsk_`, the public one after `whpk_`.
The private key is its seed of 32 bytes (RFC 8032, 5.1.5), as that specification's own Go library reads it.
`cryptography` is loaded by the first key that is made or used: other webhooks do not wait for it.
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
    """A key pair as it is kept: the private key is the secret, the public one stands beside it in the clear."""

    public_key: bytes = field(kw_only=True)
    """32 bytes (RFC 8032, 5.1.5)."""

    @property
    def shown(self) -> str:
        """The public key as it is given to receivers."""
        return PUBLIC_PREFIX + base64.b64encode(self.public_key).decode("ascii")


def generate_private_key(rng: Random) -> str:
    """A new private key, `whsk_` and 44 base64 characters. `rng` must be `random.SystemRandom` outside tests."""
    return PRIVATE_PREFIX + base64.b64encode(rng.randbytes(SEED_BYTES)).decode("ascii")


def public_key_of(private_key: str) -> bytes:
    """The public key that belongs to a private one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_seed(private_key)).public_key().public_bytes_raw()


def signature_by(private_key: str, content: bytes) -> bytes:
    """The 64 bytes of the Ed25519 signature."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_seed(private_key)).sign(content)


def _seed(private_key: str) -> bytes:
    return base64.b64decode(private_key.removeprefix(PRIVATE_PREFIX), validate=True)
