"""POST /api-keys/verify-batch: verify up to 100 API keys."""

from concurrent.futures import ThreadPoolExecutor

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.hot_keys import hot_key_verifier
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.verdicts import (
    InvalidEntryResponse,
    VerdictListResponse,
    VerdictResponse,
    invalid_entry_response,
    verdict_response,
)
from latchhook.edge.verify_body import InvalidEntry, VerifyRequest, read_verify_batch_body

THREADS = 16

verifier = hot_key_verifier()
catalogue = environment.catalogue()


@endpoint(
    Description(
        summary="Verify several API keys",
        description=(
            "Verifies up to 100 key texts. The results are independent of each other and in the order of the request. "
            "An invalid entry has an `error` as its result and does not affect the other entries."
        ),
        scope="api-keys:verify",
        body=read_verify_batch_body,
        body_schema="latchhook.edge.schemas.key_verification:VerifyBatchBody",
        response=VerdictListResponse,
        account_wide=False,
    )
)
def handler(request: Request[list[VerifyRequest | InvalidEntry]]) -> Response:
    """Verify several API keys."""

    def result(entry: VerifyRequest | InvalidEntry) -> VerdictResponse | InvalidEntryResponse:
        if isinstance(entry, InvalidEntry):
            return invalid_entry_response(entry.errors)
        return verdict_response(verifier.verify(entry.key, entry.use_request, now=request.now), catalogue, request.now)

    with ThreadPoolExecutor(min(THREADS, len(request.body))) as threads:
        response: VerdictListResponse = {"data": list(threads.map(result, request.body))}
    return ok(response)
