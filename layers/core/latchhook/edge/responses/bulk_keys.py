"""Response bodies of the bulk revocation and the import of API keys."""

from typing import Literal, TypedDict

from latchhook.api_keys.bulk_revocation import Outcome, Revocation
from latchhook.edge.responses.formats import Uuid


class RevocationResponse(TypedDict):
    """The result of a bulk revocation for one key."""

    id: Uuid
    outcome: Outcome
    """The result. `already_revoked`, `not_matching` (the filter excludes the key) and `not_found` need `ids`."""
    name: str | None
    prefix: str | None


class BulkRevocationResponse(TypedDict):
    """The results of one request of a bulk revocation."""

    dryRun: bool
    """Whether the request revoked no key and only lists the matching keys."""
    data: list[RevocationResponse]
    nextCursor: str | None
    """The `cursor` of the next request; null if all keys of the account are examined."""


class ImportedKeyResponse(TypedDict):
    """The result of an import for one key."""

    id: Uuid
    outcome: Literal["created", "exists"]
    """`exists` means that a key with this hash already exists. It stays unchanged."""


class ImportResponse(TypedDict):
    """The result for each key, in the order of the request."""

    data: list[ImportedKeyResponse]


def revocation_response(one: Revocation) -> RevocationResponse:
    """Return the response body of one result of a bulk revocation."""
    key = one.key
    return {
        "id": str(one.key_id),
        "outcome": one.outcome,
        "name": None if key is None else key.name,
        "prefix": None if key is None else key.prefix,
    }
