"""The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header), as create and rotate take it."""

from hashlib import sha256
from typing import Any

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request
from latchhook.idempotency_records import MAX_LENGTH, IdempotencyKey

HEADER = "Idempotency-Key"
REPEATED = {"idempotency-replayed": "true"}
"""On the answer to a request that was done before."""


def idempotency_key(request: Request[Any]) -> IdempotencyKey | None:
    """What names this request among its caller's; None without the header. Raises `InvalidFieldsError`."""
    text = request.raw.header(HEADER.lower())
    if text is None:
        return None
    if not (1 <= len(text) <= MAX_LENGTH and text.isascii() and text.isprintable()):
        raise InvalidFieldsError(
            [FieldError(HEADER, f"This header must be 1 to {MAX_LENGTH} printable ASCII characters.")]
        )
    caller = request.caller
    name = "\n".join([caller.kind, caller.actor_id, request.raw.route, text])
    # With the header: a body may hold a secret that the caller brings, which its bare hash would let somebody guess.
    asked = f"{text}\n{request.raw.event.get('rawPath', '')}\n".encode() + request.raw.content()
    return IdempotencyKey(sha256(name.encode()).hexdigest(), sha256(asked).hexdigest())
