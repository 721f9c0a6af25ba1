"""POST /api-keys/verify-batch: up to a hundred verifications in one request, each independent of the others."""

from concurrent.futures import ThreadPoolExecutor

from latchhook import bootstrap
from latchhook.edge.answers.verdicts import (
    InvalidEntryAnswer,
    VerdictAnswer,
    VerdictListAnswer,
    invalid_entry_answer,
    verdict_answer,
)
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.edge.verify_body import InvalidEntry, VerifyRequest, read_verify_batch_body

THREADS = 16

verifier = bootstrap.hot_key_verifier()
catalogue = bootstrap.catalogue()


@bootstrap.endpoint(
    Description(
        scope="api-keys:verify",
        body=read_verify_batch_body,
        body_schema="latchhook.edge.schemas.key_verification:VerifyBatchBody",
        answer=VerdictListAnswer,
        account_wide=False,
    )
)
def handler(request: Request[list[VerifyRequest | InvalidEntry]]) -> Answer:
    """Verify API keys."""

    def result(entry: VerifyRequest | InvalidEntry) -> VerdictAnswer | InvalidEntryAnswer:
        if isinstance(entry, InvalidEntry):
            return invalid_entry_answer(entry.errors)
        return verdict_answer(verifier.verify(entry.key, entry.ask, now=request.now), catalogue, request.now)

    with ThreadPoolExecutor(min(THREADS, len(request.body))) as threads:
        answer: VerdictListAnswer = {"data": list(threads.map(result, request.body))}
    return ok(answer)
