"""What the code answers fits what the document says of it."""

from typing import Any

import pytest

from latchhook.api_keys.bulk_revocation import Revocation
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.usage import Usage
from latchhook.api_keys.verification import Verdict
from latchhook.edge.answers.api_keys import api_key_answer
from latchhook.edge.answers.bulk_keys import revocation_answer
from latchhook.edge.answers.integration_keys import integration_key_answer
from latchhook.edge.answers.key_usage import usage_answer
from latchhook.edge.answers.profiles import profile_answer
from latchhook.edge.answers.verdicts import verdict_answer
from latchhook.edge.answers.webhooks import attempt_answer, webhook_answer
from latchhook.rates import RateLimit
from tests import samples
from tests.openapi.conftest import OpenApi

USED_KEY = samples.api_key(
    expires_at=samples.NOW, last_used_at=samples.NOW, metadata={"team": "a"}, scopes=("orders:read",)
)
LIMITED_KEY = samples.api_key(
    profile_id=samples.profile().id,
    rate_limit=RateLimit(600, 60, 100),
    credits=Credits(7, Refill(10, "daily"), samples.NOW + samples.SECOND),
    ip_allow_list=("203.0.113.0/24",),
)
GIFTED_KEY = samples.api_key(credits=Credits(7))

ANSWERS: list[tuple[str, Any]] = [
    ("ApiKey", api_key_answer(samples.api_key(), samples.NOW)),
    ("ApiKey", api_key_answer(USED_KEY, samples.NOW)),
    ("ApiKey", api_key_answer(LIMITED_KEY, samples.NOW)),
    ("ApiKey", api_key_answer(GIFTED_KEY, samples.NOW)),
    ("Revocation", revocation_answer(Revocation(USED_KEY.id, "revoked", USED_KEY))),
    ("Revocation", revocation_answer(Revocation(USED_KEY.id, "not_found", None))),
    ("Usage", usage_answer(USED_KEY.id, Usage({"20270315": 3}, {"20270314": {"EXPIRED": 1}}), 7, samples.NOW)),
    ("PermissionProfile", profile_answer(samples.profile())),
    ("IntegrationKey", integration_key_answer(USED_KEY)),
    ("Verdict", verdict_answer(Verdict("VALID", USED_KEY), samples.CATALOGUE, samples.NOW)),
    ("Verdict", verdict_answer(Verdict("RATE_LIMITED", LIMITED_KEY), samples.CATALOGUE, samples.NOW)),
    ("Verdict", verdict_answer(Verdict("NOT_FOUND"), samples.CATALOGUE, samples.NOW)),
    ("Webhook", webhook_answer(samples.webhook(), samples.NOW)),
    ("Attempt", attempt_answer(samples.attempt())),
    ("Attempt", attempt_answer(samples.attempt(response_status=None, error_message="x", next_attempt_at=samples.NOW))),
]


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_answer_fits_its_schema(name: str, answer: Any, openapi: OpenApi) -> None:
    assert openapi.faults({"$ref": f"#/components/schemas/{name}"}, answer) == []
    assert set(answer) == set(openapi.content["components"]["schemas"][name]["properties"])
