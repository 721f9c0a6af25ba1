"""The `Idempotency-Key` header of create and rotate requests (draft-ietf-httpapi-idempotency-key-header)."""

from hashlib import sha256
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request
from latchhook.idempotency_records import MAX_LENGTH, IdempotencyKey

HEADER = "Idempotency-Key"
REPEATED = {"idempotency-replayed": "true"}
"""Header of the response to a request that was completed before."""


def idempotency_key(request: Request[Any]) -> IdempotencyKey | None:
    """Return the request's idempotency key; None without the header. Raises `InvalidFieldsError`."""
    text = request.raw.header(HEADER.lower())
    if text is None:
        return None
    if not (1 <= len(text) <= MAX_LENGTH and text.isascii() and text.isprintable()):
        raise InvalidFieldsError([FieldError(HEADER, f"Must be 1 to {MAX_LENGTH} printable ASCII characters.")])
    caller = request.caller
    name = "\n".join([caller.kind, caller.actor_id, request.raw.route, text])
    # A body can contain a secret of the caller. The hash includes the header, so that the secret cannot be guessed
    # from the hash of the body alone.
    asked = f"{text}\n{request.raw.event.get('rawPath', '')}\n".encode() + request.raw.content()
    return IdempotencyKey(sha256(name.encode()).hexdigest(), sha256(asked).hexdigest())
