"""Makes the HTTP API's routes, which the emulator leaves out.

SAM writes them as an OpenAPI document into the API's `Body`; AWS makes routes from it, the emulator none.
"""

import re
from collections.abc import Mapping
from typing import Any

from local.deploy import STACK_NAME, processed_template
from local.emulator import client
from local.errors import LocalStackError

FUNCTION_IN_URI = re.compile(r"functions/\$\{(\w+)\.Arn\}/invocations")


def make_routes(endpoint_url: str, stack_name: str = STACK_NAME) -> int:
    """Make every route of a deployed stack's one HTTP API that isn't there yet; how many it has then."""
    resources: dict[str, Any] = processed_template(endpoint_url, stack_name)["Resources"]
    (api_name, api), *others = (
        (name, one) for name, one in resources.items() if one["Type"] == "AWS::ApiGatewayV2::Api"
    )
    if others:
        raise LocalStackError("The template has more than one HTTP API; local/routes.py makes routes for one.")
    gateway = client("apigatewayv2", endpoint_url)
    physical_ids = _physical_ids(endpoint_url, stack_name)
    arns = _function_arns(endpoint_url, physical_ids)
    api_id = physical_ids[api_name]
    existing = {route["RouteKey"] for route in gateway.get_routes(ApiId=api_id)["Items"]}
    wanted = routes_of(api["Properties"]["Body"])
    for route_key, function_name in wanted.items():
        if route_key not in existing:
            integration = gateway.create_integration(
                ApiId=api_id,
                IntegrationType="AWS_PROXY",
                IntegrationUri=arns[function_name],
                PayloadFormatVersion="2.0",
            )
            gateway.create_route(
                ApiId=api_id, RouteKey=route_key, Target=f"integrations/{integration['IntegrationId']}"
            )
    return len(wanted)


def routes_of(openapi: dict[str, Any]) -> dict[str, str]:
    """Route key → logical id of its function."""
    routes = {}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            route_key = "$default" if path == "$default" else f"{_method(method)} {path}"
            if "security" in operation:
                raise LocalStackError(f"{route_key} has an authorizer; local/routes.py makes routes without.")
            match = FUNCTION_IN_URI.search(operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"])
            if match is None:
                raise LocalStackError(f"{route_key} isn't answered by a function of the stack.")
            routes[route_key] = match[1]
    return routes


def _method(name: str) -> str:
    return "ANY" if name == "x-amazon-apigateway-any-method" else name.upper()


def _physical_ids(endpoint_url: str, stack_name: str) -> dict[str, str]:
    resources = client("cloudformation", endpoint_url).describe_stack_resources(StackName=stack_name)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources["StackResources"]}


def _function_arns(endpoint_url: str, physical_ids: Mapping[str, str]) -> dict[str, str]:
    """Logical id → ARN of every function of the stack."""
    pages = client("lambda", endpoint_url).get_paginator("list_functions").paginate()
    by_name = {one["FunctionName"]: one["FunctionArn"] for page in pages for one in page["Functions"]}
    return {name: by_name[id_] for name, id_ in physical_ids.items() if id_ in by_name}
