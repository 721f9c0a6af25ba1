"""GET /openapi.json."""

import json

import pytest

from tests.functions.calls import ROOT, call


def test_document_is_served_as_it_was_built_to_anybody() -> None:
    answer = call("get_openapi")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.body == json.loads((ROOT / "functions/reference/openapi.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["version", "limit"])
def test_unknown_query_parameter_is_422(name: str) -> None:
    answer = call("get_openapi", query={name: "1"})
    assert (answer.status, answer.pointers) == (422, [f"?{name}"])
