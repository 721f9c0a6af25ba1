"""POST /api-keys/bulk-revoke: every key that a filter finds, or only which ones it would be."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.answers.bulk_keys import BulkRevocationAnswer, revocation_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.edge.schemas.bulk_keys import BulkRevokeBody

LIST = "live-api-keys"

revoker = bootstrap.bulk_revoker()


@bootstrap.endpoint(Description(scope="api-keys:write", body=BulkRevokeBody, answer=BulkRevocationAnswer, rate="slow"))
def handler(request: Request[BulkRevokeBody]) -> Answer:
    """Revoke API keys by filter."""
    body = request.body
    after = None if body.cursor is None else cursors.decode(body.cursor, request.account_id, LIST, at="/cursor")
    results, end = revoker.run(body.filter.chosen(), dry_run=body.dry_run, after=after, origin=request.origin)
    answer: BulkRevocationAnswer = {
        "dryRun": body.dry_run,
        "data": [revocation_answer(one) for one in results],
        "nextCursor": cursors.encode(end, request.account_id, LIST),
    }
    return ok(answer)
