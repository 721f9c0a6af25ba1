"""The format of a key text: its parts, the characters that are shown, and the texts that are refused."""

import math
import string
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.errors import MalformedKeyError
from latchhook.api_keys.key_format import (
    ALPHABET,
    BODY_LENGTH,
    CHECKSUM_LENGTH,
    ID_LENGTH,
    MAX_IMPORTED_LENGTH,
    SECRET_LENGTH,
    base62_decode,
    base62_encode,
    display_prefix,
    hash_key_text,
    imported_key_id,
    is_importable_text,
    issue_key_text,
    key_id_of,
    leading_characters,
    looks_like_ours,
    parse_key_text,
)

PREFIXES = st.sampled_from(["lh_live_", "shop_live_", "rg_", "rk_"])
KEY_ID = UUID("6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001")
TEXT = issue_key_text("lh_live_", KEY_ID, Random(7))


@given(PREFIXES, st.uuids(), st.randoms(use_true_random=False))
def test_new_key_text_contains_the_key_id(prefix: str, key_id: UUID, rng: Random) -> None:
    assert parse_key_text(prefix, issue_key_text(prefix, key_id, rng)) == key_id


@given(PREFIXES, st.uuids(), st.randoms(use_true_random=False))
def test_key_text_is_the_prefix_and_60_base62_characters(prefix: str, key_id: UUID, rng: Random) -> None:
    text = issue_key_text(prefix, key_id, rng)

    assert text.startswith(prefix)
    assert len(text) == len(prefix) + BODY_LENGTH == len(prefix) + 22 + 32 + 6
    assert set(text[len(prefix) :]) <= set(ALPHABET)


def test_secret_has_190_random_bits() -> None:
    assert math.log2(len(set(ALPHABET)) ** SECRET_LENGTH) >= 190


def test_each_character_of_the_secret_uses_the_whole_alphabet() -> None:
    rng = Random(1)
    secrets = [_secret(issue_key_text("lh_live_", KEY_ID, rng)) for _ in range(2_000)]

    assert all(set(characters) == set(ALPHABET) for characters in zip(*secrets, strict=True))


def test_every_change_of_one_character_is_refused() -> None:
    accepted = []
    for at, right in enumerate(TEXT):
        for wrong in string.printable:
            if wrong != right and _is_accepted(TEXT[:at] + wrong + TEXT[at + 1 :]):
                accepted.append((at, wrong))

    assert accepted == []


@given(PREFIXES, st.uuids(), st.randoms(use_true_random=False), st.data())
def test_any_key_with_any_changed_character_is_refused(
    prefix: str, key_id: UUID, rng: Random, data: st.DataObject
) -> None:
    """CRC-32 detects every burst error of up to 32 bits, and a character has 8 bits."""
    text = issue_key_text(prefix, key_id, rng)
    at = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw((st.sampled_from(ALPHABET) | st.characters()).filter(lambda character: character != text[at]))

    with pytest.raises(MalformedKeyError):
        parse_key_text(prefix, text[:at] + wrong + text[at + 1 :])


def test_every_swap_of_two_neighbouring_characters_is_refused() -> None:
    swapped = [TEXT[:at] + TEXT[at + 1] + TEXT[at] + TEXT[at + 2 :] for at in range(len(TEXT) - 1)]

    assert [text for text in swapped if text != TEXT and _is_accepted(text)] == []


@given(st.text(ALPHABET, min_size=BODY_LENGTH, max_size=BODY_LENGTH))
def test_made_up_key_text_is_refused(body: str) -> None:
    assert not _is_accepted(f"lh_live_{body}")


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert not _is_accepted(text)


def test_key_of_another_deployment_is_refused() -> None:
    with pytest.raises(MalformedKeyError):
        parse_key_text("lh_live_", issue_key_text("lh_test_", KEY_ID, Random(7)))


@pytest.mark.parametrize("text", [TEXT[:-1], TEXT + "0", TEXT[1:], " " + TEXT, TEXT + "\n", ""])
def test_key_text_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(MalformedKeyError):
        parse_key_text("lh_live_", text)


@pytest.mark.parametrize("character", ["é", "０", "\ud800", "\x00"])
def test_character_outside_ascii_is_refused(character: str) -> None:
    with pytest.raises(MalformedKeyError):
        parse_key_text("lh_live_", TEXT[:20] + character + TEXT[21:])


def test_valid_checksum_over_an_id_that_is_no_uuid_is_refused() -> None:
    too_large = "z" * ID_LENGTH
    unchecked = f"lh_live_{too_large}{_secret(TEXT)}"

    assert not _is_accepted(unchecked + _checksum(unchecked))


def test_valid_checksum_over_a_non_base62_character_is_refused() -> None:
    unchecked = f"lh_live_{'-' * ID_LENGTH}{_secret(TEXT)}"

    assert not _is_accepted(unchecked + _checksum(unchecked))


@given(PREFIXES, st.uuids(), st.randoms(use_true_random=False))
def test_shown_prefixes_start_the_key_text_and_end_before_the_secret(prefix: str, key_id: UUID, rng: Random) -> None:
    text = issue_key_text(prefix, key_id, rng)

    for shown in (display_prefix(prefix, key_id), leading_characters(prefix, key_id)):
        assert text.startswith(shown)
        assert len(shown) < len(prefix) + ID_LENGTH


def test_prefix_is_the_deployments_prefix_and_four_characters() -> None:
    assert display_prefix("shop_live_", KEY_ID) == "shop_live_" + base62_encode(KEY_ID.int, ID_LENGTH)[:4]


def test_key_prefix_is_twelve_characters() -> None:
    assert len(leading_characters("rg_", KEY_ID)) == 12


def test_hash_covers_the_whole_key_text() -> None:
    assert len({hash_key_text(TEXT), hash_key_text("x" + TEXT[1:]), hash_key_text(TEXT[:-1] + "x")}) == 3


@given(st.integers(min_value=0, max_value=62**ID_LENGTH - 1))
def test_base62_round_trip_keeps_the_number(number: int) -> None:
    assert base62_decode(base62_encode(number, ID_LENGTH)) == number


def test_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        base62_encode(62**4, 4)


# ---- Imported keys ----

FOREIGN = st.text(
    string.ascii_letters + string.digits + string.punctuation + " éключ", min_size=16, max_size=MAX_IMPORTED_LENGTH
)


@given(PREFIXES, st.uuids(), st.randoms(use_true_random=False))
def test_own_key_is_looked_up_by_the_id_in_its_text(prefix: str, key_id: UUID, rng: Random) -> None:
    assert key_id_of(prefix, issue_key_text(prefix, key_id, rng)) == key_id


@given(FOREIGN)
def test_imported_key_is_looked_up_by_the_id_derived_from_its_hash(text: str) -> None:
    assert not looks_like_ours("lh_live_", text)
    assert key_id_of("lh_live_", text) == imported_key_id(hash_key_text(text))


@pytest.mark.parametrize("text", [TEXT[:-1] + "!", TEXT[:-1] + "é", TEXT[:30] + "~" + TEXT[31:], TEXT[:-6] + "000000"])
def test_invalid_text_in_latchhooks_format_is_not_an_imported_key(text: str) -> None:
    """The text is refused before any read, so a made-up text with the right prefix and length costs nothing."""
    assert looks_like_ours("lh_live_", text)
    with pytest.raises(MalformedKeyError):
        key_id_of("lh_live_", text)


@given(st.lists(st.binary(min_size=32, max_size=32), unique=True, min_size=2, max_size=50), st.uuids(version=4))
def test_ids_of_imported_keys_are_unique(hashes: list[bytes], ours: UUID) -> None:
    ids = [imported_key_id(key_hash) for key_hash in hashes]

    assert len({*ids, ours}) == len(hashes) + 1
    assert {key_id.version for key_id in ids} == {4}
    assert ids == [imported_key_id(key_hash) for key_hash in hashes]


@given(st.binary(min_size=32, max_size=32))
def test_id_of_an_imported_key_reveals_nothing_of_the_stored_hash(key_hash: bytes) -> None:
    shown = imported_key_id(key_hash).hex

    assert all(shown[at : at + 12] not in key_hash.hex() for at in range(len(shown) - 12))


@pytest.mark.parametrize("text", ["x" * 16, "x" * 307, "x" * 1024, "!" * 16, "é" * 16, "sk_live_~/+=.:;-_ "])
def test_importable_text_has_16_to_1024_printable_characters(text: str) -> None:
    assert is_importable_text(text)


@pytest.mark.parametrize("text", ["", "x" * 15, "x" * 1025, "x" * 16 + "\n", "x" * 16 + "\x7f", "\ud800" * 16])
def test_other_texts_cannot_be_imported(text: str) -> None:
    assert not is_importable_text(text)
    with pytest.raises(MalformedKeyError):
        key_id_of("lh_live_", text)


@given(st.text())
def test_every_text_is_hashed_or_refused_as_malformed(text: str) -> None:
    try:
        key_id_of("lh_live_", text)
    except MalformedKeyError:
        return
    assert len(hash_key_text(text)) == 32


# ---- Compatibility ----


def test_issued_and_imported_keys_of_earlier_versions_stay_valid() -> None:
    """Clients have the texts, and the table has the ids of imported keys. Both formats must never change."""
    given_out = "lh_live_3Kaqtjozn5fDq9IcWDPNflK9e4XM3V2Q45Qp7DcwZOy2rH87JoBadN0l4yZt"
    imported = hash_key_text("sk_live_from_another_system")

    assert parse_key_text("lh_live_", given_out) == KEY_ID
    assert imported_key_id(imported) == UUID("0feb8add-c3a4-4405-91e3-a93d25941e26")


def _is_accepted(text: str) -> bool:
    try:
        parse_key_text("lh_live_", text)
    except MalformedKeyError:
        return False
    return True


def _secret(text: str) -> str:
    return text[-SECRET_LENGTH - CHECKSUM_LENGTH : -CHECKSUM_LENGTH]


def _checksum(unchecked: str) -> str:
    from zlib import crc32

    return base62_encode(crc32(unchecked.encode()), CHECKSUM_LENGTH)
