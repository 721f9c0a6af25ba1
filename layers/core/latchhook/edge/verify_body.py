"""The body of a verification, read without pydantic when it is plainly right.

`VerifyKeyBody` is the judge. Importing it would add a third to the cold start of the one function that stands in front
of the product's own requests, so a body that it certainly accepts is taken as it is; every other one is its to refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.limits import MAX_COST
from latchhook.api_keys.verification import UseRequest
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.required_scopes import parse_required_scopes
from latchhook.permissions.requirements import NOTHING

if TYPE_CHECKING:
    from latchhook.edge.schemas.key_verification import VerifyKeyBody

_FIELDS = {"key", "requiredScopes", "cost", "ipAddress"}


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """A key's text as it was presented, and what is asked of it."""

    key: str = field(repr=False)
    use_request: UseRequest


@dataclass(frozen=True, slots=True)
class InvalidEntry:
    """An entry of a batch that is not a verification. The pointers of `errors` are relative to the entry."""

    errors: Sequence[FieldError]


def read_verify_body(document: Any) -> VerifyRequest:
    """The body as a request; raises `InvalidFieldsError` as `VerifyKeyBody` finds."""
    plain = _plain(document)
    if plain is not None:
        return plain
    from latchhook.edge.schemas.key_verification import VerifyKeyBody
    from latchhook.edge.schemas.validation import validate

    return _judged(validate(VerifyKeyBody, document))


def read_verify_batch_body(document: Any) -> list[VerifyRequest | InvalidEntry]:
    """The entries of a batch, valid or not; raises `InvalidFieldsError` for what is no list of 1 to 100 entries."""
    from latchhook.edge.schemas.key_verification import VerifyBatchEntries
    from latchhook.edge.schemas.validation import validate

    return [_entry(entry) for entry in validate(VerifyBatchEntries, document).keys]


def _entry(document: Any) -> VerifyRequest | InvalidEntry:
    try:
        return read_verify_body(document)
    except InvalidFieldsError as error:
        return InvalidEntry(error.errors)


def _judged(body: "VerifyKeyBody") -> VerifyRequest:
    return VerifyRequest(body.key, UseRequest(body.required_scopes, body.cost, body.ip_address))


def _plain(document: Any) -> VerifyRequest | None:
    if not isinstance(document, dict) or not document.keys() <= _FIELDS:
        return None
    key = document.get("key")
    if not isinstance(key, str):
        return None
    cost = document.get("cost", 1)
    if type(cost) is not int or not 0 <= cost <= MAX_COST:
        return None
    address = document.get("ipAddress")
    try:
        required = parse_required_scopes(document["requiredScopes"]) if "requiredScopes" in document else NOTHING
        if address is not None:
            ip_ranges.address_bytes(address)
    except (TypeError, ValueError):
        return None
    return VerifyRequest(key, UseRequest(required, cost, address))
