"""An API key from its creation to its end, on the deployed product."""

import json
from concurrent.futures import ThreadPoolExecutor

from local.stack import RunningStack
from tests.journeys.product import admin, holder, new_account, verdict


def test_key_is_created_used_rotated_and_revoked(stack: RunningStack) -> None:
    account = admin(stack, new_account())
    made = account.call(
        "POST", "/api-keys", {"name": "Warehouse", "scopes": ["orders:read", "api-keys:read"]}, status=201
    )
    assert made["key"].startswith(stack.parameters["ApiKeyPrefix"])
    assert verdict(stack, made["key"], "orders:read") == "VALID"
    assert verdict(stack, made["key"], "orders:write") == "INSUFFICIENT_SCOPE"
    assert verdict(stack, made["key"][:-1] + ("x" if made["key"][-1] != "x" else "y")) == "NOT_FOUND"

    own = holder(stack, made["key"])
    (listed,) = own.call("GET", "/api-keys")["data"]
    assert listed["id"] == made["id"]
    assert "key" not in listed
    shown = account.call("GET", f"/api-keys/{made['id']}")
    assert shown["requestCount"] == 2  # the accepted verification and the list
    assert shown["lastUsedAt"] is not None

    rotated = account.call("POST", f"/api-keys/{made['id']}/rotate", {"gracePeriodSeconds": 0})
    assert rotated["id"] == made["id"]
    assert own.send_request("GET", "/api-keys").status_code == 401
    assert verdict(stack, rotated["key"], "orders:read") == "VALID"

    assert account.send_request("DELETE", f"/api-keys/{made['id']}").status_code == 204
    refused = holder(stack, rotated["key"]).send_request("GET", "/api-keys")
    assert refused.status_code == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["WWW-Authenticate"]
    assert verdict(stack, rotated["key"]) == "REVOKED"


def test_integration_routes_create_list_and_revoke_keys(stack: RunningStack) -> None:
    account = admin(stack, new_account())
    unnamed = account.send_request("POST", "/integration/api-keys/generate")
    assert unnamed.json()["name"] == "API Key"
    named = account.call("POST", "/integration/api-keys/generate", {"name": "Recopart Production"})
    assert set(named) == {"apiKey", "name"}
    listed = account.call("GET", "/integration/api-keys")["keys"]
    assert {key["name"] for key in listed} == {"API Key", "Recopart Production"}
    assert all(named["apiKey"].startswith(key["prefix"][:-4]) for key in listed)
    for key in listed:
        assert account.send_request("DELETE", f"/integration/api-keys/{key['id']}").status_code == 204
    assert account.call("GET", "/integration/api-keys") == {"keys": []}
    assert verdict(stack, named["apiKey"]) == "REVOKED"


def test_revoked_key_is_refused_on_every_connection(stack: RunningStack) -> None:
    account = admin(stack, new_account())
    made = account.call("POST", "/api-keys", {"name": "k", "scopes": ["api-keys:read"]}, status=201)
    own = holder(stack, made["key"])
    assert own.send_request("GET", "/api-keys").status_code == 200
    assert account.send_request("DELETE", f"/api-keys/{made['id']}").status_code == 204
    with ThreadPoolExecutor(8) as threads:
        responses = list(threads.map(lambda _: own.send_request("GET", "/api-keys").status_code, range(24)))
    assert set(responses) == {401}


def test_authorizer_protects_another_api_with_the_same_keys(stack: RunningStack) -> None:
    account = admin(stack, new_account())
    made = account.call("POST", "/api-keys", {"name": "k", "scopes": ["orders:read"]}, status=201)
    functions = stack.client("lambda")

    def authorized(key: str) -> bool:
        query = {"version": "2.0", "type": "REQUEST", "routeArn": "arn", "headers": {"x-api-key": key}}
        response = functions.invoke(
            FunctionName=stack.outputs["AuthorizerFunctionArn"], Payload=json.dumps(query).encode()
        )
        assert "FunctionError" not in response
        return bool(json.load(response["Payload"])["isAuthorized"])

    assert authorized(made["key"])
    account.send_request("DELETE", f"/api-keys/{made['id']}")
    assert not authorized(made["key"])


def test_lists_are_returned_in_pages(stack: RunningStack) -> None:
    account = admin(stack, new_account())
    made = {account.call("POST", "/api-keys", {"name": f"k{at}"}, status=201)["id"] for at in range(3)}
    first = account.call("GET", "/api-keys?limit=2")
    second = account.call("GET", f"/api-keys?limit=2&cursor={first['nextCursor']}")
    assert {key["id"] for key in first["data"] + second["data"]} == made
    assert second["nextCursor"] is None
