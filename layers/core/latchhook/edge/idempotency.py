"""The `Idempotency-Key` header of create and rotate requests (draft-ietf-httpapi-idempotency-key-header)."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from latchhook.canonical_json import canonical_json
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.problems import problem_for
from latchhook.edge.request import RawRequest
from latchhook.idempotency_records import (
    MAX_LENGTH,
    AlreadyCompletedError,
    CompletedRequest,
    IdempotencyKey,
    IdempotencyKeyReusedError,
)
from latchhook.identity.caller import Caller

HEADER = "Idempotency-Key"
REPEATED = {"idempotency-replayed": "true"}
"""Header of the response to a request that was completed before."""

R = TypeVar("R")


class CompletedRequests(Protocol):
    """Where completed requests are kept."""

    def find(self, account_id: str, request: IdempotencyKey, *, now: datetime) -> CompletedRequest | None:
        """Read the record of the last 24 hours with the request's name, strongly consistent."""


def idempotency_key(raw: RawRequest, caller: Caller, document: Any) -> IdempotencyKey | None:
    """The request's identity among the caller's requests; None without the header. Raises `InvalidFieldsError`.

    `document` is the parsed body, so that whitespace and the order of members make no difference.
    """
    text = raw.header(HEADER.lower())
    if text is None:
        return None
    if not (1 <= len(text) <= MAX_LENGTH and text.isascii() and text.isprintable()):
        raise InvalidFieldsError([FieldError(HEADER, f"Must be 1 to {MAX_LENGTH} printable ASCII characters.")])
    name = "\n".join([caller.kind, caller.actor_id, caller.acting_user_id or "", raw.route, text])
    # A body can contain a secret of the caller. The hash includes the header, so that the secret cannot be guessed
    # from the hash of the body alone.
    asked = f"{text}\n{raw.event.get('rawPath', '')}\n{canonical_json(document)}"
    return IdempotencyKey(sha256(name.encode()).hexdigest(), sha256(asked.encode()).hexdigest())


def run_once(
    key: IdempotencyKey,
    run: Callable[[], R],
    replay: Callable[[CompletedRequest], R],
    *,
    find: Callable[[], CompletedRequest | None],
) -> R:
    """Run a request, or replay it if an equal request was completed before. Raises `IdempotencyKeyReusedError`.

    The lookup comes first: `run` validates the body, and a body can become invalid with time. It costs one read. An
    equal request at the same time can complete after the lookup. Then `run` fails on the record, or with a conflict
    that the other request caused (409), so a conflict leads to a second lookup.
    """
    done = find()
    if done is None:
        try:
            return run()
        except AlreadyCompletedError as already:
            done = already.done
        except Exception as error:
            done = find() if problem_for(error).status == 409 else None
            if done is None:
                raise
    if done.fingerprint != key.fingerprint:
        raise IdempotencyKeyReusedError
    return replay(done)
