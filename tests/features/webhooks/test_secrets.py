"""Webhook secrets: their form, the bytes that sign, and the secrets that sign at a given time."""

import base64
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.secrets import RANDOM_BYTES, StoredSecret, generate_secret, live, secret_refusal, signing_bytes
from tests.samples import MILLISECOND, NOW

PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])


@given(st.randoms(use_true_random=False))
def test_new_secret_has_the_prefix_whsec_and_40_characters(rng: Random) -> None:
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", generate_secret(rng))


def test_new_secrets_differ() -> None:
    rng = Random(1)

    assert len({generate_secret(rng) for _ in range(100)}) == 100


@given(st.randoms(use_true_random=False))
def test_new_secret_signs_with_its_30_random_bytes(rng: Random) -> None:
    secret = generate_secret(rng)

    assert len(signing_bytes(secret)) == RANDOM_BYTES == 30
    assert base64.b64encode(signing_bytes(secret)).decode() == secret.removeprefix("whsec_")


@given(st.binary(min_size=12, max_size=64))
def test_base64_secret_signs_with_its_bytes_with_or_without_the_prefix(content: bytes) -> None:
    text = base64.b64encode(content).decode()

    for spelling in (text, text.rstrip("=")):
        assert signing_bytes(spelling) == signing_bytes(f"whsec_{spelling}") == content


@pytest.mark.parametrize(
    "secret", ["no base64, with spaces", "whsec_no base64 at all", "abcdefghijklmnopq", "ünïcödë-sécrét-éé", "whsec_"]
)
def test_secret_that_is_no_base64_signs_with_its_characters(secret: str) -> None:
    assert signing_bytes(secret) == secret.encode()


@given(st.text(PRINTABLE, min_size=16, max_size=256))
def test_every_secret_has_signing_bytes(secret: str) -> None:
    assert signing_bytes(secret)


NEWEST = StoredSecret(b"newest")
OLD = StoredSecret(b"old", NOW + MILLISECOND)
ENDED = StoredSecret(b"ended", NOW)


def test_newest_secret_signs_without_end() -> None:
    assert live([NEWEST], NOW) == (NEWEST,)


def test_previous_secret_signs_until_its_end() -> None:
    assert live([NEWEST, OLD, ENDED], NOW) == (NEWEST, OLD)
    assert live([NEWEST, OLD, ENDED], NOW + MILLISECOND) == (NEWEST,)


GOOD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    "secret",
    [GOOD, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwYQ==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwYQ",
     "correct horse battery staple", "\u00fcn\u00efc\u00f6d\u00eb-s\u00e9cr\u00e9t-\u00e9\u00e9", "v1,0123456789abcdef",
     "\u5bc6\u7801\u5bc6\u7801" * 4],
)  # fmt: skip
def test_valid_secret_is_accepted_unchanged(secret: str) -> None:
    assert secret_refusal(secret) is None


@pytest.mark.parametrize(
    "invisible",
    [" ", "\t", "\n", "\r\n", "\x00", "\x7f", "\x85", "\u00a0", "\u00ad", "\u034f", "\u061c", "\u115f", "\u180e",
     "\u2003", "\u2028", "\u200b", "\u200d", "\u200e", "\u202e", "\u2060", "\u2800", "\u3000", "\u3164", "\ufe0f",
     "\ufeff", "\ufffb", "\uffff", "\U000e0001", "\U000e0100", "\ue000"],
    ids=ascii,
)  # fmt: skip
def test_invisible_character_at_an_end_is_refused(invisible: str) -> None:
    for secret in (GOOD, "correct horse battery"):
        for pasted in (secret + invisible, invisible + secret):
            assert "invisible" in (secret_refusal(pasted) or "")


def test_invisible_character_inside_is_refused() -> None:
    assert "invisible" in (secret_refusal("sixteen\u200bcharacters") or "")


@pytest.mark.parametrize(
    "secret", [f"v1,{GOOD}", f"v1a,{GOOD}", f'"{GOOD}"', f"secret={GOOD}", GOOD.replace("whsec", "WHSEC")]
)
def test_text_before_the_prefix_is_refused(secret: str) -> None:
    assert "Remove the text before it" in (secret_refusal(secret) or "")


@pytest.mark.parametrize(
    "encoded",
    ["not base64 at all", "MfKQ9r8GKYqrTwjUPD8IL", "MfKQ9r8GKYqrTwjUPD8ILPZIo2-_aLaS", "MfKQ9r8GKY,rTwjUPD8ILPZ",
     "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwYQ=", "==========", "=MfKQ9r8GKYqrTwjUPD8ILPZ", "whsec_MfKQ9r8GKYqrTwjU",
     "\u00e9" * 12],
)  # fmt: skip
def test_prefix_without_valid_base64_is_refused(encoded: str) -> None:
    assert "base64" in (secret_refusal(f"whsec_{encoded}") or "")


@pytest.mark.parametrize("prefix", ["whsk_", "whpk_"])
def test_key_of_an_asymmetric_signature_is_no_secret(prefix: str) -> None:
    assert "asymmetric" in (secret_refusal(prefix + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") or "")


def test_repr_of_a_secret_does_not_show_it() -> None:
    assert "newest" not in repr(NEWEST)
