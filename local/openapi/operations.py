"""The operation objects of openapi.json, made from the descriptions of the functions' endpoints."""

import importlib
import re
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from latchhook.edge.authentication import ACCOUNT_HEADER, ACTING_USER_HEADER, Credentials
from latchhook.edge.endpoint import Description, Endpoint
from latchhook.edge.idempotency import HEADER as IDEMPOTENCY_KEY
from latchhook.edge.idempotency import REPEATED
from latchhook.edge.oauth_endpoint import OAuthEndpoint, PublicEndpoint
from latchhook.edge.request import JSON, MAX_PAGE, MERGE_PATCH
from latchhook.edge.signed_endpoint import KEY_HEADER, SignedEndpoint
from latchhook.idempotency_records import MAX_LENGTH as MAX_IDEMPOTENCY_KEY
from latchhook.identity.caller import ACCOUNT_ID_PATTERN, MAX_USER_ID_LENGTH, USER_ID_PATTERN
from latchhook.permissions.scopes import MAX_SCOPE_LENGTH, MEMBER_SCOPES, OPERATOR_SCOPES, SCOPE_PATTERN
from latchhook.webhooks.event_names import MAX_LENGTH as MAX_EVENT_NAME
from latchhook.webhooks.event_names import NAME_PATTERN
from local.declared_functions import DeclaredFunction, Route
from local.openapi.example import Example
from local.openapi.examples import EXAMPLES
from local.openapi.oauth import oauth_operation
from local.openapi.parts import GOOD_ANSWERS, code_list, query_parameter, refusals
from local.openapi.problem_codes import OF_PUBLIC, OF_SIGNED, by_status, codes_of
from local.openapi.problems import RATE_LIMIT_HEADERS
from local.openapi.schemas import NamedSchemas

SESSION_TOKEN = "sessionToken"  # noqa: S105 - a name
API_KEY = "apiKey"
GITHUB_SIGNATURE = "githubSignature"


def operation(function: DeclaredFunction, schemas: NamedSchemas) -> dict[str, Any]:
    """Return the operation object of a function that has a route."""
    module = importlib.import_module(function.module)
    endpoint = _endpoint(module)
    tag = (
        function.module.partition(".")[0].replace("_", " ").capitalize().replace("Api", "API").replace("Oauth", "OAuth")
    )
    shared = {"operationId": function.logical_id, "tags": [tag]}
    if endpoint is None:
        return shared | _public()
    example = EXAMPLES[function.logical_id]
    if isinstance(endpoint, SignedEndpoint):
        return shared | _signed(endpoint, example, schemas)
    if isinstance(endpoint, OAuthEndpoint | PublicEndpoint):
        return shared | oauth_operation(endpoint.description, example, schemas)
    description = endpoint.description
    described: dict[str, Any] = {
        **shared,
        "summary": description.summary,
        "description": f"{description.description}\n\n{_needs(description)}",
        "security": _security(description),
        **({} if description.scope is None else {"x-required-scope": description.scope}),
        "parameters": _parameters(function, description),
    }
    if description.body is not None:
        described["requestBody"] = _request_body(_body_model(description), function.route, example, schemas)
    codes = codes_of(description)
    described["responses"] = {
        **{
            str(status): _good_response(status, description, example, schemas) for status in _good_statuses(description)
        },
        **refusals(codes),
    }
    return described | code_list(codes)


def _endpoint(module: ModuleType) -> Endpoint[Any] | SignedEndpoint[Any] | OAuthEndpoint | PublicEndpoint | None:
    kinds = (Endpoint, SignedEndpoint, OAuthEndpoint, PublicEndpoint)
    return next((value for value in vars(module).values() if isinstance(value, kinds)), None)


def _signed(endpoint: SignedEndpoint[Any], example: Example, schemas: NamedSchemas) -> dict[str, Any]:
    """Return an operation whose caller signs the body. The bodies of request and response are arrays."""
    description = endpoint.description
    codes = by_status(OF_SIGNED)
    sent = {"type": "array", "items": schemas.reference(_model(description.item_schema))}
    answered = {"type": "array", "items": schemas.reference(description.answer_item)}
    examples = {name: {"value": value} for name, value in example.responses.items()}
    return {
        "summary": description.summary,
        "description": description.description,
        "security": [{GITHUB_SIGNATURE: []}],
        "parameters": [{"$ref": "#/components/parameters/signatureKey"}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": sent, "example": example.request}},
        },
        "responses": {
            "200": {
                "description": GOOD_ANSWERS[200],
                "content": {"application/json": {"schema": answered, "examples": examples}},
            },
            **refusals(codes),
        },
        **code_list(codes),
    }


def _public() -> dict[str, Any]:
    """Return the only operation without authentication: the download of this document."""
    codes = by_status(OF_PUBLIC)
    schema = {"type": "object", "required": ["openapi", "info", "paths"]}
    example = {"openapi": "3.1.0", "info": {"title": "Latchhook", "version": "0.1.0"}, "paths": {}}
    return {
        "summary": "Get this document",
        "description": (
            "Returns the OpenAPI 3.1 description of this API. The response is compressed with gzip if the request "
            "accepts it, and is 304 if `If-None-Match` names the current version."
        ),
        "security": [],
        "parameters": [],
        "responses": {
            "200": {
                "description": GOOD_ANSWERS[200],
                "content": {"application/json": {"schema": schema, "example": example}},
            },
            "304": {"description": "`If-None-Match` names this version."},
            **refusals(codes),
        },
        **code_list(codes),
    }


_TAKES = {
    "any": "",
    "session": " API keys are not accepted.",
    "key": " Session tokens are not accepted.",
    "secret": " Session tokens are not accepted.",
    "none": "",
}
_SCHEMES: Mapping[Credentials, Sequence[str]] = {
    "any": [SESSION_TOKEN, API_KEY],
    "session": [SESSION_TOKEN],
    "key": [API_KEY],
    "secret": [API_KEY],
    "none": [],
}


def _needs(description: Description) -> str:
    if description.credentials == "none":
        return "The caller needs no credentials."
    whose = ", which only the operator has" if description.scope in OPERATOR_SCOPES else ""
    whose = ", which only admins and the operator have" if description.scope in MEMBER_SCOPES else whose
    scope = "no scope" if description.scope is None else f"the scope `{description.scope}`"
    return f"The caller needs {scope}{whose}.{_TAKES[description.credentials]}"


def _security(description: Description) -> list[dict[str, list[str]]]:
    """Return the accepted credentials, each with the scope: OpenAPI 3.1 allows scopes for every scheme."""
    scopes = [] if description.scope is None else [description.scope]
    return [{scheme: scopes} for scheme in _SCHEMES[description.credentials]]


def _parameters(function: DeclaredFunction, description: Description) -> list[dict[str, Any]]:
    """Return references to shared parameters, and the operation's own query parameters."""
    path = function.route.path if function.route else ""
    names = ["scopeName" if path.startswith("/scopes/") else name for name in re.findall(r"{(\w+)}", path)]
    if description.account_wide:
        names += ["account", "actingUser"] if description.credentials in ("any", "session") else ["account"]
    if description.takes_idempotency_key:
        names.append("idempotencyKey")
    if description.paged:
        names += ["limit", "cursor"]
    own = [query_parameter(parameter) for parameter in description.query]
    return [*({"$ref": f"#/components/parameters/{name}"} for name in names), *own]


def parameters() -> dict[str, Any]:
    """Return the parameters that several operations share."""
    return {
        "id": {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "The id of the API key, permission profile or webhook.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        },
        "deliveryId": {
            "name": "deliveryId",
            "in": "path",
            "required": True,
            "description": "The delivery's id, which all its attempts send as the `webhook-id` header.",
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
            "description": "The name of the event type.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_EVENT_NAME, "pattern": NAME_PATTERN},
            "example": "ticket.resolved",
        },
        "accountId": {
            "name": "accountId",
            "in": "path",
            "required": True,
            "description": "The account's id.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": ACCOUNT_ID_PATTERN},
            "example": "acme",
        },
        "scopeName": {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "The scope.",
            "schema": {"type": "string", "minLength": 3, "maxLength": MAX_SCOPE_LENGTH, "pattern": SCOPE_PATTERN},
            "example": "reports:read",
        },
        "userId": {
            "name": "userId",
            "in": "path",
            "required": True,
            "description": "The user's id at the identity provider, percent-encoded.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_USER_ID_LENGTH, "pattern": USER_ID_PATTERN},
            "example": "auth0|64f0c2a1",
        },
        "account": {
            "name": ACCOUNT_HEADER,
            "in": "header",
            "description": (
                "The account that the request is for. Advisors choose one of their clients. The operator chooses any"
                " account with a service token, or with a key that has the scope `accounts:manage`."
            ),
            "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": ACCOUNT_ID_PATTERN},
        },
        "actingUser": {
            "name": ACTING_USER_HEADER,
            "in": "header",
            "description": (
                "The user for whom the operator acts. It is recorded in the audit log and becomes the `userId` of new"
                " objects. Read only if the operator chooses an account with `X-Account-Id`."
            ),
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_USER_ID_LENGTH, "pattern": USER_ID_PATTERN},
        },
        "idempotencyKey": {
            "name": IDEMPOTENCY_KEY,
            "in": "header",
            "description": (
                "A unique text that the caller chooses for this request. If the response is lost, repeat the same"
                " request with the same key within 24 hours: it has no second effect. The response to a repeated"
                " request contains no secret."
            ),
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_IDEMPOTENCY_KEY,
                "pattern": "^[\\x20-\\x7e]+$",
            },
        },
        "signatureKey": {
            "name": KEY_HEADER,
            "in": "header",
            "required": True,
            "description": "The id of the published GitHub key that verifies the signature.",
            "schema": {"type": "string"},
            "example": "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c",
        },
        "limit": {
            "name": "limit",
            "in": "query",
            "description": "The maximum number of items on the page.",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
            "example": 50,
        },
        "cursor": {
            "name": "cursor",
            "in": "query",
            "description": "The `nextCursor` of the previous page. A cursor is valid for one list of one account.",
            "schema": {"type": "string", "minLength": 1},
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
    response: dict[str, Any] = {"description": GOOD_ANSWERS[status]}
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
            "description": "The URL of the new object, relative to the path of the request.",
            "required": True,
            "schema": {"type": "string", "format": "uri-reference"},
        }
    if description.takes_idempotency_key:
        (name,) = REPEATED
        headers[name.title()] = {
            "description": f"`true` if an earlier request with the same `{IDEMPOTENCY_KEY}` had the effect.",
            "schema": {"type": "string", "const": REPEATED[name]},
        }
    if API_KEY in _SCHEMES[description.credentials]:
        headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_LIMIT_HEADERS}
    return headers
