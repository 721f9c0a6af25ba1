"""POST /leaked-keys/github: process a report of GitHub's secret scanning.

GitHub's signature of the body is the credential. A report can contain keys and OAuth tokens of all accounts. The policy
of each key's account decides the action, and the grant of a token ends. The response is the feedback of the partner
program.
"""

from collections.abc import Sequence

from latchhook.api_keys.leaks import Leak, Reporter
from latchhook.bootstrap.github_reports import leaked_keys, leaked_tokens, signed_endpoint
from latchhook.edge.endpoint import Response
from latchhook.edge.leak_report import Match, answer_report, read_leak_report
from latchhook.edge.responses.leaked_keys import LeakFeedbackResponse
from latchhook.edge.signed_endpoint import SignedDescription, SignedRequest
from latchhook.telemetry import logger

MARGIN_MILLIS = 3_000
"""If less than this time is left, the response is 503, so that GitHub sends the report again."""

leaks = leaked_keys()
tokens = leaked_tokens()


@signed_endpoint(
    SignedDescription(
        summary="Report leaked keys (GitHub only)",
        description=(
            "Receives the reports of GitHub's secret scanning partner program. Only GitHub can call this operation: "
            "the request needs GitHub's signature of the body. The policy of each key's account decides the action, "
            "and the grant of an OAuth token ends. The response contains the feedback for each text."
        ),
        read=read_leak_report,
        item_schema="latchhook.edge.schemas.leaked_keys:LeakMatchBody",
        answer_item=LeakFeedbackResponse,
    )
)
def handler(request: SignedRequest[Sequence[Match]]) -> Response:
    """Report leaked keys."""
    reporter = Reporter("github-secret-scanning", request.raw.source_ip, request.raw.request_id, request.now)

    def deal_with(leak: Leak) -> bool:
        return leaks.deal_with(leak, reporter) or tokens.deal_with(leak, reporter)

    feedback = answer_report(request.body, deal_with, lambda: request.millis_left() > MARGIN_MILLIS)
    ours = sum(each["label"] == "true_positive" for each in feedback)
    logger.info("leak report", extra={"reported": len(feedback), "ours": ours})
    return Response(200, feedback)
