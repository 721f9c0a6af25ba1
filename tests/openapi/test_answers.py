"""What the code answers fits what the document says of it."""

from typing import Any

import pytest

from latchhook.api_keys.verification import Verdict
from latchhook.edge.answers.api_keys import api_key_answer
from latchhook.edge.answers.integration_keys import integration_key_answer
from latchhook.edge.answers.verdicts import verdict_answer
from latchhook.edge.answers.webhooks import attempt_answer, webhook_answer
from tests import samples
from tests.openapi.conftest import OpenApi

USED_KEY = samples.api_key(
    expires_at=samples.NOW, last_used_at=samples.NOW, metadata={"team": "a"}, scopes=("orders:read",)
)

ANSWERS: list[tuple[str, Any]] = [
    ("ApiKey", api_key_answer(samples.api_key(), samples.NOW)),
    ("ApiKey", api_key_answer(USED_KEY, samples.NOW)),
    ("IntegrationKey", integration_key_answer(USED_KEY)),
    ("Verdict", verdict_answer(Verdict("VALID", USED_KEY))),
    ("Verdict", verdict_answer(Verdict("NOT_FOUND"))),
    ("Webhook", webhook_answer(samples.webhook())),
    ("Attempt", attempt_answer(samples.attempt())),
    ("Attempt", attempt_answer(samples.attempt(response_status=None, error_message="x", next_attempt_at=samples.NOW))),
]


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_answer_fits_its_schema(name: str, answer: Any, openapi: OpenApi) -> None:
    assert openapi.faults({"$ref": f"#/components/schemas/{name}"}, answer) == []
    assert set(answer) == set(openapi.content["components"]["schemas"][name]["properties"])
