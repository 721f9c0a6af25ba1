"""What a receiver said, as it is kept: without credentials of its own, and without the secrets that it was told.

Many a receiver repeats a request in its answer, and more people read the log of deliveries than may read a secret.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from latchhook.webhooks.custom_headers import REDACTED, is_secret
from latchhook.webhooks.outcome import MAX_BODY_BYTES, HttpOutcome

MIN_LENGTH = 8
"""What is shorter stands in too many answers by chance, and is no secret worth the name."""

_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
"""They tell what credential is wanted and hold none (RFC 9110, 11.6.1)."""


def without_secrets(outcome: HttpOutcome, secrets: Iterable[str]) -> HttpOutcome:
    """The outcome with what is secret in headers and body redacted: `secrets` as they are and as JSON has them.

    Of a body that was cut, a secret's beginning at the end goes too.
    """
    told = _spellings(secrets)
    return replace(
        outcome,
        headers=tuple((name, _shown(name, value, told)) for name, value in outcome.headers),
        body=_without(outcome.body, told, is_cut=outcome.body_truncated or outcome.error is not None),
    )


def _spellings(secrets: Iterable[str]) -> Sequence[str]:
    """All forms that are looked for, the longest first: a credential may be repeated without its scheme."""
    forms = set()
    for secret in secrets:
        for form in (secret, secret.rpartition(" ")[2]):
            if len(form) >= MIN_LENGTH:
                forms |= {form, json.dumps(form)[1:-1]}
    return sorted(forms, key=len, reverse=True)


def _shown(name: str, value: str, told: Sequence[str]) -> str:
    if is_secret(name) and name.lower() not in _CHALLENGES:
        return REDACTED
    for form in told:
        value = value.replace(form, REDACTED)
    return value


def _without(body: bytes, told: Sequence[str], *, is_cut: bool) -> bytes:
    for form in told:
        body = body.replace(form.encode(), REDACTED.encode())
    if is_cut:
        for form in told:
            body = _without_beginning(body, form.encode())
    return body[:MAX_BODY_BYTES]


def _without_beginning(body: bytes, form: bytes) -> bytes:
    for length in range(min(len(form) - 1, len(body)), MIN_LENGTH - 1, -1):
        if body.endswith(form[:length]):
            return body[:-length] + REDACTED.encode()
    return body
