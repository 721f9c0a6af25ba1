"""Requests that schemathesis generates from openapi.json get the answers that openapi.json describes."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.functions.callers import admin, operator
from tests.functions.wsgi import application

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 4
"""Requests of each kind for each operation. Every run has the same: Hypothesis gets no randomness and no database."""

OF_OAUTH = {
    "/oauth/authorize", "/oauth/token", "/oauth/revoke", "/oauth/introspect",
    "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource",
}  # fmt: skip
"""They have no parameters, or only texts, and ignore unknown ones. No generated request is invalid by its schema."""

SIGNED_BY_GITHUB = "/leaked-keys/github"


def operations() -> Iterator[Any]:
    """Every operation, as it is served."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", application)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path != SIGNED_BY_GITHUB:
            yield operation


def check_operation(operation: Any, mode: Any) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        caller = operator() if operation.path.startswith(("/events", "/event-types")) else admin()
        case.call_and_validate(headers=caller, checks=CHECKS)

    check()


@pytest.mark.timeout(1200)
def test_valid_requests_get_documented_answers() -> None:
    for operation in operations():
        check_operation(operation, schemathesis.GenerationMode.POSITIVE)


@pytest.mark.timeout(1200)
def test_invalid_requests_get_documented_answers() -> None:
    for operation in operations():
        if operation.path not in OF_OAUTH:
            check_operation(operation, schemathesis.GenerationMode.NEGATIVE)
