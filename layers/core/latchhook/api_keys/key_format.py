"""The text of an API key: the prefix, then in base62 22 characters of id, 32 of secret and 6 of CRC-32.

The id makes the lookup one read by primary key. The checksum refuses typing errors and invented keys without a read,
and secret scanners can recognise a key offline.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from random import Random
from uuid import UUID
from zlib import crc32

from latchhook.api_keys.errors import MalformedKeyError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 22
SECRET_LENGTH = 32
"""32 base62 characters are 190.5 random bits."""
CHECKSUM_LENGTH = 6
MIN_IMPORTED_LENGTH = 16
MAX_IMPORTED_LENGTH = 1_024
LEADING = 12
"""Characters of the API field `keyPrefix`."""
BODY_LENGTH = ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH
ACCESS_TOKEN_PREFIX = "lhat_"  # noqa: S105 - a prefix
"""The first characters of OAuth access tokens, which have the format of keys."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def base62_encode(number: int, length: int) -> str:
    """Encode `number` in base62, most significant digit first, padded with zeros to `length` characters."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    if number:
        raise ValueError("the number does not fit in this many base62 digits")
    return "".join(reversed(digits))


def base62_decode(text: str) -> int:
    """Decode a base62 number. Raises `KeyError` for any other character."""
    number = 0
    for character in text:
        number = number * 62 + _VALUES[character]
    return number


def issue_key_text(prefix: str, key_id: UUID, rng: Random) -> str:
    """Create the full text of a key. The secret comes from `rng`: outside tests it must be `random.SystemRandom`."""
    return _key_text(prefix, key_id, "".join(rng.choices(ALPHABET, k=SECRET_LENGTH)))


def derive_key_text(prefix: str, key_id: UUID, seed: bytes) -> str:
    """Create the full text of a key whose secret is computed from `seed`: at least 32 secret bytes."""
    number = int.from_bytes(seed, "big") % len(ALPHABET) ** SECRET_LENGTH
    return _key_text(prefix, key_id, base62_encode(number, SECRET_LENGTH))


def _key_text(prefix: str, key_id: UUID, secret: str) -> str:
    unchecked = f"{prefix}{base62_encode(key_id.int, ID_LENGTH)}{secret}"
    return unchecked + _checksum(unchecked)


def is_access_token(text: str) -> bool:
    """Return whether a text has the prefix and the length of an OAuth access token."""
    return looks_like_ours(ACCESS_TOKEN_PREFIX, text)


def token_name(token_hash: bytes) -> str:
    """Return the name of an access token in its grant: the first 128 bits of its hash in base64url."""
    return urlsafe_b64encode(token_hash[:16]).decode().rstrip("=")


def looks_like_ours(prefix: str, text: str) -> bool:
    """Return whether a text has the prefix and the length of this deployment's keys. It is then no imported key."""
    return len(text) == len(prefix) + BODY_LENGTH and text.startswith(prefix)


def key_id_of(prefix: str, text: str) -> UUID:
    """The id of a key text: the id inside the text, or the id of an imported key with this text.

    An OAuth access token contains the id of its grant. Raises `MalformedKeyError` for any other text.
    """
    if is_access_token(text):
        return parse_key_text(ACCESS_TOKEN_PREFIX, text)
    if looks_like_ours(prefix, text):
        return parse_key_text(prefix, text)
    if not is_importable_text(text):
        raise MalformedKeyError
    return imported_key_id(hash_key_text(text))


def parse_key_text(prefix: str, text: str) -> UUID:
    """The id inside a key text. Raises `MalformedKeyError` for a wrong prefix, length, character or checksum."""
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
    """The SHA-256 hash of the whole key text. Only this hash is stored. 190 random bits need no salt.

    The text is encoded as UTF-8. Raises `UnicodeEncodeError` for a lone surrogate, which no key contains.
    """
    return sha256(text.encode()).digest()


def imported_key_id(key_hash: bytes) -> UUID:
    """The id of an imported key, computed from the SHA-256 hash of its text. The lookup is therefore one read.

    The hash is hashed again, because the id is public and the stored hash is not.
    """
    return UUID(bytes=sha256(b"imported API key" + key_hash).digest()[:16], version=4)


def is_importable_text(text: str) -> bool:
    """Return whether a text can be an imported key: 16 to 1,024 printable characters.

    The characters are those of `str.isprintable`: Unicode with the space, without controls and surrogates.
    """
    return MIN_IMPORTED_LENGTH <= len(text) <= MAX_IMPORTED_LENGTH and text.isprintable()


def display_prefix(prefix: str, key_id: UUID) -> str:
    """The API field `prefix`: the deployment's prefix and the first four characters of the id, without any secret."""
    return prefix + base62_encode(key_id.int, ID_LENGTH)[:4]


def leading_characters(prefix: str, key_id: UUID) -> str:
    """The API field `keyPrefix`: the first twelve characters of the key text, without any secret."""
    return (prefix + base62_encode(key_id.int, ID_LENGTH))[:LEADING]


def _checksum(unchecked: str) -> str:
    return base62_encode(crc32(unchecked.encode("ascii")), CHECKSUM_LENGTH)
