"""Webhook secrets: their form, the bytes that sign, and which of them sign at a moment."""

import base64
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.secrets import RANDOM_BYTES, StoredSecret, generate_secret, live, signing_bytes
from tests.samples import MILLISECOND, NOW

PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])


@given(st.randoms(use_true_random=False))
def test_a_new_secret_has_document_000s_form(rng: Random) -> None:
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", generate_secret(rng))


def test_new_secrets_differ() -> None:
    rng = Random(1)

    assert len({generate_secret(rng) for _ in range(100)}) == 100


@given(st.randoms(use_true_random=False))
def test_a_new_secret_signs_with_its_thirty_random_bytes(rng: Random) -> None:
    secret = generate_secret(rng)

    assert len(signing_bytes(secret)) == RANDOM_BYTES == 30
    assert base64.b64encode(signing_bytes(secret)).decode() == secret.removeprefix("whsec_")


@given(st.binary(min_size=12, max_size=64))
def test_a_pasted_secret_in_base64_signs_with_its_bytes_whether_or_not_it_has_the_prefix(content: bytes) -> None:
    text = base64.b64encode(content).decode()

    for spelling in (text, text.rstrip("=")):
        assert signing_bytes(spelling) == signing_bytes(f"whsec_{spelling}") == content


@pytest.mark.parametrize(
    "secret", ["no base64, with spaces", "whsec_no base64 at all", "abcdefghijklmnopq", "ünïcödë-sécrét-éé", "whsec_"]
)
def test_a_pasted_secret_that_is_no_base64_signs_with_its_own_characters(secret: str) -> None:
    assert signing_bytes(secret) == secret.encode()


@given(st.text(PRINTABLE, min_size=16, max_size=256))
def test_every_secret_has_bytes_that_sign(secret: str) -> None:
    assert signing_bytes(secret)


NEWEST = StoredSecret(b"newest")
OLD = StoredSecret(b"old", NOW + MILLISECOND)
ENDED = StoredSecret(b"ended", NOW)


def test_the_newest_secret_signs_without_end() -> None:
    assert live([NEWEST], NOW) == (NEWEST,)


def test_an_old_secret_signs_until_the_moment_of_its_end() -> None:
    assert live([NEWEST, OLD, ENDED], NOW) == (NEWEST, OLD)
    assert live([NEWEST, OLD, ENDED], NOW + MILLISECOND) == (NEWEST,)


def test_a_secret_is_not_shown() -> None:
    assert "newest" not in repr(NEWEST)
