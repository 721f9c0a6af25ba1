"""Parts of operation objects that all kinds of operations share."""

from collections.abc import Mapping, Sequence
from typing import Any

from latchhook.edge.endpoint import QueryParameter
from latchhook.edge.problems import TITLES
from local.openapi.problems import response_name

GOOD_ANSWERS = {
    200: "OK.",
    201: "Created.",
    202: "Accepted.",
    303: "A redirect of the browser.",
    204: "Done. The response has no body.",
}


def query_parameter(parameter: QueryParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": dict(parameter.schema),
        "example": parameter.example,
    }


def refusals(codes: Mapping[int, Sequence[str]]) -> Mapping[str, Any]:
    """Return the shared response of each status, with the codes of this operation."""
    return {
        str(status): {
            "$ref": f"#/components/responses/{response_name(status)}",
            "description": f"{TITLES[status]}: {', '.join(f'`{code}`' for code in names)}.",
        }
        for status, names in codes.items()
    }


def code_list(codes: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """The same for programs."""
    return {"x-problem-codes": [code for names in codes.values() for code in names]}
