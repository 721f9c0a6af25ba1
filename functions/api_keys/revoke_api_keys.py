"""POST /api-keys/bulk-revoke: revoke the API keys that match a filter."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import bulk_revoker
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.bulk_keys import BulkRevocationResponse, revocation_response
from latchhook.edge.schemas.bulk_keys import BulkRevokeBody

LIST = "live-api-keys"

revoker = bulk_revoker()


@endpoint(
    Description(
        summary="Revoke API keys by filter",
        description=(
            "Revokes the keys that match all parts of the filter. One request examines at most 1,000 keys: repeat it "
            "with `nextCursor` as `cursor` until `nextCursor` is null. With `dryRun`, the response lists the matching "
            "keys and no key is revoked."
        ),
        scope="api-keys:write",
        body=BulkRevokeBody,
        response=BulkRevocationResponse,
        rate="slow",
    )
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
