"""POST /api-keys/import: keys that another system made, by the SHA-256 of their texts; nobody has to change a key."""

from latchhook import bootstrap
from latchhook.edge.answers.bulk_keys import ImportAnswer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.edge.schemas.bulk_keys import ImportKeysBody

importer = bootstrap.key_importer()


@bootstrap.endpoint(
    Description(scope="api-keys:write", body=ImportKeysBody, answer=ImportAnswer, problems=(409,), rate="slow")
)
def handler(request: Request[ImportKeysBody]) -> Answer:
    """Import API keys."""
    results = importer.run([one.imported() for one in request.body.keys], request.origin)
    answer: ImportAnswer = {"data": [{"id": str(key.id), "outcome": outcome} for key, outcome in results]}
    return ok(answer)
