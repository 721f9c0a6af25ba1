"""Webhook secrets: their form, their bytes, and which of them sign at a moment."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar
from unicodedata import category

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


ASYMMETRIC_PREFIXES = ("whsk_", "whpk_")
"""Standard Webhooks: private and public keys. A public key is no secret."""

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"})
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffe\uffff\U000e0100-\U000e01ef]"
)
"""Other characters without a glyph: Unicode's Default_Ignorable_Code_Point, blank braille, noncharacters."""

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


def secret_refusal(secret: str) -> str | None:
    """Why a secret that a caller brings cannot be used as it was pasted; None if it can."""
    if secret != secret.strip() or any(_is_invisible(character) for character in secret):
        return "This must have no invisible characters, and no space at an end: copy the secret again."
    if not secret.startswith(PREFIX):
        if PREFIX in secret.lower():
            return f"The secret begins with {PREFIX} in lower case: remove what precedes it, such as v1, or a quote."
        if secret.startswith(ASYMMETRIC_PREFIXES):
            return f"This is a key of an asymmetric signature. A secret has no such prefix, or {PREFIX}."
        return None
    encoded = secret.removeprefix(PREFIX)
    padding = "" if "=" in encoded else "=" * (-len(encoded) % 4)
    try:
        decoded = base64.b64decode(encoded + padding, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    return (
        None if decoded else f"After {PREFIX} there must be base64 (A to Z, a to z, 0 to 9, + and /): copy all of it."
    )


def _is_invisible(character: str) -> bool:
    """Whether readers cannot see it: all but the plain space of Unicode's separators, control and format characters."""
    return _BLANK.match(character) is not None or (character != " " and category(character) in _INVISIBLE_CATEGORIES)


def live(secrets: Sequence[S], now: datetime) -> tuple[S, ...]:
    """The secrets that sign at `now`, newest first."""
    return tuple(secret for secret in secrets if secret.signs_until is None or secret.signs_until > now)


def previous_until(secrets: Sequence[StoredSecret]) -> datetime | None:
    """When the last of those before the newest stops to sign; None where none signs beside it."""
    return max((before.signs_until for before in secrets[1:] if before.signs_until is not None), default=None)
