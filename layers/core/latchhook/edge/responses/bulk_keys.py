"""What became of many keys at once."""

from typing import Literal, TypedDict

from latchhook.api_keys.bulk_revocation import Outcome, Revocation
from latchhook.edge.responses.formats import Uuid


class RevocationResponse(TypedDict):
    """What became of one key."""

    id: Uuid
    outcome: Outcome
    """`already_revoked`, `not_matching` (another part of the filter excludes it) and `not_found` for `ids` only."""
    name: str | None
    prefix: str | None


class BulkRevocationResponse(TypedDict):
    """What became of the keys that were found."""

    dryRun: bool
    data: list[RevocationResponse]
    nextCursor: str | None
    """Where to go on in an account of more than 1,000 keys; null when all is done."""


class ImportedKeyResponse(TypedDict):
    """What became of one imported key."""

    id: Uuid
    outcome: Literal["created", "exists"]
    """`exists`: there is a key with that hash already, and it stays as it is."""


class ImportResponse(TypedDict):
    """What became of each key, in the order of the request."""

    data: list[ImportedKeyResponse]


def revocation_response(one: Revocation) -> RevocationResponse:
    """One key of a bulk revocation."""
    key = one.key
    return {
        "id": str(one.key_id),
        "outcome": one.outcome,
        "name": None if key is None else key.name,
        "prefix": None if key is None else key.prefix,
    }
