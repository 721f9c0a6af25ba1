"""Verifies GitHub's signatures of secret scanning reports: ECDSA on P-256 with SHA-256, over the raw body.

Source: GitHub docs, "Secret scanning partner program", "Implement signature verification".
"""

import base64
from typing import Protocol

from latchhook.dependency_errors import DependencyUnavailableError


class PemKeys(Protocol):
    """GitHub's key set."""

    def find(self, key_id: str) -> str | None:
        """Return the public key with this id as PEM, or None."""


class GithubSignatures:
    """Verifies signatures. The first report with a known key imports `cryptography`."""

    def __init__(self, keys: PemKeys) -> None:
        self._keys = keys

    def holds(self, key_id: str, signature: str, content: bytes) -> bool:
        """Return whether `signature` (DER in base64) is GitHub's signature of `content` with the key `key_id`.

        Raises `DependencyUnavailableError` if the key is unavailable or is not a P-256 key.
        """
        try:
            der = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        pem = self._keys.find(key_id)
        return pem is not None and _holds(pem, der, content)


def _holds(pem: str, der: bytes, content: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DependencyUnavailableError(f"GitHub's public key: {type(error).__name__}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DependencyUnavailableError("GitHub's public key: not on P-256")
    try:
        key.verify(der, content, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
