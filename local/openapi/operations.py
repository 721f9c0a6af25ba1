"""One operation of the document: what a function's `Endpoint` says of it, and the edge enforces."""

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from latchhook.edge.authentication import Credentials
from latchhook.edge.endpoint import Description, Endpoint, QueryParameter
from latchhook.edge.idempotency import HEADER as IDEMPOTENCY_KEY
from latchhook.edge.idempotency import REPEATED
from latchhook.edge.request import JSON, MAX_PAGE, MERGE_PATCH
from latchhook.edge.signed_endpoint import KEY_HEADER, SignedEndpoint
from latchhook.idempotency_records import MAX_LENGTH as MAX_IDEMPOTENCY_KEY
from latchhook.permissions.scopes import OPERATOR_SCOPES
from latchhook.webhooks.event_names import MAX_LENGTH as MAX_EVENT_NAME
from local.declared_functions import DeclaredFunction, Route
from local.openapi.examples import EXAMPLES, Example
from local.openapi.problems import RATE_LIMIT_HEADERS, response_name
from local.openapi.schemas import NamedSchemas
from local.openapi.wording import readable

SESSION_TOKEN = "sessionToken"  # noqa: S105 - a name
API_KEY = "apiKey"
GITHUB_SIGNATURE = "githubSignature"

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
    example = EXAMPLES[function.logical_id]
    if isinstance(endpoint, SignedEndpoint):
        return shared | _signed(module, endpoint, example, schemas)
    description = endpoint.description
    described: dict[str, Any] = {
        **shared,
        "summary": readable(endpoint.__doc__).removesuffix("."),
        "description": f"{readable(module.__doc__)}\n\n{_needs(description)}",
        "security": _security(description),
        **({} if description.scope is None else {"x-required-scope": description.scope}),
        "parameters": _parameters(function, description),
    }
    if description.body is not None:
        described["requestBody"] = _request_body(_body_model(description), function.route, example, schemas)
    described["responses"] = {
        **{
            str(status): _good_response(status, description, example, schemas) for status in _good_statuses(description)
        },
        **_refusals(_refused_with(description)),
    }
    return described


def _endpoint(module: ModuleType) -> Endpoint[Any] | SignedEndpoint[Any] | None:
    return next((value for value in vars(module).values() if isinstance(value, Endpoint | SignedEndpoint)), None)


def _signed(
    module: ModuleType, endpoint: SignedEndpoint[Any], example: Example, schemas: NamedSchemas
) -> dict[str, Any]:
    """An operation whose caller signs, in a protocol of its own: an array each way."""
    sent = {"type": "array", "items": schemas.reference(_model(endpoint.description.item_schema))}
    answered = {"type": "array", "items": schemas.reference(endpoint.description.answer_item)}
    examples = {name: {"value": value} for name, value in example.responses.items()}
    return {
        "summary": readable(endpoint.__doc__).removesuffix("."),
        "description": readable(module.__doc__),
        "security": [{GITHUB_SIGNATURE: []}],
        "parameters": [{"$ref": "#/components/parameters/signatureKey"}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": sent, "example": example.request}},
        },
        "responses": {
            "200": {
                "description": _GOOD_ANSWERS[200],
                "content": {"application/json": {"schema": answered, "examples": examples}},
            },
            **_refusals([400, 401, 413, 415, 422, 500, 503]),
        },
    }


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
            **_refusals([422, 500]),
        },
    }


_TAKES = {
    "any": "",
    "session": " It takes session tokens only, no API keys.",
    "key": " It takes API keys only, no session tokens.",
    "secret": " It takes API keys only, no session tokens; the key's other settings are not looked at.",
}
_SCHEMES: Mapping[Credentials, Sequence[str]] = {
    "any": [SESSION_TOKEN, API_KEY],
    "session": [SESSION_TOKEN],
    "key": [API_KEY],
    "secret": [API_KEY],
}


def _needs(description: Description) -> str:
    whose = " Only the operator holds it." if description.scope in OPERATOR_SCOPES else ""
    scope = "no scope" if description.scope is None else f"the scope `{description.scope}`"
    return f"The caller needs {scope}.{whose}{_TAKES[description.credentials]}"


def _security(description: Description) -> list[dict[str, list[str]]]:
    """Either credential is enough; the scope stands where OpenAPI 3.1 lets any scheme name what it must grant."""
    scopes = [] if description.scope is None else [description.scope]
    return [{scheme: scopes} for scheme in _SCHEMES[description.credentials]]


def _parameters(function: DeclaredFunction, description: Description) -> list[dict[str, Any]]:
    """What many operations take by reference, and what this one alone does."""
    names = re.findall(r"{(\w+)}", function.route.path) if function.route else []
    if description.account_wide:
        names.append("account")
    if description.takes_idempotency_key:
        names.append("idempotencyKey")
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
        "deliveryId": {
            "name": "deliveryId",
            "in": "path",
            "required": True,
            "description": "The delivery's id: the `webhook-id` header of all its attempts.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "019de2f4-2080-8c5b-9d2e-6f1a7b3c4d5e",
        },
        "recoveryId": {
            "name": "recoveryId",
            "in": "path",
            "required": True,
            "description": "The recovery's id.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "019de2f4-2080-7c5b-9d2e-6f1a7b3c4d5e",
        },
        "name": {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "An event's name.",
            "schema": {"type": "string", "maxLength": MAX_EVENT_NAME},
            "example": "issue.resolved",
        },
        "account": {
            "name": "X-Account-Id",
            "in": "header",
            "description": "The account to act for, where the caller may act for several: advisors for their clients.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 64},
            "example": "acme",
        },
        "idempotencyKey": {
            "name": IDEMPOTENCY_KEY,
            "in": "header",
            "description": (
                "A name that the caller chooses for this request, to send it again when its answer was lost: for 24"
                " hours the same caller's same request is done once. The answer to a repeated one shows no secret."
            ),
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_IDEMPOTENCY_KEY,
                "pattern": "^[\\x20-\\x7e]+$",
            },
            "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
        },
        "signatureKey": {
            "name": KEY_HEADER,
            "in": "header",
            "required": True,
            "description": "Which of GitHub's published keys the signature is made with.",
            "schema": {"type": "string"},
            "example": "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c",
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
    return _model(description.body_schema or "")


def _model(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _request_body(model: Any, route: Route | None, example: Example, schemas: NamedSchemas) -> dict[str, Any]:
    required = any(field.is_required() for field in model.model_fields.values())
    content = {"schema": schemas.reference(model), "example": example.request}
    media_types = [JSON, MERGE_PATCH] if route is not None and route.method == "PATCH" else [JSON]
    return {"required": required, "content": dict.fromkeys(media_types, content)}


def _good_statuses(description: Description) -> Sequence[int]:
    return [description.status, 201] if description.may_create else [description.status]


def _good_response(status: int, description: Description, example: Example, schemas: NamedSchemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": _GOOD_ANSWERS[status]}
    headers = _good_headers(status, description)
    if headers:
        response["headers"] = headers
    if description.response is not None:
        examples = {name: {"value": value} for name, value in example.responses.items()}
        response["content"] = {
            "application/json": {"schema": schemas.reference(description.response), "examples": examples}
        }
    return response


def _good_headers(status: int, description: Description) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if status == 201:
        headers["Location"] = {
            "description": "What was created, relative to the path of the request.",
            "required": True,
            "schema": {"type": "string", "format": "uri-reference"},
        }
    if description.takes_idempotency_key:
        (name,) = REPEATED
        headers[name.title()] = {
            "description": f"`true` where the `{IDEMPOTENCY_KEY}` names a request that was done before.",
            "schema": {"type": "string", "const": REPEATED[name]},
        }
    if API_KEY in _SCHEMES[description.credentials]:
        headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_LIMIT_HEADERS}
    return headers


def _refused_with(description: Description) -> set[int]:
    """Every status of a refusal: what any endpoint can answer, what bodies and queries bring, and its own."""
    statuses = {400, 401, 403, 422, 500, 503, *description.problems}
    if description.credentials in ("any", "key") or description.rate is not None:
        statuses.add(429)
    if description.body is not None:
        statuses |= {413, 415}
    return statuses


def _refusals(statuses: Iterable[int]) -> Mapping[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{response_name(status)}"} for status in sorted(statuses)}
