"""Webhook secrets: generation, validation, signing bytes, and the secrets that sign at a given time."""

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
"""30 bytes are 40 base64 characters without padding."""
MIN_LENGTH = 16
MAX_LENGTH = 256
MAX_LIVE = 5
"""The maximum number of secrets of a webhook that sign at the same time. Each makes the signature header longer."""


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A stored, encrypted secret. It signs until `signs_until`. None marks the newest secret."""

    ciphertext: bytes = field(repr=False)
    signs_until: datetime | None = None


ASYMMETRIC_PREFIXES = ("whsk_", "whpk_")
"""Standard Webhooks: the prefixes of private and public keys. They are not valid secrets."""

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"})
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffe\uffff\U000e0100-\U000e01ef]"
)
"""Other invisible characters: Unicode's Default_Ignorable_Code_Point, blank braille, noncharacters."""

S = TypeVar("S", bound=StoredSecret)


def generate_secret(rng: Random) -> str:
    """Generate a secret: `whsec_` and 40 base64 characters. `rng` must be `random.SystemRandom` outside tests."""
    return PREFIX + base64.b64encode(rng.randbytes(RANDOM_BYTES)).decode("ascii")


def signing_bytes(secret: str) -> bytes:
    """Return the HMAC key of a Standard Webhooks signature: the base64-decoded text after `whsec_`.

    As in the Standard Webhooks libraries, the base64 padding is optional. If a pasted secret is not base64, its
    characters are the key. The libraries accept such a key as bytes, or in the format `raw`.
    """
    encoded = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True) or secret.encode()
    except (binascii.Error, ValueError):
        return secret.encode()


def secret_refusal(secret: str) -> str | None:
    """Return why a caller's secret is refused, or None if it is valid."""
    if secret != secret.strip() or any(_is_invisible(character) for character in secret):
        return "The secret must not contain invisible characters or spaces at its ends. Copy the secret again."
    if not secret.startswith(PREFIX):
        if PREFIX in secret.lower():
            return (
                f"The secret must begin with {PREFIX} in lower case. Remove the text before it, such as v1, or a quote."
            )
        if secret.startswith(ASYMMETRIC_PREFIXES):
            return f"This is a key of an asymmetric signature. Use a secret with the prefix {PREFIX} or without prefix."
        return None
    encoded = secret.removeprefix(PREFIX)
    padding = "" if "=" in encoded else "=" * (-len(encoded) % 4)
    try:
        decoded = base64.b64decode(encoded + padding, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    return (
        None if decoded else f"The text after {PREFIX} must be base64 (A-Z, a-z, 0-9, + and /). Copy the whole secret."
    )


def _is_invisible(character: str) -> bool:
    """Return whether a character is invisible: Unicode separators except the space, control and format characters."""
    return _BLANK.match(character) is not None or (character != " " and category(character) in _INVISIBLE_CATEGORIES)


def live(secrets: Sequence[S], now: datetime) -> tuple[S, ...]:
    """Return the secrets that sign at `now`, newest first."""
    return tuple(secret for secret in secrets if secret.signs_until is None or secret.signs_until > now)


def previous_until(secrets: Sequence[StoredSecret]) -> datetime | None:
    """Return when the last previous secret stops signing, or None if only the newest secret signs."""
    return max((before.signs_until for before in secrets[1:] if before.signs_until is not None), default=None)
