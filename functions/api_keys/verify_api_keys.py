"""POST /api-keys/verify-batch: up to a hundred verifications in one request, each as it is alone."""

from concurrent.futures import ThreadPoolExecutor

from latchhook import bootstrap
from latchhook.edge.answers.verdicts import VerdictAnswer, VerdictListAnswer, verdict_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.edge.verify_body import VerifyRequest, read_verify_batch_body

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
def handler(request: Request[list[VerifyRequest]]) -> Answer:
    """Verify API keys."""

    def verdict(one: VerifyRequest) -> VerdictAnswer:
        return verdict_answer(verifier.verify(one.key, one.ask, now=request.now), catalogue, request.now)

    with ThreadPoolExecutor(min(THREADS, len(request.body))) as threads:
        answer: VerdictListAnswer = {"data": list(threads.map(verdict, request.body))}
    return ok(answer)
