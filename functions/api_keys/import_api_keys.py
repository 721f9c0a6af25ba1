"""POST /api-keys/import: import API keys of another system by their SHA-256 hashes."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_importer
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.bulk_keys import ImportResponse
from latchhook.edge.schemas.bulk_keys import ImportKeysBody
from latchhook.idempotency_records import CompletedRequest

importer = key_importer()


def _response(results: Sequence[tuple[UUID, Literal["created", "exists"]]]) -> Response:
    response: ImportResponse = {"data": [{"id": str(key_id), "outcome": outcome} for key_id, outcome in results]}
    return ok(response)


def _replay(request: Request[Any], done: CompletedRequest) -> Response:  # noqa: ARG001
    return _response(done.imported)


@endpoint(
    Description(
        summary="Import API keys",
        description=(
            "Imports up to 1,000 API keys of another system by the SHA-256 of their key texts, so that clients can "
            "continue to use their keys. A key whose hash already exists stays unchanged. The keys cannot have scopes "
            "that the caller does not have."
        ),
        scope="api-keys:write",
        body=ImportKeysBody,
        response=ImportResponse,
        problems=("profile_beyond_creator", "scope_beyond_creator", "too_many_keys"),
        replay=_replay,
        rate="slow",
    )
)
def handler(request: Request[ImportKeysBody]) -> Response:
    """Import API keys."""
    imported = [one.imported() for one in request.body.keys]
    results = importer.run(imported, request.origin, request.idempotency_key)
    return _response([(key.id, outcome) for key, outcome in results])
