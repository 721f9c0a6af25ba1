"""A leaked key that GitHub reports is refused, and its account's webhook gets an event, on the deployed product."""

import json
from collections.abc import Iterator

import pytest

from local.deploy import STACK_NAME
from local.receiver import Receiver
from local.stack import RunningStack
from tests.github import Github, found
from tests.journeys.product import admin, eventually, holder, new_account, nobody

PATH = "/leaked-keys/github"


@pytest.fixture
def github(stack: RunningStack) -> Iterator[Github]:
    """Run a GitHub whose keys the deployed function fetches during the test."""
    functions = stack.client("lambda")
    resources = stack.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    (name,) = [each["PhysicalResourceId"] for each in resources if each["LogicalResourceId"] == "ReportGithubLeaks"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    with Github() as running:
        variables = before | {"SECRET_SCANNING_KEYS_URL": running.keys_url}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        yield running
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def test_leaked_key_is_refused_and_its_account_notified(
    stack: RunningStack, github: Github, receiver: Receiver
) -> None:
    owner = admin(stack, new_account())
    hook = owner.call("POST", "/webhooks", {"url": receiver.url("/leaks"), "events": ["api_key.exposed"]}, status=201)
    made = owner.call("POST", "/api-keys", {"name": "Leaked", "scopes": ["api-keys:read"]}, status=201)
    holder(stack, made["key"]).call("GET", "/api-keys")
    content = json.dumps([found(made["key"])]).encode()

    forged = nobody(stack).send_request("POST", PATH, raw=content + b" ", headers=github.signature_headers(content))
    assert forged.status_code == 401
    holder(stack, made["key"]).call("GET", "/api-keys")

    for _ in range(2):
        response = nobody(stack).send_request("POST", PATH, raw=content, headers=github.signature_headers(content))
        assert response.status_code == 200, response.text
        assert [each["label"] for each in response.json()] == ["true_positive"]
    assert holder(stack, made["key"]).send_request("GET", "/api-keys").status_code == 401
    (request,) = eventually(receiver.requests, bool)
    event = json.loads(request.body)
    assert (event["event"], event["entity"]["id"]) == ("api_key.exposed", made["id"])
    assert event["entity"]["exposure"]["url"] == found("")["url"]
    assert hook["id"] == request.headers["x-latchhook-webhook-id"]
