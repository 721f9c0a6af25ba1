"""Webhook secrets: their form, their bytes, and which of them sign at a moment."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar

PREFIX = "whsec_"
RANDOM_BYTES = 30
"""30 bytes are 40 base64 characters without padding: document 000's form."""
MIN_LENGTH = 16
MAX_LENGTH = 256
MAX_LIVE = 5
"""Secrets of one webhook that sign at once: each makes the signature header longer."""


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret as it is kept: encrypted, with the moment from which it signs no more (None: it is the newest)."""

    ciphertext: bytes = field(repr=False)
    signs_until: datetime | None = None


S = TypeVar("S", bound=StoredSecret)


def generate_secret(rng: Random) -> str:
    """A new secret, `whsec_` and 40 base64 characters. `rng` must be `random.SystemRandom` outside tests."""
    return PREFIX + base64.b64encode(rng.randbytes(RANDOM_BYTES)).decode("ascii")


def signing_bytes(secret: str) -> bytes:
    """The key of a Standard Webhooks signature: what follows `whsec_`, base64-decoded, as its libraries do it.

    They read base64 without its padding, too. Of a pasted secret that is no base64 its own characters are the key: the
    libraries take them as bytes, or in the format `raw`.
    """
    encoded = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True) or secret.encode()
    except (binascii.Error, ValueError):
        return secret.encode()


def live(secrets: Sequence[S], now: datetime) -> tuple[S, ...]:
    """The secrets that sign at `now`, newest first."""
    return tuple(secret for secret in secrets if secret.signs_until is None or secret.signs_until > now)


def previous_until(secrets: Sequence[StoredSecret]) -> datetime | None:
    """When the last of those before the newest stops to sign; None where none signs beside it."""
    return max((before.signs_until for before in secrets[1:] if before.signs_until is not None), default=None)
