"""Answers that repeat what the receiver was told, or hold credentials of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.custom_headers import REDACTED
from latchhook.webhooks.outcome import MAX_BODY_BYTES, HttpOutcome
from latchhook.webhooks.response_redaction import MIN_LENGTH, without_secrets

SECRET = "Bearer s3cret-of-theirs"


def _body(body: bytes, *secrets: str, is_cut: bool = False) -> bytes:
    return without_secrets(HttpOutcome(200, body=body, body_truncated=is_cut), secrets).body


@pytest.mark.parametrize(
    "name", ["Set-Cookie", "set-cookie", "Authorization", "X-Api-Key", "Authentication-Info", "X-Auth-Token"]
)
def test_a_header_that_is_secret_by_its_name_is_not_kept(name: str) -> None:
    assert without_secrets(HttpOutcome(200, ((name, "session=1"),)), ()).headers == ((name, REDACTED),)


@pytest.mark.parametrize(
    "name", ["Content-Type", "Retry-After", "WWW-Authenticate", "Proxy-Authenticate", "X-Request-Id"]
)
def test_every_other_header_is_kept_as_it_came(name: str) -> None:
    headers = ((name, "Basic realm=a"), (name, "b"))
    assert without_secrets(HttpOutcome(401, headers), [SECRET]).headers == headers


def test_a_secret_in_a_header_or_body_is_replaced_wherever_it_stands() -> None:
    headers = (("X-Echo", f"a {SECRET}, {SECRET}"),)
    outcome = without_secrets(HttpOutcome(200, headers, f"<{SECRET}>{SECRET}".encode()), [SECRET])
    assert outcome.headers == (("X-Echo", f"a {REDACTED}, {REDACTED}"),)
    assert outcome.body == f"<{REDACTED}>{REDACTED}".encode()


def test_a_credential_without_its_scheme_is_replaced_too() -> None:
    assert _body(b"token=s3cret-of-theirs", SECRET) == b"token=[redacted]"


def test_a_secret_is_found_as_json_has_it() -> None:
    secret = 'a "quoted" \\ value'
    assert _body(json.dumps({"echo": secret}).encode(), secret) == b'{"echo": "[redacted]"}'


def test_the_longer_of_two_secrets_is_replaced_first() -> None:
    assert _body(b"12345678-90", "12345678", "12345678-90") == b"[redacted]"


@pytest.mark.parametrize(("length", "is_kept"), [(MIN_LENGTH - 1, True), (MIN_LENGTH, False)])
def test_what_is_too_short_to_be_a_secret_is_kept(length: int, is_kept: bool) -> None:
    text = b"x" * length
    assert _body(b"<%b>" % text, text.decode()) == (b"<%b>" % text if is_kept else b"<[redacted]>")


@pytest.mark.parametrize("length", [MIN_LENGTH, len(SECRET) - 1])
def test_of_a_body_that_was_cut_a_secrets_beginning_goes_too(length: int) -> None:
    beginning = SECRET[:length].encode()
    assert _body(b"echo: " + beginning, SECRET, is_cut=True) == b"echo: [redacted]"
    assert _body(b"echo: " + beginning, SECRET) == b"echo: " + beginning


def test_a_body_that_broke_off_is_one_that_was_cut() -> None:
    outcome = HttpOutcome(200, body=SECRET[:-1].encode(), error="The connection was closed")
    assert without_secrets(outcome, [SECRET]).body == REDACTED.encode()


def test_what_is_kept_stays_within_its_limit() -> None:
    body = b"12345678" * (MAX_BODY_BYTES // 8)
    assert len(_body(body, "12345678")) == MAX_BODY_BYTES


def test_everything_else_stays() -> None:
    outcome = HttpOutcome(503, (("A", "b"),), b"\xff\x00", body_truncated=True, remote_address="192.0.2.1")
    assert without_secrets(outcome, [SECRET, ""]) == outcome


@given(st.binary(max_size=60), st.lists(st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=20)))
def test_no_secret_is_left_in_any_body(body: bytes, secrets: list[str]) -> None:
    echoed = body + b"".join(secret.encode() for secret in secrets)
    kept = _body(echoed, *secrets)
    assert all(secret.encode() not in kept for secret in secrets if len(secret) > len(REDACTED))
