"""POST /portal-sessions/exchange."""

import pytest
from botocore.exceptions import ClientError

from tests.functions.callers import (
    operator,
)
from tests.functions.calls import call
from tests.functions.conftest import Fail
from tests.functions.portal_sessions.portal import code_in, create, exchange, later

GONE = ClientError({"Error": {"Code": "InternalServerError", "Message": "gone"}}, "UpdateItem")


def test_code_works_once() -> None:
    code = code_in(create())
    assert exchange(code).status == 200
    assert (exchange(code).status, exchange(code).body["code"]) == (401, "portal_code_invalid")


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 401)])
def test_code_works_for_a_minute(seconds: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_in(create())
    later(monkeypatch, seconds)
    assert exchange(code).status == status


def test_code_of_a_deleted_session_is_refused() -> None:
    created = create()
    assert call("delete_portal_session", operator(), object_id=created.body["id"]).status == 204
    assert exchange(code_in(created)).status == 401


@pytest.mark.parametrize("code", ["", "x", "lhpc_" + "a" * 60, "é" * 65])
def test_text_that_cannot_be_a_code_costs_no_call(code: str, fail_operation: Fail) -> None:
    with fail_operation("dynamodb", "UpdateItem", GONE):
        response = exchange(code)
    assert (response.status, response.body["code"]) == (401, "portal_code_invalid")


def test_outage_during_the_exchange_is_503_and_the_code_still_works(fail_operation: Fail) -> None:
    code = code_in(create())
    with fail_operation("dynamodb", "UpdateItem", GONE):
        assert exchange(code).status == 503
    assert exchange(code).status == 200
