"""The text of an API key: `<prefix><22: the id><32: the secret><6: CRC-32>`, all base62 (contracts.md, "A key").

The id inside the key makes its lookup one access by primary key; the checksum refuses typos and made-up keys
before anything is read, and lets secret scanners recognise a key offline.
"""

from hashlib import sha256
from random import Random
from uuid import UUID
from zlib import crc32

from latchhook.api_keys.errors import MalformedKeyError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 22
SECRET_LENGTH = 32
"""32 characters of 62 are 190.5 random bits."""
CHECKSUM_LENGTH = 6
MIN_IMPORTED_LENGTH = 16
MAX_IMPORTED_LENGTH = 1_024
LEADING = 12
"""Characters of `keyPrefix` (document 001)."""
BODY_LENGTH = ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH

_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def base62_encode(number: int, length: int) -> str:
    """`number` in base62, most significant digit first, padded with zeros to `length` characters."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    if number:
        raise ValueError("number too large for that many base62 digits")
    return "".join(reversed(digits))


def base62_decode(text: str) -> int:
    """The number that `text` writes in base62; raises `KeyError` for any other character."""
    number = 0
    for character in text:
        number = number * 62 + _VALUES[character]
    return number


def issue_key_text(prefix: str, key_id: UUID, rng: Random) -> str:
    """A new key's full text. `rng` must be `random.SystemRandom` outside tests: the secret comes from it."""
    secret = "".join(rng.choices(ALPHABET, k=SECRET_LENGTH))
    unchecked = f"{prefix}{base62_encode(key_id.int, ID_LENGTH)}{secret}"
    return unchecked + _checksum(unchecked)


def looks_like_ours(prefix: str, text: str) -> bool:
    """Whether a text has the prefix and the length of this deployment's keys: then nothing else is tried with it."""
    return len(text) == len(prefix) + BODY_LENGTH and text.startswith(prefix)


def key_id_of(prefix: str, text: str) -> UUID:
    """The id of the key that a text can be: the one inside it, or that of a key made elsewhere and imported.

    Raises `MalformedKeyError` for what can be neither.
    """
    if looks_like_ours(prefix, text):
        return parse_key_text(prefix, text)
    if not is_importable_text(text):
        raise MalformedKeyError
    return imported_key_id(hash_key_text(text))


def parse_key_text(prefix: str, text: str) -> UUID:
    """The id inside a key's text. Raises `MalformedKeyError` for a wrong prefix, length, character or checksum."""
    if not looks_like_ours(prefix, text) or not text.isascii():
        raise MalformedKeyError
    if text[-CHECKSUM_LENGTH:] != _checksum(text[:-CHECKSUM_LENGTH]):
        raise MalformedKeyError
    start = len(prefix)
    try:
        return UUID(int=base62_decode(text[start : start + ID_LENGTH]))
    except (KeyError, ValueError):
        raise MalformedKeyError from None


def hash_key_text(text: str) -> bytes:
    """SHA-256 of the whole text: all that is ever stored of a secret with 190 random bits (no salt is needed).

    The text is encoded as UTF-8. Raises `UnicodeEncodeError` for a lone surrogate, which no key has.
    """
    return sha256(text.encode()).digest()


def imported_key_id(key_hash: bytes) -> UUID:
    """The id of a key that was made elsewhere, from the SHA-256 of its text: its lookup is one access as well.

    It is hashed once more, so that the id, which is no secret, does not show what is stored.
    """
    return UUID(bytes=sha256(b"imported API key" + key_hash).digest()[:16], version=4)


def is_importable_text(text: str) -> bool:
    """Whether a text that is no key of ours can be one that was made elsewhere: 16 to 1,024 printable characters.

    The characters are those of `str.isprintable`: Unicode, with the space, without controls and surrogates.
    """
    return MIN_IMPORTED_LENGTH <= len(text) <= MAX_IMPORTED_LENGTH and text.isprintable()


def display_prefix(prefix: str, key_id: UUID) -> str:
    """Document 000's `prefix`: the deployment's prefix and four characters, all of them public id."""
    return prefix + base62_encode(key_id.int, ID_LENGTH)[:4]


def leading_characters(prefix: str, key_id: UUID) -> str:
    """Document 001's `keyPrefix`: the key's first twelve characters, none of them secret."""
    return (prefix + base62_encode(key_id.int, ID_LENGTH))[:LEADING]


def _checksum(unchecked: str) -> str:
    return base62_encode(crc32(unchecked.encode("ascii")), CHECKSUM_LENGTH)
