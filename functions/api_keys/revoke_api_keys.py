"""POST /api-keys/bulk-revoke: every key that a filter finds, or only which ones it would be."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.bulk_keys import BulkRevocationResponse, revocation_response
from latchhook.edge.schemas.bulk_keys import BulkRevokeBody

LIST = "live-api-keys"

revoker = bootstrap.bulk_revoker()


@bootstrap.endpoint(
    Description(scope="api-keys:write", body=BulkRevokeBody, response=BulkRevocationResponse, rate="slow")
)
def handler(request: Request[BulkRevokeBody]) -> Response:
    """Revoke API keys by filter."""
    body = request.body
    after = None if body.cursor is None else cursors.decode(body.cursor, request.account_id, LIST, at="/cursor")
    results, end = revoker.run(body.filter.chosen(), dry_run=body.dry_run, after=after, origin=request.origin)
    response: BulkRevocationResponse = {
        "dryRun": body.dry_run,
        "data": [revocation_response(one) for one in results],
        "nextCursor": cursors.encode(end, request.account_id, LIST),
    }
    return ok(response)
