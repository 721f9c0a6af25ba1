"""Redaction of responses that repeat a secret of the request or contain other credentials."""

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
def test_value_of_a_header_with_a_secret_name_is_redacted(name: str) -> None:
    assert without_secrets(HttpOutcome(200, ((name, "session=1"),)), ()).headers == ((name, REDACTED),)


@pytest.mark.parametrize(
    "name", ["Content-Type", "Retry-After", "WWW-Authenticate", "Proxy-Authenticate", "X-Request-Id"]
)
def test_other_headers_are_kept_unchanged(name: str) -> None:
    headers = ((name, "Basic realm=a"), (name, "b"))
    assert without_secrets(HttpOutcome(401, headers), [SECRET]).headers == headers


def test_secret_is_redacted_everywhere_in_headers_and_body() -> None:
    headers = (("X-Echo", f"a {SECRET}, {SECRET}"),)
    outcome = without_secrets(HttpOutcome(200, headers, f"<{SECRET}>{SECRET}".encode()), [SECRET])
    assert outcome.headers == (("X-Echo", f"a {REDACTED}, {REDACTED}"),)
    assert outcome.body == f"<{REDACTED}>{REDACTED}".encode()


def test_credential_without_its_scheme_is_redacted() -> None:
    assert _body(b"token=s3cret-of-theirs", SECRET) == b"token=[redacted]"


def test_secret_in_json_encoding_is_redacted() -> None:
    secret = 'a "quoted" \\ value'
    assert _body(json.dumps({"echo": secret}).encode(), secret) == b'{"echo": "[redacted]"}'


def test_longer_of_two_overlapping_secrets_is_redacted_first() -> None:
    assert _body(b"12345678-90", "12345678", "12345678-90") == b"[redacted]"


@pytest.mark.parametrize(("length", "is_kept"), [(MIN_LENGTH - 1, True), (MIN_LENGTH, False)])
def test_value_that_is_too_short_to_be_a_secret_is_kept(length: int, is_kept: bool) -> None:
    text = b"x" * length
    assert _body(b"<%b>" % text, text.decode()) == (b"<%b>" % text if is_kept else b"<[redacted]>")


@pytest.mark.parametrize("length", [MIN_LENGTH, len(SECRET) - 1])
def test_start_of_a_secret_at_the_end_of_a_cut_body_is_redacted(length: int) -> None:
    beginning = SECRET[:length].encode()
    assert _body(b"echo: " + beginning, SECRET, is_cut=True) == b"echo: [redacted]"
    assert _body(b"echo: " + beginning, SECRET) == b"echo: " + beginning


def test_incomplete_body_counts_as_a_cut_body() -> None:
    outcome = HttpOutcome(200, body=SECRET[:-1].encode(), error="The connection was closed")
    assert without_secrets(outcome, [SECRET]).body == REDACTED.encode()


def test_redacted_body_stays_within_the_size_limit() -> None:
    body = b"12345678" * (MAX_BODY_BYTES // 8)
    assert len(_body(body, "12345678")) == MAX_BODY_BYTES


def test_other_parts_of_the_response_are_unchanged() -> None:
    outcome = HttpOutcome(503, (("A", "b"),), b"\xff\x00", body_truncated=True, remote_address="192.0.2.1")
    assert without_secrets(outcome, [SECRET, ""]) == outcome


@given(st.binary(max_size=60), st.lists(st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=20)))
def test_no_secret_remains_in_any_body(body: bytes, secrets: list[str]) -> None:
    echoed = body + b"".join(secret.encode() for secret in secrets)
    kept = _body(echoed, *secrets)
    assert all(secret.encode() not in kept for secret in secrets if len(secret) > len(REDACTED))
