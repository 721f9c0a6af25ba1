"""Every route has a complete description."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from latchhook.edge.problems import TITLES
from local.declared_functions import DeclaredFunction, Route, declared_functions
from tests.openapi.conftest import OpenApi, Operation, checked_in

ROUTED = [function for function in declared_functions() if function.route is not None]
OPERATIONS = checked_in().operations
OF_CLIENTS = {"CreateToken", "RevokeToken", "IntrospectToken"}
"""Their bodies are forms of OAuth clients."""
OF_BROWSERS = {"Authorize", "GetAuthorizationServerMetadata", "GetProtectedResourceMetadata"}
"""Anybody can call these operations of the OAuth protocol."""
CONSENT = ("/oauth/consent-screen", "/oauth/consents")

each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: operation.content["operationId"]
)


@pytest.mark.parametrize("function", ROUTED, ids=lambda function: function.logical_id)
def test_route_is_described_under_its_functions_name(function: DeclaredFunction) -> None:
    described = {Route(operation.method, operation.path): operation.content["operationId"] for operation in OPERATIONS}
    assert function.route is not None
    assert described.get(function.route) == function.logical_id


def test_only_routes_are_described() -> None:
    assert len(OPERATIONS) == len(ROUTED)


@each_operation
def test_operation_has_summary_description_and_tags(operation: Operation, openapi: OpenApi) -> None:
    summary, description = operation.content["summary"], operation.content["description"]
    assert 3 <= len(summary) <= 60
    assert not summary.endswith(".")
    assert len(description) > len(summary) / 2
    assert not re.search(r"document \d|contracts\.md", summary + description)
    assert set(operation.content["tags"]) <= {tag["name"] for tag in openapi.content["tags"]}


@each_operation
def test_operation_names_its_credentials_and_scope(operation: Operation, openapi: OpenApi) -> None:
    name = operation.content["operationId"]
    assert operation.is_public == (name in {"ExchangePortalCode", "GetOpenapi", *OF_BROWSERS})
    assert operation.is_signed == (operation.content["operationId"] == "ReportGithubLeaks")
    assert operation.schemes <= set(openapi.content["components"]["securitySchemes"])
    if operation.is_public or operation.is_signed:
        return
    if name in OF_CLIENTS:
        assert operation.content["security"] == [{"clientCredentials": []}, {}]
        return
    assert ("sessionToken" in operation.schemes) == (operation.path != "/api-keys/current")
    assert ("apiKey" in operation.schemes) == (not operation.path.startswith(("/integration/", *CONSENT)))
    scopes = [scopes for alternative in operation.content["security"] for scopes in alternative.values()]
    required = operation.content.get("x-required-scope")
    assert scopes == [[] if required is None else [required]] * len(scopes)
    assert (f"`{required}`" if required else "no scope") in operation.content["description"]


@each_operation
def test_operation_with_api_keys_documents_rate_limit_headers(operation: Operation) -> None:
    told = {"RateLimit", "RateLimit-Policy"}
    for response in operation.responses.values():
        assert told & set(response.get("headers", ())) == (told if "apiKey" in operation.schemes else set())
    # A key can revoke itself at any rate.
    limited = "apiKey" in operation.schemes and operation.content["operationId"] != "RevokeCurrentApiKey"
    assert "429" in operation.refusals or not limited


def test_429_has_retry_after_and_rate_limit_headers(openapi: OpenApi) -> None:
    refusal = openapi.content["components"]["responses"]["TooManyRequests"]
    assert set(refusal["headers"]) == {"Retry-After", "RateLimit", "RateLimit-Policy"}
    codes = set(refusal["content"]["application/problem+json"]["examples"])
    assert codes == {"rate_limited", "usage_exceeded", "account_rate_limited"}


def test_operations_that_return_a_secret_accept_an_idempotency_key(openapi: OpenApi) -> None:
    idempotency_key = {
        operation.content["operationId"]
        for operation in OPERATIONS
        if any(openapi.resolved(each)["name"] == "Idempotency-Key" for each in operation.content["parameters"])
    }
    assert idempotency_key == {
        "CreateApiKey",
        "RotateApiKey",
        "ImportApiKeys",
        "GenerateIntegrationKey",
        "RotateWebhookSettingsSecret",
        "CreateWebhook",
        "RotateWebhookSecret",
        "CreatePermissionProfile",
        "CreateOauthClient",
        "RotateOauthClientSecret",
        "CreatePortalSession",
        "RecoverWebhook",
    }
    for operation in OPERATIONS:
        for response in operation.responses.values():
            replayed = "Idempotency-Replayed" in response.get("headers", ())
            assert replayed == (operation.content["operationId"] in idempotency_key)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.method == "PATCH"])
def test_patch_accepts_both_media_types(operation: Operation) -> None:
    content = operation.content["requestBody"]["content"]
    assert set(content) == {"application/json", "application/merge-patch+json"}
    assert content["application/json"] == content["application/merge-patch+json"]


@each_operation
def test_operation_describes_every_path_parameter(operation: Operation, openapi: OpenApi) -> None:
    parameters = [openapi.resolved(parameter) for parameter in operation.content["parameters"]]
    in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", operation.path))
    assert all(parameter["description"] and parameter["schema"] for parameter in parameters)


@each_operation
def test_request_body_has_a_named_schema(operation: Operation, openapi: OpenApi) -> None:
    if operation.method in {"PUT", "PATCH"}:
        assert "requestBody" in operation.content
    if "requestBody" in operation.content:
        (content, *_) = operation.content["requestBody"]["content"].values()
        schema = openapi.resolved(content["schema"])
        if operation.content["operationId"] in OF_CLIENTS:
            assert schema["required"]  # other fields are ignored (RFC 6749, 3.2)
        elif operation.is_signed:
            assert openapi.resolved(schema["items"])["type"] == "object"
        else:
            assert schema["additionalProperties"] is False


@each_operation
def test_operation_has_one_success_response_with_a_schema(operation: Operation, openapi: OpenApi) -> None:
    responses = dict(operation.responses)
    if operation.method == "PUT" and "201" in responses:
        created = responses.pop("201")
        assert {**created, "description": "", "headers": {}} == {**responses["200"], "description": "", "headers": {}}
        assert "Location" in created["headers"]
    ((status, response),) = responses.items()
    assert response["description"]
    if status in ("204", "303") or operation.content["operationId"] == "RevokeToken":
        assert "content" not in response
        return
    schema = openapi.resolved(response["content"]["application/json"]["schema"])
    if operation.is_signed:
        schema = openapi.resolved(schema["items"])
    assert schema["type"] == "object"
    assert schema["required"]
    if status == "201":
        assert "Location" in response["headers"]


@each_operation
def test_operation_documents_its_errors(operation: Operation, openapi: OpenApi) -> None:
    of_oauth = operation.content["operationId"] in OF_CLIENTS | OF_BROWSERS
    if of_oauth:
        assert {"403", "413", "500", "503"} <= set(operation.refusals)
        return
    wanted = {"422", "500"}
    if not operation.is_public:
        wanted |= {"400", "401", "503"}
    if not operation.is_public and not operation.is_signed:
        wanted |= {"403"}
    if "requestBody" in operation.content:
        wanted |= {"413", "415"}
    if "{id}" in operation.path:
        wanted |= {"404"}
    assert wanted <= set(operation.refusals)
    for status, refusal in operation.refusals.items():
        assert int(status) in TITLES
        content = openapi.resolved(refusal)["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert {example["value"]["status"] for example in content["examples"].values()} == {int(status)}


def test_fields_of_requests_and_responses_are_typed(openapi: OpenApi) -> None:
    untyped = [
        f"{name}.{field}"
        for name, schema in openapi.content["components"]["schemas"].items()
        for field, content in schema.get("properties", {}).items()
        if not {"type", "$ref", "anyOf", "enum"} & set(content)
    ]
    assert untyped == []


def test_every_component_is_used(openapi: OpenApi) -> None:
    text = str(openapi.content)
    components = openapi.content["components"]
    names = [(kind, name) for kind in ("parameters", "headers", "responses", "schemas") for name in components[kind]]
    assert [name for kind, name in names if f"'#/components/{kind}/{name}'" not in text] == []


def test_codes_are_one_enum_that_problem_documents_refer_to(openapi: OpenApi) -> None:
    schemas = openapi.content["components"]["schemas"]
    assert schemas["Problem"]["properties"]["code"] == {"$ref": "#/components/schemas/ProblemCode"}
    codes = schemas["ProblemCode"]["enum"]
    assert {"not_found", "invalid_fields", "method_not_allowed", "no_such_route", "webhook_not_active"} <= set(codes)
    assert codes == sorted(set(codes))
    listed = {code for operation in OPERATIONS for code in operation.content["x-problem-codes"]}
    assert set(codes) - listed == {"method_not_allowed", "no_such_route", "no_such_file"}


@each_operation
def test_refusal_names_its_codes(operation: Operation, openapi: OpenApi) -> None:
    named = [code for refusal in operation.refusals.values() for code in re.findall(r"`(\w+)`", refusal["description"])]
    assert named == operation.content["x-problem-codes"]


def test_required_scopes_are_a_named_schema_that_refers_to_itself(openapi: OpenApi) -> None:
    schemas = openapi.content["components"]["schemas"]
    assert schemas["VerifyKeyBody"]["properties"]["requiredScopes"]["$ref"] == "#/components/schemas/RequiredScopes"
    good: list[Any] = [["orders:read"], "orders:read", {"or": ["orders:read", {"not": "orders:write"}]}]
    bad: list[Any] = [{"or": []}, {"and": ["orders:read"], "or": ["orders:read"]}, ["Orders"], 7]
    for value in good:
        assert openapi.faults(schemas["RequiredScopes"], value) == []
    for value in bad:
        assert openapi.faults(schemas["RequiredScopes"], value) != []


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _schemas(inner)


def test_no_body_field_has_a_default_and_every_array_has_items(openapi: OpenApi) -> None:
    """Generators make a field with a default a required field, and drop operations with untyped arrays."""
    for name, component in openapi.content["components"]["schemas"].items():
        for schema in _schemas(component):
            assert not isinstance(schema.get("default"), str | int | float | bool), name
            if schema.get("type") == "array":
                assert "items" in schema, name


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("CreateKeyBody", "name"),
        ("CreateKeyBody", "description"),
        ("PublishEventBody", "accountId"),
        ("PublishEventBody", "event"),
        ("PublishEventBody", "id"),
        ("CreateWebhookBody", "url"),
        ("TestDeliveryBody", "event"),
        ("CreateProfileBody", "name"),
    ],
)
def test_text_that_is_validated_has_a_pattern(model: str, field: str, openapi: OpenApi) -> None:
    assert "pattern" in openapi.content["components"]["schemas"][model]["properties"][field]


def test_items_that_are_validated_have_a_pattern(openapi: OpenApi) -> None:
    schemas = openapi.content["components"]["schemas"]
    for model, field in (
        ("CreateKeyBody", "scopes"),
        ("CreateKeyBody", "ipAllowList"),
        ("CreateWebhookBody", "events"),
    ):
        assert "pattern" in schemas[model]["properties"][field]["items"]
