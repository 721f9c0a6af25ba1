"""POST /api-keys/import: keys that another system made, by the SHA-256 of their texts; nobody has to change a key."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.bulk_keys import ImportResponse
from latchhook.edge.schemas.bulk_keys import ImportKeysBody

importer = bootstrap.key_importer()


@bootstrap.endpoint(
    Description(scope="api-keys:write", body=ImportKeysBody, response=ImportResponse, problems=(409,), rate="slow")
)
def handler(request: Request[ImportKeysBody]) -> Response:
    """Import API keys."""
    results = importer.run([one.imported() for one in request.body.keys], request.origin)
    response: ImportResponse = {"data": [{"id": str(key.id), "outcome": outcome} for key, outcome in results]}
    return ok(response)
