"""Makes an HTTP API's routes and their authorizers, which the emulator does not make.

SAM writes the routes as an OpenAPI document into the API's `Body`. AWS makes routes from it, but the emulator does not.
It does make the methods and authorizers of REST APIs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.deploy import STACK_NAME, processed_template
from local.emulator import REGION, EmulatedAccount
from local.errors import LocalStackError

FUNCTION_IN_URI = re.compile(r"functions/\$\{(\w+)\.Arn\}/invocations")
INVOCATIONS = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{{}}/invocations"


@dataclass(frozen=True)
class Route:
    """The logical id of a route's function and the name of its authorizer."""

    function: str
    authorizer: str | None = None


def make_routes(account: EmulatedAccount, stack_name: str = STACK_NAME) -> int:
    """Make the missing routes of a deployed stack's single HTTP API, with their authorizers.

    Return the total number of routes.
    """
    resources: dict[str, Any] = processed_template(account, stack_name)["Resources"]
    (api_name, api), *others = (
        (name, one) for name, one in resources.items() if one["Type"] == "AWS::ApiGatewayV2::Api"
    )
    if others:
        raise LocalStackError("The template has more than one HTTP API. local/routes.py supports one.")
    gateway = account.client("apigatewayv2")
    physical_ids = _physical_ids(account, stack_name)
    arns = _function_arns(account, physical_ids)
    api_id = physical_ids[api_name]
    existing = {route["RouteKey"] for route in gateway.get_routes(ApiId=api_id)["Items"]}
    body = api["Properties"]["Body"]
    wanted = routes_of(body)
    authorizer_ids = _make_authorizers(gateway, api_id, body, {**_parameters(account, stack_name), **arns})
    for route_key, route in wanted.items():
        if route_key not in existing:
            integration = gateway.create_integration(
                ApiId=api_id,
                IntegrationType="AWS_PROXY",
                IntegrationUri=arns[route.function],
                PayloadFormatVersion="2.0",
            )
            authorization = (
                {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer_ids[route.authorizer]}
                if route.authorizer
                else {}
            )
            gateway.create_route(
                ApiId=api_id,
                RouteKey=route_key,
                Target=f"integrations/{integration['IntegrationId']}",
                **authorization,
            )
    return len(wanted)


def routes_of(openapi: dict[str, Any]) -> dict[str, Route]:
    """Return the routes by route key."""
    routes = {}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            route_key = "$default" if path == "$default" else f"{_method(method)} {path}"
            match = FUNCTION_IN_URI.search(operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"])
            if match is None:
                raise LocalStackError(f"{route_key} has no function of the stack as its integration.")
            asked = [name for requirement in operation.get("security", []) for name in requirement if name != "NONE"]
            if asked and asked[0] not in authorizers_of(openapi):
                raise LocalStackError(f"{route_key} has the authorizer {asked[0]}, which is not a function.")
            routes[route_key] = Route(match[1], asked[0] if asked else None)
    return routes


def authorizers_of(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the definition of every authorizer that is a function, by name."""
    schemes = openapi.get("components", {}).get("securitySchemes", {})
    definitions = {name: scheme.get("x-amazon-apigateway-authorizer", {}) for name, scheme in schemes.items()}
    return {name: one for name, one in definitions.items() if one.get("type") == "request"}


def _make_authorizers(gateway: Any, api_id: str, body: dict[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    """Make the missing authorizers and return all ids by name.

    `known` has the stack's parameter values and function ARNs.
    """
    ids = {one["Name"]: one["AuthorizerId"] for one in gateway.get_authorizers(ApiId=api_id)["Items"]}
    for name, definition in authorizers_of(body).items():
        if name not in ids:
            _, variables = definition["authorizerUri"]["Fn::Sub"]
            made = gateway.create_authorizer(
                ApiId=api_id,
                Name=name,
                AuthorizerType="REQUEST",
                AuthorizerUri=INVOCATIONS.format(_value(variables["__FunctionArn__"], known)),
                IdentitySource=definition.get("identitySource", []),
                AuthorizerPayloadFormatVersion=str(definition["authorizerPayloadFormatVersion"]),
                EnableSimpleResponses=definition.get("enableSimpleResponses", False),
                AuthorizerResultTtlInSeconds=definition.get("authorizerResultTtlInSeconds", 0),
            )
            ids[name] = made["AuthorizerId"]
    return ids


def _value(value: Any, known: Mapping[str, str]) -> str:
    match value:
        case str():
            return value
        case {"Ref": name} | {"Fn::GetAtt": [name, "Arn"]} if name in known:
            return known[name]
    raise LocalStackError(
        f"The function {value} cannot be resolved. local/routes.py knows parameters and functions only."
    )


def _method(name: str) -> str:
    return "ANY" if name == "x-amazon-apigateway-any-method" else name.upper()


def _parameters(account: EmulatedAccount, stack_name: str) -> dict[str, str]:
    (stack,) = account.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}


def _physical_ids(account: EmulatedAccount, stack_name: str) -> dict[str, str]:
    resources = account.client("cloudformation").describe_stack_resources(StackName=stack_name)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources["StackResources"]}


def _function_arns(account: EmulatedAccount, physical_ids: Mapping[str, str]) -> dict[str, str]:
    """Return the ARN of every function of the stack, by logical id."""
    pages = account.client("lambda").get_paginator("list_functions").paginate()
    by_name = {one["FunctionName"]: one["FunctionArn"] for page in pages for one in page["Functions"]}
    return {name: by_name[id_] for name, id_ in physical_ids.items() if id_ in by_name}
