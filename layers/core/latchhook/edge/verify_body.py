"""Reading of a verification's body, without pydantic for common valid bodies.

The model `VerifyKeyBody` decides. Its import would lengthen the cold start of the verification endpoint by a third, and
this endpoint delays the product's own requests. So a body that the model certainly accepts is read without the model.
The model reads all other bodies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.api_key import MAX_RESOURCE_LENGTH
from latchhook.api_keys.limits import MAX_COST
from latchhook.api_keys.verification import UseRequest
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.required_scopes import parse_required_scopes
from latchhook.permissions.requirements import NOTHING

if TYPE_CHECKING:
    from latchhook.edge.schemas.key_verification import VerifyKeyBody

_FIELDS = {"key", "requiredScopes", "cost", "ipAddress", "audience"}


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The key text to verify, and the requested use."""

    key: str = field(repr=False)
    use_request: UseRequest


@dataclass(frozen=True, slots=True)
class InvalidEntry:
    """An invalid entry of a batch. The pointers of `errors` are relative to the entry."""

    errors: Sequence[FieldError]


def read_verify_body(document: Any) -> VerifyRequest:
    """Return the verification request. Raises `InvalidFieldsError` with the findings of `VerifyKeyBody`."""
    plain = _plain(document)
    if plain is not None:
        return plain
    from latchhook.edge.schemas.key_verification import VerifyKeyBody
    from latchhook.edge.schemas.validation import validate

    return _judged(validate(VerifyKeyBody, document))


def read_verify_batch_body(document: Any) -> list[VerifyRequest | InvalidEntry]:
    """Return the entries of a batch, valid or not. Raises `InvalidFieldsError` without a list of 1 to 100 entries."""
    from latchhook.edge.schemas.key_verification import VerifyBatchEntries
    from latchhook.edge.schemas.validation import validate

    return [_entry(entry) for entry in validate(VerifyBatchEntries, document).keys]


def _entry(document: Any) -> VerifyRequest | InvalidEntry:
    try:
        return read_verify_body(document)
    except InvalidFieldsError as error:
        return InvalidEntry(error.errors)


def _judged(body: "VerifyKeyBody") -> VerifyRequest:
    return VerifyRequest(body.key, UseRequest(body.required_scopes, body.cost, body.ip_address, body.audience))


def _plain(document: Any) -> VerifyRequest | None:
    if not isinstance(document, dict) or not document.keys() <= _FIELDS:
        return None
    key = document.get("key")
    if not isinstance(key, str):
        return None
    cost = document.get("cost", 1)
    if type(cost) is not int or not 0 <= cost <= MAX_COST:
        return None
    audience = document.get("audience")
    if audience is not None and not (isinstance(audience, str) and 0 < len(audience) <= MAX_RESOURCE_LENGTH):
        return None
    address = document.get("ipAddress")
    try:
        required = parse_required_scopes(document["requiredScopes"]) if "requiredScopes" in document else NOTHING
        if address is not None:
            ip_ranges.address_bytes(address)
    except (TypeError, ValueError):
        return None
    return VerifyRequest(key, UseRequest(required, cost, address, audience))
