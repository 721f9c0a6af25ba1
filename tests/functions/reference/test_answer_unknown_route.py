"""Any path and method that no other function answers."""

from tests.functions.callers import admin
from tests.functions.calls import call


def test_unknown_route_is_a_problem_document_too() -> None:
    answer = call("answer_unknown_route")
    assert (answer.status, answer.code) == (404, "no_such_route")
    assert answer.body["requestId"]


def test_answer_is_the_same_whoever_asks() -> None:
    asked_by_admin = call("answer_unknown_route", admin())
    assert asked_by_admin.without_request_id == call("answer_unknown_route").without_request_id
