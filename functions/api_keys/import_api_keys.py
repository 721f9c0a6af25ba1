"""POST /api-keys/import: import API keys of another system by their SHA-256 hashes."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.bulk_keys import ImportResponse
from latchhook.edge.schemas.bulk_keys import ImportKeysBody

importer = bootstrap.key_importer()


@bootstrap.endpoint(
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
        problems=(409,),
        rate="slow",
    )
)
def handler(request: Request[ImportKeysBody]) -> Response:
    """Import API keys."""
    results = importer.run([one.imported() for one in request.body.keys], request.origin)
    response: ImportResponse = {"data": [{"id": str(key.id), "outcome": outcome} for key, outcome in results]}
    return ok(response)
