"""Verifies deliveries as receivers do, in Python and in Node, with libraries and without."""

import base64
import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from hmac import compare_digest, digest
from pathlib import Path
from typing import Any

import standardwebhooks
import svix
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from local.npm_packages import TOOLS, node


@dataclass(frozen=True)
class Delivery:
    """A received request. Header names are in lower case."""

    headers: Mapping[str, str]
    body: bytes


Verifier = Callable[[str | bytes, Delivery], bool]
"""Returns whether a delivery's signature is valid for a secret, its bytes, or a public key."""


def _by_library(library: Any, key: str | bytes, delivery: Delivery) -> bool:
    try:
        library.Webhook(key).verify(delivery.body, dict(delivery.headers))
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


def _asymmetric(key: str | bytes, delivery: Delivery) -> bool:
    assert isinstance(key, str)
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    headers = delivery.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + delivery.body
    tokens = (token.split(",") for token in headers["webhook-signature"].split(" "))
    return any(_holds(public_key, base64.b64decode(text), signed) for version, text in tokens if version == "v1a")


def _holds(public_key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        public_key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _product(key: str | bytes, delivery: Delivery) -> bool:
    assert isinstance(key, str)
    expected = "sha256=" + digest(key.encode(), delivery.body, sha256).hex()
    return compare_digest(expected, delivery.headers["x-latchhook-signature"])


def _in_node(way: str, key: str | bytes, delivery: Delivery, **settings: str) -> bool:
    query = {
        "way": way,
        "key": key if isinstance(key, str) else key.decode(),
        "raw": isinstance(key, bytes),
        "headers": dict(delivery.headers),
        "body": delivery.body.decode(),
        **settings,
    }
    command = [str(node()), str(Path(__file__).with_suffix(".cjs")), str(TOOLS.install())]
    response = subprocess.run(command, input=json.dumps(query), capture_output=True, text=True, check=True)
    return bool(json.loads(response.stdout))


LIBRARIES: Mapping[str, Verifier] = {
    "standardwebhooks in Python": partial(_by_library, standardwebhooks),
    "svix in Python": partial(_by_library, svix),
    "standardwebhooks in Node": partial(_in_node, "library", library="standardwebhooks"),
    "svix in Node": partial(_in_node, "library", library="svix"),
}
"""Verify `v1` of `webhook-signature`. A key in bytes is used unchanged, and a text is decoded from base64."""

ASYMMETRIC: Mapping[str, Verifier] = {"cryptography": _asymmetric, "node:crypto": partial(_in_node, "asymmetric")}
"""Verify `v1a` of `webhook-signature` with the public key."""

PRODUCT: Mapping[str, Verifier] = {"hmac": _product, "node:crypto": partial(_in_node, "product")}
"""Verify the product's own signature header: `sha256=` and the hex HMAC-SHA256 of the body."""
