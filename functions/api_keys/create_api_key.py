"""POST /api-keys: create a key; its secret stands in this answer and nowhere else (documents 001, 002, 003)."""

from latchhook import bootstrap
from latchhook.edge.answers.api_keys import CreatedApiKeyAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.idempotency import REPEATED, repeatable
from latchhook.edge.request import Request
from latchhook.edge.schemas.api_keys import CreateKeyBody

issuer = bootstrap.key_issuer()


@bootstrap.endpoint(
    Description(
        scope="api-keys:write",
        body=CreateKeyBody,
        answer=CreatedApiKeyAnswer,
        status=201,
        takes_idempotency_key=True,
        problems=(409,),
        rate="write",
    )
)
def handler(request: Request[CreateKeyBody]) -> Answer:
    """Create an API key."""
    issued = issuer.create(request.body.settings(), request.origin, repeatable(request))
    created: CreatedApiKeyAnswer = {**api_key_answer(issued.key, request.now), "key": issued.text}
    headers = {"location": f"api-keys/{issued.key.id}"}
    return Answer(201, created, headers if issued.text else {**headers, **REPEATED})
