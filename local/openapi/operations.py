"""One operation of the document: what a function's `Endpoint` says of it, and the edge enforces."""

import importlib
import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from latchhook.edge.endpoint import Description, Endpoint, QueryParameter
from latchhook.edge.request import MAX_PAGE
from latchhook.permissions.scopes import OPERATOR_SCOPES
from local.declared_functions import DeclaredFunction
from local.openapi.examples import EXAMPLES, Example
from local.openapi.problems import response_name
from local.openapi.schemas import NamedSchemas
from local.openapi.wording import readable

SESSION_TOKEN = "sessionToken"  # noqa: S105 - a name
API_KEY = "apiKey"

_GOOD_ANSWERS = {
    200: "Done.",
    201: "Created.",
    202: "Accepted.",
    204: "Done; there is nothing to say.",
}


def operation(function: DeclaredFunction, schemas: NamedSchemas) -> dict[str, Any]:
    """The operation object of a function that has a route."""
    module = importlib.import_module(function.module)
    endpoint = _endpoint(module)
    tag = function.module.partition(".")[0].replace("_", " ").capitalize().replace("Api", "API")
    shared = {"operationId": function.logical_id, "tags": [tag]}
    if endpoint is None:
        return shared | _public(module)
    description = endpoint.description
    example = EXAMPLES[function.logical_id]
    described: dict[str, Any] = {
        **shared,
        "summary": readable(endpoint.__doc__).removesuffix("."),
        "description": f"{readable(module.__doc__)}\n\n{_needs(description)}",
        "security": _security(description),
        "x-required-scope": description.scope,
        "parameters": _parameters(function, description),
    }
    if description.body is not None:
        described["requestBody"] = _request_body(_body_model(description), example, schemas)
    described["responses"] = {
        str(description.status): _good_answer(description, example, schemas),
        **_refusals(_refused_with(description)),
    }
    return described


def _endpoint(module: ModuleType) -> Endpoint[Any] | None:
    return next((value for value in vars(module).values() if isinstance(value, Endpoint)), None)


def _public(module: ModuleType) -> dict[str, Any]:
    """The one operation without a caller: this document."""
    schema = {"type": "object", "required": ["openapi", "info", "paths"]}
    example = {"openapi": "3.1.0", "info": {"title": "Latchhook", "version": "0.1.0"}, "paths": {}}
    return {
        "summary": "Get this document",
        "description": readable(module.__doc__),
        "security": [],
        "parameters": [],
        "responses": {
            "200": {
                "description": _GOOD_ANSWERS[200],
                "content": {"application/json": {"schema": schema, "example": example}},
            },
            **_refusals([500]),
        },
    }


def _needs(description: Description) -> str:
    whose = " Only the operator holds it." if description.scope in OPERATOR_SCOPES else ""
    session = " It takes session tokens only, no API keys." if description.credentials == "session" else ""
    return f"The caller needs the scope `{description.scope}`.{whose}{session}"


def _security(description: Description) -> list[dict[str, list[str]]]:
    """Either credential is enough; the scope stands where OpenAPI 3.1 lets any scheme name what it must grant."""
    schemes = [SESSION_TOKEN] if description.credentials == "session" else [SESSION_TOKEN, API_KEY]
    return [{scheme: [description.scope]} for scheme in schemes]


def _parameters(function: DeclaredFunction, description: Description) -> list[dict[str, Any]]:
    """What many operations take by reference, and what this one alone does."""
    names = re.findall(r"{(\w+)}", function.route.path) if function.route else []
    if description.account_wide:
        names.append("account")
    if description.paged:
        names += ["limit", "cursor"]
    own = [_query_parameter(parameter) for parameter in description.query]
    return [*({"$ref": f"#/components/parameters/{name}"} for name in names), *own]


def _query_parameter(parameter: QueryParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": dict(parameter.schema),
        "example": parameter.example,
    }


def parameters() -> dict[str, Any]:
    """The parameters that operations refer to."""
    return {
        "id": {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "The thing's id.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        },
        "account": {
            "name": "X-Account-Id",
            "in": "header",
            "description": "The account to act for, where the caller may act for several: advisors for their clients.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 64},
            "example": "acme",
        },
        "limit": {
            "name": "limit",
            "in": "query",
            "description": "How many at most on this page.",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
            "example": 50,
        },
        "cursor": {
            "name": "cursor",
            "in": "query",
            "description": "The `nextCursor` of the page before; it holds for one list of one account.",
            "schema": {"type": "string"},
            "example": "pQe3xkGmR2xbIjE3Nzc2Mjk2MDAwMDAiXQ",
        },
    }


def _body_model(description: Description) -> Any:
    if isinstance(description.body, type):
        return description.body
    module, _, name = (description.body_schema or "").partition(":")
    return getattr(importlib.import_module(module), name)


def _request_body(model: Any, example: Example, schemas: NamedSchemas) -> dict[str, Any]:
    required = any(field.is_required() for field in model.model_fields.values())
    content = {"schema": schemas.reference(model), "example": example.request}
    return {"required": required, "content": {"application/json": content}}


def _good_answer(description: Description, example: Example, schemas: NamedSchemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": _GOOD_ANSWERS[description.status]}
    if description.status == 201:
        answer["headers"] = {
            "Location": {
                "description": "The path of what was created.",
                "required": True,
                "schema": {"type": "string", "format": "uri-reference"},
            }
        }
    if description.answer is not None:
        examples = {name: {"value": value} for name, value in example.answers.items()}
        answer["content"] = {
            "application/json": {"schema": schemas.reference(description.answer), "examples": examples}
        }
    return answer


def _refused_with(description: Description) -> set[int]:
    """Every status of a refusal: what any endpoint can answer, what bodies and queries bring, and its own."""
    statuses = {400, 401, 403, 500, 503, *description.problems}
    if description.body is not None:
        statuses |= {413, 415, 422}
    if description.paged or description.query:
        statuses.add(422)
    return statuses


def _refusals(statuses: Iterable[int]) -> Mapping[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{response_name(status)}"} for status in sorted(statuses)}
