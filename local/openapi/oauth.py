"""The operation objects of the OAuth protocol: forms of clients, and pages without credentials."""

from typing import Any

from latchhook.edge.oauth_endpoint import FORM, OAuthDescription
from local.openapi.example import Example
from local.openapi.parts import GOOD_ANSWERS, code_list, query_parameter, refusals
from local.openapi.problem_codes import OF_OAUTH, by_status
from local.openapi.schemas import NamedSchemas

CLIENT_CREDENTIALS = "clientCredentials"

_ERROR_SCHEMA = {
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}
_ERROR_EXAMPLE = {"error": "invalid_grant", "error_description": "The refresh token is not valid."}


def oauth_operation(description: OAuthDescription, example: Example, schemas: NamedSchemas) -> dict[str, Any]:
    """Return the operation object without its id and tag."""
    codes = by_status(OF_OAUTH)
    good: dict[str, Any] = {"description": GOOD_ANSWERS[description.status]}
    if description.status == 303:
        good["headers"] = {"Location": {"required": True, "schema": {"type": "string", "format": "uri"}}}
    if description.response is not None:
        examples = {name: {"value": value} for name, value in example.responses.items()}
        schema = schemas.reference(description.response)
        good["content"] = {"application/json": {"schema": schema, "examples": examples}}
    operation: dict[str, Any] = {
        "summary": description.summary,
        "description": description.description,
        "security": [] if description.form_schema is None else [{CLIENT_CREDENTIALS: []}, {}],
        "parameters": [query_parameter(parameter) for parameter in description.query],
    }
    if description.form_schema is not None:
        form = {"schema": schemas.reference(description.form_schema), "example": example.request}
        operation["requestBody"] = {"required": True, "content": {FORM: form}}
    operation["responses"] = {str(description.status): good, **_errors(description), **refusals(codes)}
    return operation | code_list(codes)


def _errors(description: OAuthDescription) -> dict[str, Any]:
    """Return the errors of the protocol (RFC 6749, 5.2), or the page for a request that cannot be redirected."""
    if description.form_schema is not None:
        content = {"application/json": {"schema": _ERROR_SCHEMA, "example": _ERROR_EXAMPLE}}
        return {
            "400": {"description": "An error of the protocol.", "content": content},
            "401": {"description": "The client's credentials are not valid.", "content": content},
            "429": {"description": "The client has too many valid tokens.", "content": content},
        }
    if description.status == 303:
        page = {"text/html": {"schema": {"type": "string"}}}
        return {"400": {"description": "A page: the client or the redirect URI is unknown.", "content": page}}
    return {}
