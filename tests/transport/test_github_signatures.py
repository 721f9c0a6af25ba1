"""GitHub's documented sample signatures and real signatures are valid, and all others are not."""

import base64
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.github_signatures import GithubSignatures

CONTENT = b'[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]'
KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return public.decode()


def signature(
    content: bytes = CONTENT, *, key: ec.EllipticCurvePrivateKey = KEY, digest: HashAlgorithm | None = None
) -> str:
    return base64.b64encode(key.sign(content, ec.ECDSA(digest or SHA256()))).decode()


class Published:
    def __init__(self, keys: Mapping[str, str]) -> None:
        self.find = keys.get


SIGNATURES = GithubSignatures(Published({"key-1": pem(KEY)}))


# GitHub docs, "Secret scanning partner program": the current sample with a key of
# https://api.github.com/meta/public_keys/secret_scanning, and the sample of 2022 with its own test key.
DOCUMENTED = {
    "2024": (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\n"
        "AjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==",
        "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==",
        b'[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]',
    ),
    "2022": (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\n"
        "HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==",
        "MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=",
        CONTENT,
    ),
}


@pytest.mark.parametrize("year", DOCUMENTED)
def test_githubs_documented_sample_is_valid_for_its_content_only(year: str) -> None:
    key, documented, content = DOCUMENTED[year]
    published = Published({"key-1": f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"})

    assert GithubSignatures(published).holds("key-1", documented, content)
    assert not GithubSignatures(published).holds("key-1", documented, content + b"\n")


def test_signature_of_the_content_is_valid() -> None:
    assert SIGNATURES.holds("key-1", signature(), CONTENT)
    assert SIGNATURES.holds("key-1", signature(b""), b"")


def test_signature_of_other_content_is_invalid() -> None:
    for other in (CONTENT + b" ", CONTENT[:-1], CONTENT.replace(b"some_url", b"some-url"), b""):
        assert not SIGNATURES.holds("key-1", signature(), other)


def test_signature_of_another_key_is_invalid() -> None:
    other = ec.generate_private_key(ec.SECP256R1())

    assert not SIGNATURES.holds("key-1", signature(key=other), CONTENT)


def test_signature_with_another_digest_is_invalid() -> None:
    assert not SIGNATURES.holds("key-1", signature(digest=SHA384()), CONTENT)


def test_signature_of_an_unknown_key_is_invalid() -> None:
    assert not SIGNATURES.holds("key-2", signature(), CONTENT)


def test_malformed_signature_is_invalid() -> None:
    good = base64.b64decode(signature())
    r, s = decode_dss_signature(good)
    raw = r.to_bytes(32) + s.to_bytes(32)
    zeros = bytes.fromhex("3006020100020100")
    for flawed in (b"", good[:-1], good + b"\0", raw, zeros, b"\x30\x80" + good):
        assert not SIGNATURES.holds("key-1", base64.b64encode(flawed).decode(), CONTENT)
    for text in ("", "no base64!", signature()[:-1], signature() + "\n", "é", "\ud800", f" {signature()}"):
        assert not SIGNATURES.holds("key-1", text, CONTENT)


def test_malformed_base64_causes_no_key_lookup() -> None:
    class Unavailable:
        def find(self, key_id: str) -> str | None:
            raise DependencyUnavailableError(key_id)

    assert not GithubSignatures(Unavailable()).holds("key-1", "placeholder", CONTENT)
    with pytest.raises(DependencyUnavailableError):
        GithubSignatures(Unavailable()).holds("key-1", signature(), CONTENT)


@pytest.mark.parametrize(
    "unusable",
    [
        "",
        "no PEM",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ],
    ids=["empty", "no PEM", "no key", "another curve", "RSA"],
)
def test_unusable_published_key_is_a_dependency_error(unusable: str) -> None:
    with pytest.raises(DependencyUnavailableError):
        GithubSignatures(Published({"key-1": unusable})).holds("key-1", signature(), CONTENT)
