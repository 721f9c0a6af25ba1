"""Removes the receiver's credentials and the request's secrets from a response before it is stored.

Many receivers repeat the request in their response, and people without access to secrets read the delivery log.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from latchhook.webhooks.custom_headers import REDACTED, is_secret
from latchhook.webhooks.outcome import MAX_BODY_BYTES, HttpOutcome

MIN_LENGTH = 8
"""Shorter values are not redacted. They are weak secrets, and responses contain them by chance."""

_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
"""These headers ask for a credential and do not contain one (RFC 9110, 11.6.1)."""


def without_secrets(outcome: HttpOutcome, secrets: Iterable[str]) -> HttpOutcome:
    """Return the outcome with redacted headers and body. `secrets` are found as plain text and as escaped JSON text.

    If the body was cut, the beginning of a secret at its end is redacted too.
    """
    spellings = _spellings(secrets)
    return replace(
        outcome,
        headers=tuple((name, _shown(name, value, spellings)) for name, value in outcome.headers),
        body=_without(outcome.body, spellings, is_cut=outcome.body_truncated or outcome.error is not None),
    )


def _spellings(secrets: Iterable[str]) -> Sequence[str]:
    """Return all forms of the secrets, longest first, also without a scheme such as `Bearer`."""
    forms = set()
    for secret in secrets:
        for form in (secret, secret.rpartition(" ")[2]):
            if len(form) >= MIN_LENGTH:
                forms |= {form, json.dumps(form)[1:-1]}
    return sorted(forms, key=len, reverse=True)


def _shown(name: str, value: str, spellings: Sequence[str]) -> str:
    if is_secret(name) and name.lower() not in _CHALLENGES:
        return REDACTED
    for form in spellings:
        value = value.replace(form, REDACTED)
    return value


def _without(body: bytes, spellings: Sequence[str], *, is_cut: bool) -> bytes:
    for form in spellings:
        body = body.replace(form.encode(), REDACTED.encode())
    if is_cut:
        for form in spellings:
            body = _without_beginning(body, form.encode())
    return body[:MAX_BODY_BYTES]


def _without_beginning(body: bytes, form: bytes) -> bytes:
    for length in range(min(len(form) - 1, len(body)), MIN_LENGTH - 1, -1):
        if body.endswith(form[:length]):
            return body[:-length] + REDACTED.encode()
    return body
