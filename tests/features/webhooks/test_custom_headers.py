"""Custom headers: allowed names and values, secret headers, and redacted values that are sent back."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.custom_headers import (
    MAX_NAME_LENGTH,
    MAX_VALUE_LENGTH,
    REDACTED,
    CustomHeader,
    is_secret,
    kept,
    name_refusal,
    repeated,
    value_refusal,
)
from latchhook.webhooks.secrets import StoredSecret

PREFIX = "X-Race"
TOKEN = "!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
OURS = [
    "Accept-Encoding", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "User-Agent",
    "webhook-id", "webhook-timestamp", "webhook-signature", "webhook-anything",
    "X-Race-Signature", "X-Race-Event", "X-Race-Webhook-Id", "X-Race-Anything",
]  # fmt: skip
HOP_BY_HOP = [
    "Connection", "HTTP2-Settings", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
    "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via",
]  # fmt: skip


def _refusal(name: str) -> str | None:
    return name_refusal(name, header_prefix=PREFIX)


@pytest.mark.parametrize(
    "name", ["Authorization", "X-API-Key", "X-Shop", "Accept", "x", "X-Racer", "X-Race", "Web-Hook-Id", "1", TOKEN]
)
def test_token_that_is_not_reserved_is_a_valid_name(name: str) -> None:
    assert _refusal(name) is None


@pytest.mark.parametrize("name", OURS)
def test_reserved_header_is_refused(name: str) -> None:
    assert _refusal(name) == "Latchhook sets this header. Choose another name."


@pytest.mark.parametrize("name", HOP_BY_HOP)
def test_header_of_the_connection_is_refused(name: str) -> None:
    assert _refusal(name) == "This header controls the connection and cannot be set."


@given(st.sampled_from(OURS + HOP_BY_HOP), st.data())
def test_reserved_name_is_refused_in_any_case_and_with_other_punctuation(name: str, data: st.DataObject) -> None:
    written = "".join(
        data.draw(st.sampled_from("-_.~" if character == "-" else [character.lower(), character.upper()]))
        for character in name
    )

    assert _refusal(written) is not None


@pytest.mark.parametrize("prefix", ["x-race", "X-RACE", "Race"])
def test_reserved_prefix_is_the_deployments_prefix(prefix: str) -> None:
    assert (
        name_refusal(f"{prefix.title()}-Signature", header_prefix=prefix)
        == "Latchhook sets this header. Choose another name."
    )
    assert name_refusal("X-Latchhook-Signature", header_prefix=prefix) is None


@pytest.mark.parametrize("character", [*'\r\n\0\t \x7f"(),/:;<=>?@[\\]{}', "ü", "\u212a", "\ud800", "\uff0d"])
@pytest.mark.parametrize("place", ["{}X-Shop", "X-{}Shop", "X-Shop{}"])
def test_name_with_any_other_character_is_refused(character: str, place: str) -> None:
    assert _refusal(place.format(character)) is not None


@pytest.mark.parametrize("name", ["", "x" * (MAX_NAME_LENGTH + 1)])
def test_empty_or_long_name_is_refused(name: str) -> None:
    assert _refusal(name) is not None


def test_name_can_have_100_characters() -> None:
    assert MAX_NAME_LENGTH == 100
    assert _refusal("x" * 100) is None


@pytest.mark.parametrize("value", ["a", "Bearer abc", "a\tb", 'a, b; c="d"', PRINTABLE, "x" * MAX_VALUE_LENGTH])
def test_printable_ascii_is_a_valid_value(value: str) -> None:
    assert value_refusal(value) is None


@pytest.mark.parametrize("character", ["\r", "\n", "\r\n", "\r\nX-Race-Event: x", "\0", "\x0b", "\x1f", "\x7f",
                                       "\x80", "\xa0", "ü", "\u2028", "\ud800"])  # fmt: skip
@pytest.mark.parametrize("place", ["{}acme", "ac{}me", "acme{}"])
def test_value_with_any_other_character_is_refused(character: str, place: str) -> None:
    assert value_refusal(place.format(character)) is not None


@pytest.mark.parametrize("value", ["", " ", "\t", " acme", "acme ", "\tacme", "acme\t"])
def test_value_that_starts_or_ends_with_whitespace_is_refused(value: str) -> None:
    assert value_refusal(value) is not None


def test_value_can_have_at_most_1000_characters() -> None:
    assert MAX_VALUE_LENGTH == 1_000
    assert value_refusal("x" * 1_001) is not None
    assert value_refusal("x" + " " * 1_000_000) is not None


@given(st.text(max_size=20), st.text(max_size=20))
def test_accepted_header_is_exactly_one_line_of_the_request(name: str, value: str) -> None:
    if _refusal(name) is None and value_refusal(value) is None:
        (line,) = f"{name}: {value}".encode("ascii").splitlines()
        assert line.split(b":", 1) == [name.encode(), b" " + value.encode()]


@pytest.mark.parametrize(
    "name",
    ["Authorization", "authorization", "X-Auth-Token", "X-API-Key", "apikey", "Cookie", "X-Client-Secret", "X-Password",
     "X-Passphrase", "X-Pwd", "X-Hub-Signature", "X-Credentials", "X-JWT-Assertion", "X-Session-Id", "Bearer"],
)  # fmt: skip
def test_header_with_a_credential_is_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["X-Shop", "X-Environment", "Accept", "Content-Type", "webhook-id", "X-Race-Event"])
def test_other_headers_are_not_secret(name: str) -> None:
    assert not is_secret(name)


def test_sealed_header_shows_neither_value_nor_ciphertext() -> None:
    header = CustomHeader("Authorization", None, StoredSecret(b"sealed bearer"))

    assert header.shown == REDACTED == "[redacted]"
    assert "bearer" not in repr(header)
    assert CustomHeader("X-Shop", "acme").shown == "acme"


@pytest.mark.parametrize(
    ("names", "again"),
    [
        (["X-Shop", "X-Cart"], []),
        (["X-Shop", "x-shop"], ["x-shop"]),
        (["X-Shop", "X-SHOP", "X_Shop"], ["X-SHOP", "X_Shop"]),
    ],
)
def test_name_in_another_case_or_punctuation_is_a_duplicate(names: list[str], again: list[str]) -> None:
    assert repeated(names) == again


SEALED = CustomHeader("Authorization", None, StoredSecret(b"sealed"))
PLAIN = CustomHeader("X-Shop", "acme")


@pytest.mark.parametrize(
    ("wanted", "same"),
    [
        ({"Authorization": REDACTED}, {"Authorization": SEALED}),
        ({"Authorization": REDACTED, "X-Shop": REDACTED}, {"Authorization": SEALED}),
        ({"Authorization": "Bearer new"}, {}),
        ({"authorization": REDACTED}, {}),
        ({"X-API-Key": REDACTED}, {}),
        ({}, {}),
    ],
)
def test_only_a_redacted_secret_value_under_its_own_name_is_kept(
    wanted: dict[str, str], same: dict[str, CustomHeader]
) -> None:
    assert kept((SEALED, PLAIN), wanted) == same
