"""Corrections for features that the emulator lacks or handles differently from AWS."""

from typing import Any

import pytest

from local.batch_permissions import add_batch_actions
from local.errors import LocalStackError
from local.routes import Route, routes_of


def operation(function: str) -> dict[str, object]:
    arn = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"
    return {"x-amazon-apigateway-integration": {"uri": {"Fn::Sub": arn}}}


def test_every_path_and_method_becomes_a_route() -> None:
    body = {
        "paths": {
            "/api-keys": {"get": operation("ListApiKeys"), "post": operation("CreateApiKey")},
            "/proxy/{path+}": {"x-amazon-apigateway-any-method": operation("Proxy")},
            "$default": {"x-amazon-apigateway-any-method": operation("HandleUnknownRoute")},
        }
    }
    assert routes_of(body) == {
        "GET /api-keys": Route("ListApiKeys"),
        "POST /api-keys": Route("CreateApiKey"),
        "ANY /proxy/{path+}": Route("Proxy"),
        "$default": Route("HandleUnknownRoute"),
    }


def body_behind(scheme: dict[str, object], *asked: str) -> dict[str, Any]:
    """Return a body with one route that requires the scheme `Keys`, or the schemes that `asked` names."""
    security: list[dict[str, list[str]]] = [{name: []} for name in asked or ("Keys",)]
    return {
        "paths": {"/orders": {"get": {**operation("ListOrders"), "security": security}}},
        "components": {"securitySchemes": {"Keys": scheme}},
    }


def test_a_route_keeps_its_authorizer() -> None:
    scheme: dict[str, object] = {"x-amazon-apigateway-authorizer": {"type": "request"}}
    assert routes_of(body_behind(scheme)) == {"GET /orders": Route("ListOrders", "Keys")}
    assert routes_of(body_behind(scheme, "NONE")) == {"GET /orders": Route("ListOrders")}


@pytest.mark.parametrize(
    "scheme",
    [
        {"x-amazon-apigateway-authorizer": {"type": "jwt"}},
        {"x-amazon-apigateway-authtype": "awsSigv4"},
    ],
)
def test_route_with_unsupported_authorizer_is_refused(scheme: dict[str, object]) -> None:
    with pytest.raises(LocalStackError, match="GET /orders has the authorizer Keys"):
        routes_of(body_behind(scheme))


def test_permission_for_one_message_includes_batches() -> None:
    statement = {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"], "Resource": "queue"}
    document: dict[str, Any] = {
        "Statement": [statement, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "key"}]
    }
    assert add_batch_actions(document)
    assert [one["Action"] for one in document["Statement"]] == [
        ["sqs:SendMessage", "sqs:GetQueueUrl", "sqs:SendMessageBatch"],
        ["kms:Decrypt"],
    ]


def test_policy_with_batch_action_is_unchanged() -> None:
    document: dict[str, Any] = {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "queue"}]}
    assert add_batch_actions(document)
    assert not add_batch_actions(document)
    assert document["Statement"][0]["Action"] == ["sqs:SendMessage", "sqs:SendMessageBatch"]


def test_permission_for_one_partiql_insert_includes_batches() -> None:
    statement = {"Effect": "Allow", "Action": ["dynamodb:PartiQLInsert"], "Resource": "table"}
    document: dict[str, Any] = {"Statement": [statement]}
    batch = {"Effect": "Allow", "Action": ["dynamodb:BatchExecuteStatement"], "Resource": "*"}
    assert add_batch_actions(document)
    assert document["Statement"] == [statement, batch]
    assert not add_batch_actions(document)
    assert document["Statement"] == [statement, batch]


def test_policy_without_queues_is_unchanged() -> None:
    assert not add_batch_actions({"Statement": [{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "key"}]})
