"""GET /api-keys/{id}/usage: how often a key was used and refused, day by day (document 002's usage dashboard)."""

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.api_keys.usage import MAX_DAYS
from latchhook.edge.answers.key_usage import UsageAnswer, usage_answer
from latchhook.edge.endpoint import Answer, Description, QueryParameter, ok
from latchhook.edge.request import Request

DEFAULT_DAYS = 30

uses = bootstrap.key_uses()


@bootstrap.endpoint(
    Description(
        scope="api-keys:read",
        answer=UsageAnswer,
        problems=(404,),
        query=(
            QueryParameter(
                "days",
                "How many UTC days, today among them.",
                7,
                {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DEFAULT_DAYS},
            ),
        ),
    )
)
def handler(request: Request[None]) -> Answer:
    """Get an API key's usage."""
    days = request.query_number("days", default=DEFAULT_DAYS, most=MAX_DAYS)
    key_id = request.path_id(ApiKeyNotFoundError)
    return ok(usage_answer(key_id, uses.usage(request.account_id, key_id), days, request.now))
