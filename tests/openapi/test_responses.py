"""Responses of the code fit the schemas of the document."""

from typing import Any

import pytest

from latchhook.api_keys.bulk_revocation import Revocation
from latchhook.api_keys.limits import Credits, Refill
from latchhook.api_keys.usage import Usage
from latchhook.api_keys.verification import Verdict
from latchhook.edge.responses.api_keys import api_key_response
from latchhook.edge.responses.bulk_keys import revocation_response
from latchhook.edge.responses.integration_keys import integration_key_response
from latchhook.edge.responses.key_usage import usage_response
from latchhook.edge.responses.profiles import profile_response
from latchhook.edge.responses.verdicts import verdict_response
from latchhook.edge.responses.webhooks import attempt_response, webhook_response
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
    ("ApiKey", api_key_response(samples.api_key(), samples.NOW)),
    ("ApiKey", api_key_response(USED_KEY, samples.NOW)),
    ("ApiKey", api_key_response(LIMITED_KEY, samples.NOW)),
    ("ApiKey", api_key_response(GIFTED_KEY, samples.NOW)),
    ("Revocation", revocation_response(Revocation(USED_KEY.id, "revoked", USED_KEY))),
    ("Revocation", revocation_response(Revocation(USED_KEY.id, "not_found", None))),
    ("Usage", usage_response(USED_KEY.id, Usage({"20270315": 3}, {"20270314": {"EXPIRED": 1}}), 7, samples.NOW)),
    ("PermissionProfile", profile_response(samples.profile())),
    ("IntegrationKey", integration_key_response(USED_KEY)),
    ("Verdict", verdict_response(Verdict("VALID", USED_KEY), samples.CATALOGUE, samples.NOW)),
    ("Verdict", verdict_response(Verdict("RATE_LIMITED", LIMITED_KEY), samples.CATALOGUE, samples.NOW)),
    ("Verdict", verdict_response(Verdict("NOT_FOUND"), samples.CATALOGUE, samples.NOW)),
    ("Webhook", webhook_response(samples.webhook(), samples.NOW)),
    ("Attempt", attempt_response(samples.attempt())),
    (
        "Attempt",
        attempt_response(samples.attempt(response_status=None, error_message="x", next_attempt_at=samples.NOW)),
    ),
]


@pytest.mark.parametrize(("name", "response"), ANSWERS)
def test_response_fits_its_schema(name: str, response: Any, openapi: OpenApi) -> None:
    assert openapi.faults({"$ref": f"#/components/schemas/{name}"}, response) == []
    assert set(response) == set(openapi.content["components"]["schemas"][name]["properties"])
